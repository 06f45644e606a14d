//! Redis's clock read off our monotonic one.

use std::sync::Mutex;
use std::time::{Duration, Instant};

/// The clocks drift apart: a sample grows uncertain by a millisecond for each second of its age.
const DRIFT_SHARE: u32 = 1_000;
/// A clock that shows more than this beside what it can show by the held sample was set.
const STEP_US: u64 = 50_000;

/// The offset between the two clocks, taken from the least uncertain round trip.
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
        let received = Instant::now();
        let round_trip = received.saturating_duration_since(sent);
        let fresh = Sample {
            at: sent + round_trip / 2,
            redis_us,
            round_trip,
        };
        let mut held = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let keep = held.is_some_and(|held| {
            // Redis read its clock anywhere in a slow round trip: where, only the held sample can tell.
            let possible = held.redis_at(sent).saturating_sub(STEP_US)..=held.redis_at(received) + STEP_US;
            possible.contains(&redis_us) && held.error_at(received) < fresh.error_at(received)
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
    /// How far off it may be at this moment.
    fn error_at(&self, at: Instant) -> Duration {
        self.round_trip / 2 + at.saturating_duration_since(self.at) / DRIFT_SHARE
    }

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

    /// A clock with one quick sample, taken so long ago, of a Redis that showed one second then.
    fn sampled(ago: Duration) -> (RedisClock, Instant) {
        let at = Instant::now()
            .checked_sub(ago)
            .expect("the machine runs longer than that");
        let clock = RedisClock(Mutex::new(Some(Sample {
            at,
            redis_us: 1_000_000,
            round_trip: Duration::from_millis(1),
        })));
        (clock, at)
    }

    #[test]
    fn a_slow_round_trip_does_not_replace_a_quick_one() {
        // Redis reads its clock at once and answers late, as when a disk is slow.
        for ago in [Duration::from_millis(300), Duration::from_secs(30)] {
            let (clock, at) = sampled(ago);
            let before = clock.instant(2_000_000);
            let sent = Instant::now()
                .checked_sub(Duration::from_millis(290))
                .expect("the machine runs longer than that");
            let shown = 1_000_000 + (sent - at).as_micros() as u64;
            clock.learn(sent, shown);
            assert_eq!(clock.instant(2_000_000), before, "{ago:?}");
        }
    }

    #[test]
    fn a_quick_round_trip_replaces_one_that_has_grown_old() {
        let (clock, _) = sampled(Duration::from_secs(30));
        let before = clock.instant(2_000_000);
        clock.learn(Instant::now(), 31_001_000);
        assert_ne!(clock.instant(2_000_000), before);
    }

    #[test]
    fn a_clock_that_was_set_is_believed_at_once() {
        for shown in [500_000, 9_000_000] {
            let (clock, _) = sampled(Duration::from_millis(10));
            let slow = Instant::now()
                .checked_sub(Duration::from_millis(5))
                .expect("the machine runs longer than that");
            clock.learn(slow, shown);
            let off = clock.instant(shown).saturating_duration_since(slow);
            assert!(off <= Duration::from_millis(10), "{off:?}");
        }
    }
}
