//! The simulator's time: a monotonic count since its start, and the China time (UTC+8) that the vendor prints.

use std::time::Instant;

use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

/// The vendor writes its times without a zone, and the samples prove UTC+8 (C6).
const CHINA: Offset = Offset::constant(8);

/// Where the count began, on both clocks.
#[derive(Clone, Copy)]
pub(crate) struct Clock {
    started: Instant,
    started_at: Timestamp,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self {
            started: Instant::now(),
            started_at: Timestamp::now(),
        }
    }

    /// The same count, printed by a clock that is wrong by so much.
    pub(crate) fn skewed(self, skew_ms: i64) -> Self {
        Self {
            started_at: self.wall(skew_ms),
            ..self
        }
    }

    /// Microseconds from the start to `instant`.
    pub(crate) fn micros(&self, instant: Instant) -> u64 {
        u64::try_from(instant.saturating_duration_since(self.started).as_micros()).unwrap_or(u64::MAX)
    }

    /// Milliseconds since the start. Signed, because lists look back past the start when effects show late.
    pub(crate) fn now_ms(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    /// The Unix time, in seconds, of a moment counted from the start.
    pub(crate) fn unix_seconds(&self, at_ms: i64) -> i64 {
        self.wall(at_ms).as_second()
    }

    /// A moment counted from the start, as the vendor prints it: `yyyy-MM-dd HH:mm:ss` in China time.
    pub(crate) fn china(&self, at_ms: i64) -> String {
        CHINA
            .to_datetime(self.wall(at_ms))
            .strftime("%Y-%m-%d %H:%M:%S")
            .to_string()
    }

    fn wall(&self, at_ms: i64) -> Timestamp {
        self.started_at
            .saturating_add(SignedDuration::from_millis(at_ms))
            .unwrap_or(self.started_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_printed_in_china_time() {
        let clock = Clock {
            started: Instant::now(),
            started_at: Timestamp::UNIX_EPOCH,
        };
        assert_eq!(clock.china(1_500), "1970-01-01 08:00:01");
        assert_eq!(clock.china(-1_000), "1970-01-01 07:59:59");
        assert_eq!(clock.skewed(-8 * 3_600_000).china(0), "1970-01-01 00:00:00");
    }
}
