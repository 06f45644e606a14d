//! Asking for one call after the other: no call, no job held; no work, no busy asking.

use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use parceld_store::{Claimed, ErrandClaim, JobClaim, StoreError};

use crate::effect_point::effect_point;
use crate::run::Shared;
use crate::slot;

/// A call that this worker may make.
#[derive(Debug)]
pub(crate) enum Claim {
    /// For jobs of one lane.
    Jobs(JobClaim),
    /// For one page of an errand.
    Errand(ErrandClaim),
}

/// How long a claim under way may hold up a stop; what it took is handed back.
const CLAIM_AT_STOP: Duration = Duration::from_secs(2);

/// The next claim; `None` once the worker is to stop.
pub(crate) async fn next(shared: Arc<Shared>) -> Option<Claim> {
    while !shared.stop.is_cancelled() {
        let asking = ask(&shared);
        tokio::pin!(asking);
        let claimed = tokio::select! {
            claimed = &mut asking => claimed,
            () = shared.stop.cancelled() => {
                // Dropping it would leave what it may have taken leased to nobody until the lease runs out.
                if let Ok(claimed) = tokio::time::timeout(CLAIM_AT_STOP, asking).await {
                    give_back(&shared, claimed).await;
                }
                return None;
            }
        };
        match claimed {
            Claimed::Jobs(claim) => return Some(Claim::Jobs(claim)),
            Claimed::Errand(claim) => return Some(Claim::Errand(claim)),
            Claimed::Nothing { wait_ms } => tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(wait_ms)) => {}
                () = shared.woken.notified() => {}
                () = shared.stop.cancelled() => return None,
            },
        }
    }
    None
}

/// Sees a claim under way to its end and gives back what it took.
pub(crate) async fn give_up(shared: Arc<Shared>, pending: impl Future<Output = Option<Claim>>) {
    let claimed = match pending.await {
        Some(Claim::Jobs(claim)) => Claimed::Jobs(claim),
        Some(Claim::Errand(claim)) => Claimed::Errand(claim),
        None => return,
    };
    give_back(&shared, claimed).await;
}

/// Gives everything back that was claimed for nothing.
async fn give_back(shared: &Shared, claimed: Claimed) {
    if let Err(error) = shared.store.give_back(claimed).await {
        tracing::warn!(%error, "a claim could not be handed back; its lease will run out");
    }
    effect_point!(HandedBack);
}

/// One claim, asked for until Redis answers; always with the same token, so that a lost answer loses nothing.
async fn ask(shared: &Shared) -> Claimed {
    let token = ulid::Ulid::generate().to_string();
    let mut pauses = pauses();
    // The kind of error that was told last.
    let mut told = None;
    loop {
        let pace = slot::pace(&shared.lead_us, &shared.vendor);
        match shared.store.claim(&token, &shared.settings.name, pace).await {
            Ok(claimed) => {
                if told.is_some() {
                    tracing::info!("Redis answers again");
                }
                effect_point!(Claimed, claimed);
                return claimed;
            }
            Err(error) => {
                let kind = std::mem::discriminant(&error);
                if told != Some(kind) {
                    tell(&error);
                }
                told = Some(kind);
                tokio::time::sleep(pauses.next().unwrap_or(Duration::from_secs(1))).await;
            }
        }
    }
}

fn pauses() -> impl Iterator<Item = Duration> {
    ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(50))
        .with_max_delay(Duration::from_secs(1))
        .with_jitter()
        .without_max_times()
        .build()
}

fn tell(error: &StoreError) {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    tracing::warn!(%error, cause, "no claim can be made; asking again until Redis answers");
}
