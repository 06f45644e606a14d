//! The instant at which a call may leave.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parceld_store::Grant;

/// A call that would leave this much later than it may is not made. The window allows 20 ms of jitter; the rest of them
/// is for the way out.
const LATE_MAX: Duration = Duration::from_millis(5);
/// Bounds of the time that is asked for between a claim and its slot.
const LEAD_US: std::ops::RangeInclusive<u64> = 2_000..=1_000_000;
/// What is asked for before anything was measured.
pub(crate) const LEAD_FIRST_US: u64 = 5_000;

/// The slot has passed too long ago.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Late;

/// Waits for the slot; tells when it has been missed, which matters only where calls are limited.
pub(crate) async fn wait(grant: &Grant, per_second: u32) -> Result<(), Late> {
    tokio::time::sleep_until(grant.slot.into()).await;
    if per_second > 0 && Instant::now() > last(grant) {
        Err(Late)
    } else {
        Ok(())
    }
}

/// Makes the call; one that first needs a connection, and gets it too late, ends unsent.
pub(crate) async fn in_time<F: Future>(grant: &Grant, per_second: u32, call: F) -> F::Output {
    if per_second > 0 {
        parceld_vendor::leaving_by(last(grant), call).await
    } else {
        call.await
    }
}

/// The last instant at which its call may leave.
fn last(grant: &Grant) -> Instant {
    grant.leave_by + LATE_MAX
}

/// Learns how long this worker needs from the moment of a claim to its first byte, the way of Redis's answer included,
/// so that slots are neither missed nor asked for later than needed.
pub(crate) fn learn(lead_us: &AtomicU64, grant: &Grant) {
    let needed = u64::try_from(grant.made.elapsed().as_micros()).unwrap_or(u64::MAX);
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
