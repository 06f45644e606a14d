//! Redis's clock read off our monotonic one.

use std::sync::Mutex;
use std::time::{Duration, Instant};

/// A better sample than one this old wins over it, however quick the old one's round trip was.
const SAMPLE_KEPT: Duration = Duration::from_secs(10);

/// The offset between the two clocks, taken from the quickest round trip of late.
#[derive(Debug, Default)]
pub(crate) struct RedisClock(Mutex<Option<Sample>>);

#[derive(Debug, Clone, Copy)]
struct Sample {
    at: Instant,
    redis_us: u64,
    round_trip: Duration,
}

impl RedisClock {
    /// Takes in what Redis said the time was, during a round trip that began at `sent` and has just ended.
    pub(crate) fn learn(&self, sent: Instant, redis_us: u64) {
        let round_trip = sent.elapsed();
        let fresh = Sample {
            at: sent + round_trip / 2,
            redis_us,
            round_trip,
        };
        let mut held = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let keep = held.is_some_and(|held| {
            let stepped = held.redis_at(fresh.at).abs_diff(redis_us) > 50_000;
            held.round_trip < round_trip && fresh.at.duration_since(held.at) < SAMPLE_KEPT && !stepped
        });
        if !keep {
            *held = Some(fresh);
        }
    }

    /// What Redis's clock shows now, Unix milliseconds; 0 if it never told its time.
    pub(crate) fn now_ms(&self) -> u64 {
        let held = *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        held.map_or(0, |held| held.redis_at(Instant::now()) / 1000)
    }

    /// When, on our clock, Redis's clock shows `redis_us`; now if it never told its time.
    pub(crate) fn instant(&self, redis_us: u64) -> Instant {
        let held = *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let Some(held) = held else { return Instant::now() };
        if redis_us >= held.redis_us {
            held.at + Duration::from_micros(redis_us - held.redis_us)
        } else {
            held.at
                .checked_sub(Duration::from_micros(held.redis_us - redis_us))
                .unwrap_or(held.at)
        }
    }
}

impl Sample {
    fn redis_at(&self, at: Instant) -> u64 {
        self.redis_us + at.saturating_duration_since(self.at).as_micros() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_in_the_future_is_as_far_away_here_as_there() {
        let clock = RedisClock::default();
        clock.learn(Instant::now(), 1_000_000);
        let ahead = clock.instant(1_250_000).saturating_duration_since(Instant::now());
        assert!(
            ahead > Duration::from_millis(200) && ahead <= Duration::from_millis(250),
            "{ahead:?}"
        );
    }

    #[test]
    fn a_slow_round_trip_does_not_replace_a_quick_one() {
        let clock = RedisClock::default();
        let start = Instant::now();
        clock.learn(start, 1_000_000);
        let before = clock.instant(2_000_000);
        let slow = start
            .checked_sub(Duration::from_millis(40))
            .expect("the machine runs longer than that");
        clock.learn(slow, 1_000_000);
        assert_eq!(clock.instant(2_000_000), before);
    }
}
