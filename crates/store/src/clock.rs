//! Redis's clock as bounds on our monotonic one: a slot is never early, and how late it may be is known.

use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How fast two clocks may drift apart, in parts per million: what the kernel slews a clock at most.
const DRIFT_PPM: i64 = 500;
/// A clock this far outside of its bounds was set, not slewed. Less is part of the jitter that the window allows.
const STEP_US: i64 = 5_000;
/// From when a round trip for the time alone is worth it: the window of every call grows by what is uncertain.
const UNCERTAIN: Duration = Duration::from_micros(1_500);
/// Least pause between two of those, so that a slow Redis is not asked at every claim.
const ASK_EVERY: Duration = Duration::from_secs(1);
/// After Redis's clock was set forward: until every slot of the old time (bucket.lua, LEAD_MAX and HORIZON ahead at most)
/// is a window past.
const SILENCE: Duration = Duration::from_millis(2_300);

/// What is known of the difference between the clocks, from every round trip that told Redis's time.
#[derive(Debug)]
pub(crate) struct RedisClock {
    epoch: Instant,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    held: Option<Bounds>,
    asked: Option<Instant>,
    silent_until: Option<Instant>,
}

/// Redis's clock minus ours lies between these, in microseconds.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    low_us: i64,
    high_us: i64,
    /// Our clock when they were that narrow.
    at_us: i64,
}

/// How a reading agrees with what was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// It may be the same clock.
    Agrees,
    /// The clock was set forward: what was granted before lies closer than Redis's record says.
    SetForward,
    /// The clock was set back, which Redis sees for itself.
    SetBack,
}

impl Default for RedisClock {
    fn default() -> Self {
        RedisClock {
            epoch: Instant::now(),
            state: Mutex::default(),
        }
    }
}

impl RedisClock {
    /// Takes in what Redis said the time was, during a round trip that began at `sent` and has just ended.
    pub(crate) fn learn(&self, sent: Instant, redis_us: u64) -> Reading {
        self.take_in(sent, Instant::now(), redis_us)
    }

    fn take_in(&self, sent: Instant, received: Instant, redis_us: u64) -> Reading {
        let redis_us = i64::try_from(redis_us).unwrap_or(i64::MAX);
        let now_us = self.local_us(received);
        // Redis read its clock somewhere in the round trip, and says whole microseconds.
        let fresh = Bounds {
            low_us: redis_us.saturating_sub(now_us),
            high_us: redis_us.saturating_sub(self.local_us(sent)).saturating_add(1),
            at_us: now_us,
        };
        let mut state = self.lock();
        let Some(known) = state.held.map(|held| held.at(now_us)) else {
            state.held = Some(fresh);
            return Reading::Agrees;
        };
        let both = Bounds {
            low_us: known.low_us.max(fresh.low_us),
            high_us: known.high_us.min(fresh.high_us),
            at_us: now_us,
        };
        state.held = Some(if both.low_us <= both.high_us { both } else { fresh });
        if fresh.low_us > known.high_us + STEP_US {
            state.silent_until = Some(received + SILENCE);
            tracing::warn!("Redis's clock was set forward; nothing is claimed for two windows");
            Reading::SetForward
        } else if fresh.high_us < known.low_us - STEP_US {
            Reading::SetBack
        } else {
            Reading::Agrees
        }
    }

    /// How far apart the bounds are now; `None` if Redis never told its time.
    pub(crate) fn uncertainty(&self) -> Option<Duration> {
        let bounds = self.lock().held?.at(self.local_us(Instant::now()));
        Some(Duration::from_micros(
            u64::try_from(bounds.high_us - bounds.low_us).unwrap_or_default(),
        ))
    }

    /// Whether it is time to ask Redis for the time alone; true once a second at most.
    pub(crate) fn wants_asking(&self) -> bool {
        let is_certain = self
            .uncertainty()
            .is_some_and(|uncertainty| uncertainty <= UNCERTAIN);
        let mut state = self.lock();
        if is_certain || state.asked.is_some_and(|asked| asked.elapsed() < ASK_EVERY) {
            return false;
        }
        state.asked = Some(Instant::now());
        true
    }

    /// How long nothing may be claimed yet, because Redis's clock was set forward.
    pub(crate) fn silence(&self) -> Option<Duration> {
        let until = self.lock().silent_until?;
        Some(until.saturating_duration_since(Instant::now())).filter(|left| !left.is_zero())
    }

    /// What Redis's clock shows now, Unix milliseconds; 0 if it never told its time.
    pub(crate) fn now_ms(&self) -> u64 {
        let held = self.lock().held;
        let now_us = self.local_us(Instant::now());
        held.map_or(0, |held| {
            let middle = held.low_us + (held.high_us - held.low_us) / 2;
            u64::try_from((now_us + middle) / 1000).unwrap_or_default()
        })
    }

    /// The first instant at which Redis's clock is certain to show `redis_us`; later than that by the uncertainty at
    /// most. Now if Redis never told its time.
    pub(crate) fn instant(&self, redis_us: u64) -> Instant {
        let now = Instant::now();
        let Some(held) = self.lock().held else { return now };
        let low_us = held.at(self.local_us(now)).low_us;
        let local_us = i64::try_from(redis_us).unwrap_or(i64::MAX).saturating_sub(low_us);
        match u64::try_from(local_us) {
            Ok(after_us) => self.epoch + Duration::from_micros(after_us),
            Err(_) => {
                let before = Duration::from_micros(local_us.unsigned_abs());
                self.epoch.checked_sub(before).unwrap_or(self.epoch)
            }
        }
    }

