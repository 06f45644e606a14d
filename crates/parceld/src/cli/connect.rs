//! Reaching Redis, with the patience of a command that somebody waits for.

use std::time::Duration;

use parceld_store::{Store, StoreError};
use tokio::time::{Instant, sleep};

use super::failure::Failure;
use super::output::note;
use crate::settings::Settings;

/// Contract: a one-shot command gives up after this.
const PATIENCE: Duration = Duration::from_secs(5);
/// Between two tries at a Redis that went away in the middle.
const PAUSE: Duration = Duration::from_millis(200);

/// The store, or the failure that says why there is none. A Redis that is being started or is stalled is waited for.
pub(crate) async fn store(settings: &Settings) -> Result<Store, Failure> {
    let store = patiently(async || Store::connect(settings.store.clone()).await).await?;
    for warning in store.warnings() {
        note(warning);
    }
    Ok(store)
}

/// Tries until Redis answers or the patience ends; for moves, which may all be repeated.
pub(crate) async fn patiently<T>(mut ask: impl AsyncFnMut() -> Result<T, StoreError>) -> Result<T, Failure> {
    let end = Instant::now() + PATIENCE;
    loop {
        match tokio::time::timeout_at(end, ask()).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error @ StoreError::Unreachable { .. })) if Instant::now() + PAUSE < end => {
                tracing::debug!(%error, "trying again");
                sleep(PAUSE).await;
            }
            Ok(Err(error)) => return Err(error.into()),
            Err(_) => return Err(gave_up()),
        }
    }
}

fn gave_up() -> Failure {
    Failure::unreachable(format!(
        "Redis did not answer within {} s; see whether it is stopped or overloaded, or set redis.url (PARCELD__REDIS__URL)",
        PATIENCE.as_secs()
    ))
}
