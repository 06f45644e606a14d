//! The instant at which a call may leave.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use parceld_store::{Grant, Pace, Slot};
use parceld_vendor::{TooLate, Vendor};

/// A call that would leave this much later than it may is not made. The window allows 20 ms of jitter; the rest of them
/// is for the way out.
const LATE_MAX: Duration = Duration::from_millis(5);
/// Bounds of the time that is asked for between a claim and its slot.
const LEAD_US: std::ops::RangeInclusive<u64> = 2_000..=1_000_000;
/// What is asked for before anything was measured.
pub(crate) const LEAD_FIRST_US: u64 = 5_000;

/// How long a slot for a read may be kept where no limit binds it.
const READ_MAX: Duration = Duration::from_secs(10);

/// What the two clocks of a machine may show differently over the moments of a wait; more, and it slept in between.
const AWAKE_MAX: Duration = Duration::from_millis(100);

/// Why a call may not leave any more.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Missed {
    /// The slot has passed too long ago.
    Slot,
    /// No connection could take the call in time.
    Connection,
    /// The lease may end before the call does.
    Lease,
    /// The machine slept: how late it is cannot be told.
    Sleep,
}

/// When a call may leave, and until when.
#[derive(Debug)]
pub(crate) struct Leave {
    slot: Instant,
    slot_ends: Option<Instant>,
    lease_ends: Instant,
    since: Moment,
}

impl Leave {
    /// Of a claim whose call has not begun: from now on the machine may not sleep. The lease counts as it was granted,
    /// for what a renewal has added may be lost again while nobody looks.
    pub(crate) fn new(grant: &Grant, per_second: u32, deadline_ms: u64) -> Self {
        let lease_ms = grant.lease_until_ms.saturating_sub(grant.now_ms);
        Leave {
            slot: grant.slot,
            slot_ends: (per_second > 0).then(|| grant.leave_by + LATE_MAX),
            lease_ends: grant.made + Duration::from_millis(lease_ms.saturating_sub(deadline_ms)),
            since: Moment::now(),
        }
    }

    /// Of a read without a lease: a slot that is not bound to an instant is not kept for long either.
    pub(crate) fn of_read(slot: &Slot, per_second: u32) -> Self {
        Leave {
            slot: slot.slot,
            slot_ends: (per_second > 0).then(|| slot.leave_by + LATE_MAX),
            lease_ends: slot.made + READ_MAX,
            since: Moment::now(),
        }
    }

    /// Waits for the slot; tells when the call may not leave any more.
    pub(crate) async fn wait(&self) -> Result<(), Missed> {
        tokio::time::sleep_until(self.slot.into()).await;
        self.check(&Moment::now())
    }

    /// Makes the call; one that is not on its way in time, because it needs a connection first, stays.
    pub(crate) async fn in_time<F: Future>(&self, call: F) -> Result<F::Output, Missed> {
        let made = parceld_vendor::leaving_by(self.ends(), call).await;
        made.map_err(|TooLate| Missed::Connection)
    }

    /// How long it may take from now until the call leaves, milliseconds, rounded up.
    pub(crate) fn ahead_ms(&self) -> u64 {
        let last = self.slot_ends.unwrap_or(self.slot).max(self.slot);
        let ahead = last.saturating_duration_since(Instant::now());
        u64::try_from(ahead.as_millis()).map_or(u64::MAX, |ms| ms + 1)
    }

    fn ends(&self) -> Instant {
        self.slot_ends.unwrap_or(self.lease_ends).min(self.lease_ends)
    }

    fn check(&self, now: &Moment) -> Result<(), Missed> {
        if now.slept_since(&self.since) {
            Err(Missed::Sleep)
        } else if now.steady > self.lease_ends {
            Err(Missed::Lease)
        } else if now.steady > self.ends() {
            Err(Missed::Slot)
        } else {
            Ok(())
        }
    }
}

