//! The chaos ring: the real binary under everything at once, as a seed draws it. A vendor with traits of its own and
//! faults; workers killed, stopped and frozen; Redis killed, frozen, full, slow, demoted, robbed of its scripts, its
//! clients and its last writes; operators who cancel, retry, park and resume. When the faults end, everything has to end
//! well, and the simulator's ledger is the judge: a job may fail only of what the ledger shows was done to it.
//!
//! A run takes the seeds in [`FIXED`]. `PARCELD_CHAOS_SEED=17 cargo xtask test chaos` takes that one, and
//! `PARCELD_CHAOS_SEEDS=20 cargo xtask test chaos` takes twenty fresh ones. `PARCELD_CHAOS_MINUTES=5` beside either has
//! each seed strike for so long, with more work all the while. The schedule is a function of seed and minutes alone;
//! which instant of a worker's life it meets is not.

mod excuse;
mod run;
mod schedule;
mod vendor;
mod verdict;

use std::time::Duration;
use std::{env, thread};

use schedule::{Schedule, USUAL};
use tokio::runtime::Runtime;

/// The program under attack.
const PARCELD: &str = env!("CARGO_BIN_EXE_parceld");
/// Between them they hold every kind of strike.
const FIXED: [u64; 4] = [0, 1, 4, 5];
const SEED: &str = "PARCELD_CHAOS_SEED";
const SEEDS: &str = "PARCELD_CHAOS_SEEDS";
const MINUTES: &str = "PARCELD_CHAOS_MINUTES";

#[test]
fn whatever_is_struck_every_job_ends_and_no_effect_happens_twice() {
    let mut failed = Vec::new();
    let (seeds, length) = (seeds(), length());
    for seed in &seeds {
        eprintln!("chaos: {SEED}={seed}, struck for {length:?}");
        let schedule = Schedule::of(*seed, length);
        // A thread of its own, so that one bad seed does not hide the next.
        let run = thread::spawn(|| {
            let runtime = Runtime::new().expect("a runtime starts");
            runtime.block_on(run::run(schedule))
        });
        match run.join() {
            Ok(summary) => eprintln!("chaos: {SEED}={seed} is well: {summary}"),
            Err(_) => failed.push(*seed),
        }
    }
    assert!(
        failed.is_empty(),
        "of {} seeds these failed, each as shown above: {failed:?}; again with {SEED}=N cargo xtask test chaos",
        seeds.len()
    );
}

#[test]
fn a_schedule_is_a_function_of_its_seed() {
    for seed in 0..50 {
        assert_eq!(Schedule::of(seed, USUAL), Schedule::of(seed, USUAL));
        assert_ne!(Schedule::of(seed, USUAL), Schedule::of(seed + 1, USUAL));
    }
}

#[test]
fn the_seeds_of_an_ordinary_run_hold_every_kind_of_strike() {
    let struck: Vec<_> = FIXED
        .iter()
        .flat_map(|seed| Schedule::of(*seed, USUAL).strikes)
        .collect();
    let kinds: std::collections::HashSet<_> = struck
        .iter()
        .map(|(_, strike)| std::mem::discriminant(strike))
        .collect();
    assert_eq!(kinds.len(), schedule::KINDS, "{struck:#?}");
}

fn seeds() -> Vec<u64> {
    match (number(SEED), number(SEEDS)) {
        (Some(seed), _) => vec![seed],
        (None, Some(count)) => (0..count).map(|_| fastrand::u64(..1_000_000)).collect(),
        (None, None) => FIXED.to_vec(),
    }
}

fn length() -> Duration {
    const MINUTE: u64 = 60;
    number(MINUTES).map_or(USUAL, |minutes| Duration::from_secs(minutes * MINUTE))
}

fn number(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    let number = text.parse();
    Some(number.unwrap_or_else(|_| panic!("{name}={text} is no whole number")))
}
