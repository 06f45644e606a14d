//! parceld's own commands: `cargo xtask demo | test | bench | image`. Standard library only, so that it is built in seconds.

#![allow(clippy::print_stdout, reason = "the story is told on standard output")]

mod bench;
mod cargo;
mod command;
mod demo;
mod docker;
mod folder;
mod image;
mod job_lines;
mod json;
mod packages;
mod program;
mod redis;
mod rings;
mod simulator;
mod stage;
mod story;

use std::env;
use std::process::ExitCode;

use rings::Matrix;

const USAGE: &str = "\
cargo xtask demo [--stay]     show parceld at work: a Redis, the vendor's stand-in and a worker of its own, a story
                              told through them, and nothing left running; --stay keeps all of it up until Ctrl-C
cargo xtask test [RING…] [--all]
                              all tests, or the rings named: unit tidy moves flows cli crash chaos; --all has the
                              crash matrix strike every point of every step in every way (a quarter of an hour)
                              instead of a fixed part of it (three minutes);
                              PARCELD_CHAOS_SEED=N repeats one seed of chaos, PARCELD_CHAOS_SEEDS=N runs so many fresh
                              ones, PARCELD_CHAOS_MINUTES=N strikes so long in each; PROPTEST_CASES=N sets how many
                              sequences of moves the model is held against
cargo xtask bench [NAME…]     a release build measured, everything or what is named: limit calls latency recovery
                              idle claim build; each figure beside its target
cargo xtask image             the local Redis image, for a Docker engine that can pull none

What they need (a Redis 7.0 or newer) they find or install, and say which.";

const EXIT_USAGE: u8 = 2;

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["demo"] => demo::run(false),
        ["demo", "--stay"] => demo::run(true),
        ["test", rings @ .., "--all"] if rings.iter().all(|ring| rings::is_known(ring)) => {
            rings::test(rings, Matrix::Whole)
        }
        ["test", rings @ ..] if rings.iter().all(|ring| rings::is_known(ring)) => {
            rings::test(rings, Matrix::Part)
        }
        ["bench", names @ ..] if names.iter().all(|name| bench::is_known(name)) => bench::run(names),
        ["image"] => image::build().map(|image| say(&format!("{image} is there"))),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(EXIT_USAGE);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            say(&reason);
            ExitCode::FAILURE
        }
    }
}

/// What xtask itself has to say; standard output belongs to the story and the tests.
fn say(sentence: &str) {
    eprintln!("xtask: {sentence}");
}
