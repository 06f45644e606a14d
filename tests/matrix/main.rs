//! The crash matrix: the real binary is struck at every numbered point of every step, in every way, and another worker
//! takes over. The simulator's ledger and Redis are the judges.
//!
//! Run by the ring `crash`, on a build with the feature `effect-points`. Without `PARCELD_MATRIX=all` a fixed part of the
//! matrix is run: every point of every step once, every blow at every point, and all of the steps that cost money.

mod blow;
mod case;
mod judgement;
mod subject;
mod watch;

use std::collections::{BTreeSet, VecDeque};
use std::env;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use parceld_test_support::{Arrivals, World};
use parceld_worker::effect_point::{POINTS, Point};
use tokio::runtime::{Builder, Runtime};

use crate::case::Case;

/// The program under attack.
const PARCELD: &str = env!("CARGO_BIN_EXE_parceld");

/// `all` runs the whole matrix; a word of a case's name runs the cases with it, for whoever looks for a defect.
const CHOICE: &str = "PARCELD_MATRIX";

/// Cases at once: each is idle most of the time.
const PLACES: usize = 8;

#[test]
fn every_point_of_every_step_survives_every_blow() {
    let choice = env::var(CHOICE).unwrap_or_default();
    let cases = match choice.as_str() {
        "" => case::part(),
        "all" => case::all(),
        words => case::all()
            .into_iter()
            .filter(|case| words.split(',').any(|word| case.name().contains(word)))
            .collect(),
    };
    let count = cases.len();
    let run = Run::of(cases);
    let begun = Instant::now();
    thread::scope(|scope| {
        for _ in 0..PLACES.min(count) {
            scope.spawn(|| run.work());
        }
    });
    let (failed, struck, worst_second) = run.results();
    say(&format!(
        "{count} cases, {} passed, {} of {} points struck, worst second {worst_second}, in {:.0?}",
        count - failed.len(),
        struck.len(),
        POINTS.len(),
        begun.elapsed()
    ));
    assert!(
        failed.is_empty(),
        "{} of {count} cases: {failed:#?}",
        failed.len()
    );
    let is_spared = |point: &Point| !struck.contains(point);
    let spared: Vec<Point> = POINTS.iter().map(|row| row.point).filter(is_spared).collect();
    assert!(
        spared.is_empty() || !matches!(choice.as_str(), "" | "all"),
        "no case strikes {spared:?}"
    );
}

/// The cases that are left, and what came of the others.
struct Run {
    left: Mutex<VecDeque<Case>>,
    failed: Mutex<Vec<String>>,
    struck: Mutex<BTreeSet<Point>>,
    worst_second: Mutex<usize>,
}

impl Run {
    fn of(cases: Vec<Case>) -> Self {
        Run {
            left: Mutex::new(cases.into()),
            failed: Mutex::default(),
            struck: Mutex::default(),
            worst_second: Mutex::default(),
        }
    }

    /// Runs case after case in one world; one that fails spoils its world.
    fn work(&self) {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime starts");
        let mut world = None;
        while let Some(case) = self.next() {
            match catch_unwind(AssertUnwindSafe(|| survive(&runtime, &mut world, &case))) {
                Ok((struck, arrivals)) => {
                    locked(&self.struck).insert(struck);
                    let mut worst = locked(&self.worst_second);
                    *worst = arrivals.worst_second().max(*worst);
                }
                Err(_) => {
                    say(&format!("FAILED: {}", case.name()));
                    locked(&self.failed).push(case.name());
                    world = None;
                }
            }
        }
    }

    fn next(&self) -> Option<Case> {
        locked(&self.left).pop_front()
    }

    fn results(self) -> (Vec<String>, BTreeSet<Point>, usize) {
        let failed = self.failed.into_inner().unwrap_or_else(PoisonError::into_inner);
        let struck = self.struck.into_inner().unwrap_or_else(PoisonError::into_inner);
        let worst_second = self.worst_second.into_inner();
        (
            failed,
            struck,
            worst_second.unwrap_or_else(PoisonError::into_inner),
        )
    }
}

fn survive(runtime: &Runtime, world: &mut Option<World>, case: &Case) -> (Point, Arrivals) {
    runtime.block_on(async {
        let world = match world {
            Some(world) => world,
            None => world.insert(World::uncounted(PARCELD, &subject::SETTINGS).await),
        };
        case.survive(world).await
    })
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Not by a macro, whose words a test that passes keeps to itself.
fn say(sentence: &str) {
    let _ = writeln!(io::stderr(), "crash matrix: {sentence}");
}
