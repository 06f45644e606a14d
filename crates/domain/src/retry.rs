//! Retry delays: exponential, capped, full jitter; persisted as due times, never slept in a worker.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};

use crate::policy::Policy;

/// Doublings after which every sensible cap is reached; bounds the work for absurd attempt counts.
const DOUBLINGS_MAX: usize = 40;

/// The delay before the attempt that follows `attempts` failed ones.
///
/// `jitter` is uniform in `[0, 1)` and comes from the caller, so that this stays pure.
#[must_use]
pub fn delay_ms(policy: &Policy, attempts: u32, jitter: f64) -> u64 {
    let steps = (attempts.max(1) as usize - 1).min(DOUBLINGS_MAX);
    let ceiling = ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(policy.retry_initial_ms))
        .with_max_delay(Duration::from_millis(policy.retry_max_ms))
        .without_max_times()
        .build()
        .nth(steps)
        .unwrap_or(Duration::from_millis(policy.retry_max_ms));
    // At least one millisecond: a delay of zero would be a hot loop.
    (ceiling.mul_f64(jitter.clamp(0.0, 1.0)).as_millis() as u64).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_the_cap() {
        let policy = Policy::default();
        let ceilings: Vec<u64> = (1..=12)
            .map(|attempts| delay_ms(&policy, attempts, 1.0))
            .collect();
        assert_eq!(ceilings[..4], [2_000, 4_000, 8_000, 16_000]);
        assert_eq!(ceilings[11], 600_000);
        assert_eq!(delay_ms(&policy, u32::MAX, 1.0), 600_000);
    }

    #[test]
    fn jitter_reaches_down_to_almost_nothing_but_never_to_zero() {
        assert_eq!(delay_ms(&Policy::default(), 3, 0.0), 1);
        assert_eq!(delay_ms(&Policy::default(), 3, 0.5), 4_000);
    }
}