    /// Our clock, counted from the making of this one.
    fn local_us(&self, instant: Instant) -> i64 {
        let micros = |span: Duration| i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
        match instant.checked_duration_since(self.epoch) {
            Some(after) => micros(after),
            None => -micros(self.epoch.duration_since(instant)),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Bounds {
    /// What is left of them at a later time: the clocks have drifted.
    const fn at(self, local_us: i64) -> Self {
        let aged_us = local_us.saturating_sub(self.at_us);
        let drift_us = if aged_us > 0 {
            aged_us * DRIFT_PPM / 1_000_000
        } else {
            0
        };
        Bounds {
            low_us: self.low_us - drift_us,
            high_us: self.high_us + drift_us,
            at_us: local_us,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);
    /// How far Redis's clock is ahead of ours in these tests.
    const AHEAD_US: u64 = 7_000_000_000;

    /// A clock, and the instants of a round trip so long after its making.
    fn round_trip(clock: &RedisClock, at: Duration, long: Duration) -> (Instant, Instant) {
        (clock.epoch + at, clock.epoch + at + long)
    }

    /// What Redis shows at an instant of ours.
    fn shown(clock: &RedisClock, at: Instant) -> u64 {
        AHEAD_US + at.duration_since(clock.epoch).as_micros() as u64
    }

    /// Made a minute ago, so that everything here has happened.
    fn clock() -> RedisClock {
        RedisClock {
            epoch: Instant::now()
                .checked_sub(Duration::from_secs(60))
                .expect("the machine runs longer than that"),
            state: Mutex::default(),
        }
    }

    /// How far behind the true instant a slot is put.
    fn late(clock: &RedisClock, slot: Instant) -> i128 {
        let put = clock.instant(shown(clock, slot));
        put.duration_since(clock.epoch).as_micros() as i128
            - slot.duration_since(clock.epoch).as_micros() as i128
    }

    #[test]
    fn a_slot_is_never_early_and_late_by_the_uncertainty_at_most() {
        // Redis reads its clock at once, in the middle, or just before it answers.
        for read_at in [0, 50, 100] {
            let clock = clock();
            let (sent, received) = round_trip(&clock, 59_000 * MS, 100 * MS);
            let reading = clock.take_in(sent, received, shown(&clock, sent + read_at * MS));
            assert_eq!(reading, Reading::Agrees);
            let late = late(&clock, Instant::now() + 250 * MS);
            let bound = clock.uncertainty().unwrap().as_micros() as i128;
            assert!(
                (0..=bound).contains(&late),
                "{late} of {bound} us, read at {read_at}"
            );
            assert!((100_000..=102_000).contains(&bound), "{bound}");
        }
    }

    #[test]
    fn a_better_round_trip_narrows_what_a_slow_one_left_open() {
        let clock = clock();
        let (sent, received) = round_trip(&clock, 59_000 * MS, 150 * MS);
        clock.take_in(sent, received, shown(&clock, sent));
        let (sent, received) = round_trip(&clock, 59_500 * MS, MS);
        clock.take_in(sent, received, shown(&clock, sent));
        assert!(clock.uncertainty().unwrap() < 3 * MS, "{:?}", clock.uncertainty());
        assert!(late(&clock, Instant::now()) < 3_000);
    }

    #[test]
    fn a_slow_round_trip_leaves_what_a_quick_one_told() {
        let clock = clock();
        let (sent, received) = round_trip(&clock, 59_500 * MS, MS);
        clock.take_in(sent, received, shown(&clock, sent));
        let (sent, received) = round_trip(&clock, 59_600 * MS, 300 * MS);
        assert_eq!(
            clock.take_in(sent, received, shown(&clock, received)),
            Reading::Agrees
        );
        assert!(clock.uncertainty().unwrap() < 3 * MS, "{:?}", clock.uncertainty());
    }

    #[test]
    fn what_is_known_grows_old() {
        let clock = clock();
        let (sent, received) = round_trip(&clock, Duration::ZERO, MS);
        clock.take_in(sent, received, shown(&clock, sent));
        // A minute: 30 ms to either side.
        assert!(
            clock.uncertainty().unwrap() >= 60 * MS,
            "{:?}",
            clock.uncertainty()
        );
    }

    #[test]
    fn a_clock_that_was_set_is_told_and_believed_at_once() {
        for (moved_us, told) in [(-2_000_000, Reading::SetBack), (40_000, Reading::SetForward)] {
            let clock = clock();
            let (sent, received) = round_trip(&clock, 59_000 * MS, MS);
            clock.take_in(sent, received, shown(&clock, sent));
            let (sent, received) = round_trip(&clock, 59_900 * MS, 10 * MS);
            let set = shown(&clock, sent).checked_add_signed(moved_us).unwrap();
            assert_eq!(clock.take_in(sent, received, set), told);
            assert_eq!(clock.silence().is_some(), told == Reading::SetForward);
            let low = clock.instant(set).duration_since(sent);
            assert!((9 * MS..=12 * MS).contains(&low), "{low:?}");
        }
    }
}
