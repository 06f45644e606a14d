//! Instants that nobody chose: from a seed that a failing test shows and that the environment can set again.

use std::env;
use std::time::Duration;

/// Draws, all from one seed.
#[derive(Debug)]
pub struct Random(fastrand::Rng);

const SEED: &str = "PARCELD_TEST_SEED";

impl Random {
    /// From `PARCELD_TEST_SEED`, or from a fresh seed, which is printed.
    pub fn seeded() -> Self {
        let given = env::var(SEED).ok().map(|seed| {
            seed.parse()
                .unwrap_or_else(|_| panic!("{SEED}={seed} is no whole number"))
        });
        let seed = given.unwrap_or_else(|| fastrand::u64(..));
        eprintln!("to draw the same instants again: {SEED}={seed}");
        Random(fastrand::Rng::with_seed(seed))
    }

    /// A pause within bounds.
    pub fn pause(&mut self, least_ms: u64, most_ms: u64) -> Duration {
        Duration::from_millis(self.0.u64(least_ms..=most_ms))
    }

    /// A number below a bound.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0.usize(..bound)
    }
}