impl fmt::Display for Missed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Missed::Slot => "its slot was missed",
            Missed::Connection => "no connection could take it before its slot was over",
            Missed::Lease => "too little of its lease was left at its slot",
            Missed::Sleep => "the machine slept, or its clock was set, before its slot",
        })
    }
}

/// One moment on both clocks of this machine. The steady one, by which all deadlines go, stands still while a machine
/// sleeps; the other one does not.
#[derive(Debug)]
struct Moment {
    steady: Instant,
    wall: SystemTime,
}

impl Moment {
    fn now() -> Self {
        Moment {
            steady: Instant::now(),
            wall: SystemTime::now(),
        }
    }

    fn slept_since(&self, earlier: &Moment) -> bool {
        let steady = self.steady.saturating_duration_since(earlier.steady);
        // A clock that was set back proves as little as one that leapt.
        let wall = self.wall.duration_since(earlier.wall);
        wall.map_or(true, |wall| wall.abs_diff(steady) > AWAKE_MAX)
    }
}

/// What is to be asked for, by what was learnt.
pub(crate) fn pace(lead_us: &AtomicU64, vendor: &Vendor) -> Pace {
    Pace {
        lead_us: lead_us.load(Ordering::Relaxed),
        dial_us: u64::try_from(vendor.dial_allowance().as_micros()).unwrap_or(u64::MAX),
    }
}

/// Learns how long this process needs from the moment of a grant to its first byte, the way of Redis's answer included,
/// so that slots are neither missed nor asked for later than needed.
pub(crate) fn learn(lead_us: &AtomicU64, made: Instant) {
    let needed = u64::try_from(made.elapsed().as_micros()).unwrap_or(u64::MAX);
    let held = lead_us.load(Ordering::Relaxed);
    let wanted = needed + needed / 2;
    // Up by twice at most and down by a quarter: a disk that was slow once must not hold up the next dozen calls, and one
    // that stays slow is followed within a few.
    let next = if wanted > held {
        wanted.min(held * 2)
    } else {
        wanted.max(held - held / 4)
    };
    lead_us.store(next.clamp(*LEAD_US.start(), *LEAD_US.end()), Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// A claim of this very moment whose slot is now.
    fn grant(lease_ms: u64) -> Grant {
        let now = Instant::now();
        Grant {
            fence: 1,
            made: now,
            slot: now,
            leave_by: now,
            now_ms: 1_000_000,
            lease_until_ms: 1_000_000 + lease_ms,
            probe: None,
        }
    }

    fn later(leave: &Leave, steady: Duration, wall: Duration) -> Result<(), Missed> {
        leave.check(&Moment {
            steady: leave.since.steady + steady,
            wall: leave.since.wall + wall,
        })
    }

    #[test]
    fn a_call_leaves_while_its_slot_and_its_lease_last() {
        let leave = Leave::new(&grant(60_000), 10, 10_000);
        assert_eq!(later(&leave, 4 * MS, 4 * MS), Ok(()));
        assert_eq!(later(&leave, 40 * MS, 40 * MS), Err(Missed::Slot));
    }

    #[test]
    fn without_a_limit_the_lease_must_still_outlast_the_call() {
        let leave = Leave::new(&grant(60_000), 0, 10_000);
        assert_eq!(later(&leave, 49_000 * MS, 49_000 * MS), Ok(()));
        assert_eq!(later(&leave, 51_000 * MS, 51_000 * MS), Err(Missed::Lease));
        assert!(leave.ends() <= leave.since.steady + 50_000 * MS);
    }

    #[test]
    fn a_machine_that_slept_sends_nothing_although_its_steady_clock_stood_still() {
        let leave = Leave::new(&grant(60_000), 10, 10_000);
        assert_eq!(later(&leave, MS, 3_600_000 * MS), Err(Missed::Sleep));
        let back = Moment {
            steady: leave.since.steady + MS,
            wall: leave.since.wall - 1_000 * MS,
        };
        assert_eq!(leave.check(&back), Err(Missed::Sleep));
    }
}
