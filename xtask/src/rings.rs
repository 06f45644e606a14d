//! `cargo xtask test`: the rings, each on a Redis that is found or installed first.

use std::env;
use std::num::NonZero;
use std::thread;

use crate::cargo::cargo;
use crate::command::run;
use crate::docker::IMAGE_VARIABLE;
use crate::{docker, image, packages, redis, say};

/// One ring and the cargo targets it consists of. A ring of integration tests is the test target of its name, in
/// whichever package: `crates/*/tests/<ring>` or `tests/<ring>`.
struct Ring {
    name: &'static str,
    targets: &'static [&'static str],
    /// Whether it is what shows that parceld works on either kind of Redis.
    on_redis: bool,
}

const RINGS: [Ring; 7] = [
    Ring {
        name: "unit",
        targets: &["--lib", "--bins"],
        on_redis: false,
    },
    Ring {
        name: "tidy",
        targets: &["--test", "tidy"],
        on_redis: false,
    },
    Ring {
        name: "moves",
        targets: &["--test", "moves"],
        on_redis: true,
    },
    Ring {
        name: "flows",
        targets: &["--test", "flows"],
        on_redis: true,
    },
    Ring {
        name: "cli",
        targets: &["--test", "cli"],
        on_redis: false,
    },
    Ring {
        name: CRASH,
        targets: &["--test", "crash"],
        on_redis: false,
    },
    Ring {
        name: "chaos",
        targets: &["--test", "chaos"],
        on_redis: false,
    },
];

/// Whoever sets one of these has chosen the Redis already.
const CHOICES: [&str; 2] = ["PARCELD_TEST_REDIS_URL", WAY];
const WAY: &str = "PARCELD_TEST_REDIS";

/// Tests at once, at the least, in rings whose tests wait more than they work.
const TESTS_AT_ONCE_MIN: usize = 4;

/// How much of the crash matrix is run.
#[derive(Clone, Copy)]
pub(crate) enum Matrix {
    /// Every point of every step once, every blow at every point, and all of the steps that cost money.
    Part,
    /// Every blow at every point of every step.
    Whole,
}

/// The ring that the crash matrix is part of.
const CRASH: &str = "crash";

/// Whether there is a ring of this name.
pub(crate) fn is_known(name: &str) -> bool {
    RINGS.iter().any(|ring| ring.name == name)
}

/// Runs the rings named, or all tests, and the crash matrix with its ring.
pub(crate) fn test(names: &[&str], matrix: Matrix) -> Result<(), String> {
    // Tests that kill their Redis need one of their own, whatever the others run on.
    redis::find_or_install()?;
    // One test of the crash ring builds a network, and says so itself where it cannot.
    if let Err(why) = packages::provide_ip() {
        say(&why);
    }
    test_rings(names)?;
    if names.is_empty() || names.contains(&CRASH) {
        say("the crash matrix runs on a build that can be halted at every point");
        cargo_test_matrix(matrix)?;
    }
    Ok(())
}

/// The rings themselves; where a Docker engine answers, those on Redis once more on a local server.
fn test_rings(names: &[&str]) -> Result<(), String> {
    let targets = targets_of(|ring| names.contains(&ring.name));
    if let Some(choice) = CHOICES.iter().find(|choice| env::var_os(choice).is_some()) {
        say(&format!("tests run on the Redis that {choice} chooses"));
        return cargo_test(&targets, &[]);
    }
    if !docker::answers() {
        say("tests run on a local Redis: no Docker engine answers");
        return cargo_test(&targets, &[(WAY, "local")]);
    }
    let image = match docker::available_image() {
        Some(image) => image,
        None => image::build()?,
    };
    say(&format!("tests run on testcontainers, with the image {image}"));
    cargo_test(&targets, &[(WAY, "docker"), (IMAGE_VARIABLE, &image)])?;

    let again = targets_of(|ring| ring.on_redis && (names.is_empty() || names.contains(&ring.name)));
    if again.is_empty() {
        return Ok(());
    }
    say("the rings on Redis run once more, on a local one");
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let at_once = cores.max(TESTS_AT_ONCE_MIN).to_string();
    cargo_test(&again, &[(WAY, "local"), ("RUST_TEST_THREADS", &at_once)])
}

/// The whole workspace is selected each time, and targets only filtered: with other packages cargo would choose other
/// features and build everything again.
fn cargo_test(targets: &[&str], variables: &[(&str, &str)]) -> Result<(), String> {
    let fixed = ["test", "--workspace", "--locked", "--no-fail-fast"];
    run(cargo().args(fixed).args(targets).envs(variables.iter().copied()))
}

/// Last of all, for the program that lies in the target directory afterwards is not the one that is shipped.
fn cargo_test_matrix(matrix: Matrix) -> Result<(), String> {
    let choice = match matrix {
        Matrix::Part => "",
        Matrix::Whole => "all",
    };
    let fixed = [
        "test",
        "--workspace",
        "--locked",
        "--features",
        "parceld/effect-points",
    ];
    run(cargo()
        .args(fixed)
        .args(["--test", "matrix"])
        .env("PARCELD_MATRIX", choice))
}

fn targets_of(chosen: impl Fn(&Ring) -> bool) -> Vec<&'static str> {
    RINGS
        .iter()
        .filter(|ring| chosen(ring))
        .flat_map(|ring| ring.targets)
        .copied()
        .collect()
}
