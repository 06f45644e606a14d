//! What a worker does beside its calls: show that it lives, and remove what has had its time.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};

use crate::run::Shared;

const REPORT_EVERY: Duration = Duration::from_secs(5);
/// How often finished jobs are looked through: half as often as the shortest `keep`, between these.
const EXPIRE_EVERY_MS: std::ops::RangeInclusive<u64> = 1_000..=60_000;
/// A worker that has not been seen for so long is taken off the list.
const FORGET_AFTER_MS: u64 = 600_000;
/// How long a stop may wait for Redis to note it.
pub(crate) const FAREWELL_MAX: Duration = Duration::from_secs(1);
/// Moves of one round of expiry; what is left waits for the next round.
const EXPIRE_ROUNDS: usize = 100;

/// Shows that this worker lives, for ever.
pub(crate) async fn report(shared: Arc<Shared>) {
    let since_ms = unix_ms();
    loop {
        let about = json!({
            "pid": std::process::id(),
            "since_ms": since_ms,
            "seen_ms": unix_ms(),
            "in_flight": shared.in_flight.load(Ordering::Relaxed),
            "version": env!("CARGO_PKG_VERSION"),
        });
        if let Err(error) = shared
            .store
            .report_worker(&shared.settings.name, &about.to_string())
            .await
        {
            tracing::debug!(%error, "the worker could not report");
        }
        tokio::time::sleep(REPORT_EVERY).await;
    }
}

/// Removes finished jobs and forgotten workers, for ever.
pub(crate) async fn expire(shared: Arc<Shared>) {
    let keep = shared.store.settings();
    let every_ms = expire_every_ms(keep.keep_done_ms.min(keep.keep_failed_ms));
    loop {
        for _ in 0..EXPIRE_ROUNDS {
            match shared.store.expire().await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    tracing::debug!(%error, "finished jobs could not be removed");
                    break;
                }
            }
        }
        if let Err(error) = forget_the_dead(&shared).await {
            tracing::debug!(%error, "dead workers could not be taken off the list");
        }
        tokio::time::sleep(Duration::from_millis(every_ms)).await;
    }
}

/// Takes this worker off the list; it ends in good order, and without Redis after this bound.
pub(crate) async fn leave(shared: &Shared, bound: Duration) {
    let leaving = shared
        .store
        .forget_workers(std::slice::from_ref(&shared.settings.name));
    let _ = tokio::time::timeout(bound, leaving).await;
}

async fn forget_the_dead(shared: &Shared) -> Result<(), parceld_store::StoreError> {
    let now_ms = unix_ms();
    let is_dead = |about: &String| {
        let seen_ms = serde_json::from_str::<Value>(about)
            .ok()
            .and_then(|about| about["seen_ms"].as_u64());
        seen_ms.is_none_or(|seen_ms| seen_ms + FORGET_AFTER_MS < now_ms)
    };
    let workers = shared.store.stats().await?.workers;
    let dead: Vec<String> = workers
        .iter()
        .filter(|(_, about)| is_dead(about))
        .map(|(name, _)| name.clone())
        .collect();
    shared.store.forget_workers(&dead).await
}

fn expire_every_ms(keep_ms: u64) -> u64 {
    (keep_ms / 2).clamp(*EXPIRE_EVERY_MS.start(), *EXPIRE_EVERY_MS.end())
}

fn unix_ms() -> u64 {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_for_seconds_is_looked_through_within_seconds() {
        let every = [1, 4_000, 60_000, 604_800_000].map(expire_every_ms);
        assert_eq!(every, [1_000, 2_000, 30_000, 60_000]);
    }
}
