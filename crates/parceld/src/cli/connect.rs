//! Reaching Redis, with the patience of a command that somebody waits for.

use std::cell::Cell;
use std::pin::pin;
use std::time::Duration;

use parceld_store::{Store, StoreError};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::failure::Failure;
use super::output::note;
use crate::settings::Settings;

/// Contract: a one-shot command gives up when Redis has answered nothing for so long.
const PATIENCE: Duration = Duration::from_secs(5);
/// Between two tries at a Redis that is not there.
const PAUSE: Duration = Duration::from_millis(200);

/// The store of a one-shot command: whatever it asks is waited for with one patience.
pub(crate) struct PatientStore {
    store: Store,
    /// How long Redis was waited for without an answer to what the command asks.
    waited: Cell<Duration>,
}

/// The store, or the failure that says why there is none. A Redis that is being started or is stalled is waited for.
pub(crate) async fn store(settings: &Settings) -> Result<PatientStore, Failure> {
    let began = Instant::now();
    let mut settings = settings.store.clone();
    // Also for whoever asks the store by itself.
    settings.response_timeout = settings.response_timeout.min(PATIENCE);
    let end = || began + PATIENCE;
    let store = patiently(end, true, async || Store::connect(settings.clone()).await).await?;
    for warning in store.warnings() {
        note(warning);
    }
    let waited = Cell::new(began.elapsed());
    Ok(PatientStore { store, waited })
}

impl PatientStore {
    /// Asks until Redis answers or the patience ends; for what may be repeated, as all moves but those of `once`.
    pub(crate) async fn ask<T>(
        &self,
        ask: impl AsyncFn(&Store) -> Result<T, StoreError>,
    ) -> Result<T, Failure> {
        self.wait(true, ask).await
    }

    /// Asks once, for a move whose repetition would not know what the first one did.
    pub(crate) async fn once<T>(
        &self,
        ask: impl AsyncFn(&Store) -> Result<T, StoreError>,
    ) -> Result<T, Failure> {
        self.wait(false, ask).await
    }

    /// For whoever waits for Redis with a bound of its own, or asks through `ask`.
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// What takes many round trips is not cut off while they are answered: the patience begins again with each. The
    /// first question has what the connection left of it.
    async fn wait<T>(
        &self,
        repeats: bool,
        ask: impl AsyncFn(&Store) -> Result<T, StoreError>,
    ) -> Result<T, Failure> {
        let asked = Instant::now();
        let left = PATIENCE.saturating_sub(self.waited.get());
        let end = || match Instant::from_std(self.store.answered_at()) {
            answered if answered > asked => answered + PATIENCE,
            _ => asked + left,
        };
        let answer = patiently(end, repeats, async || ask(&self.store).await).await?;
        self.waited.set(Duration::ZERO);
        Ok(answer)
    }
}

/// Tries until Redis answers or the patience ends.
async fn patiently<T>(
    end: impl Fn() -> Instant,
    repeats: bool,
    ask: impl AsyncFn() -> Result<T, StoreError>,
) -> Result<T, Failure> {
    // Answers to a try that broke off all the same give no more time to try again.
    let mut try_until = None;
    let mut broke_off = None;
    loop {
        let error = match answer(&end, ask()).await {
            Some(Ok(answer)) => return Ok(answer),
            Some(Err(error @ StoreError::Unreachable { .. })) if repeats => error,
            Some(Err(error)) => return Err(error.into()),
            None => return Err(broke_off.map_or_else(gave_up, Failure::from)),
        };
        let until = *try_until.get_or_insert_with(&end);
        if Instant::now() >= until {
            return Err(error.into());
        }
        tracing::debug!(%error, "trying again");
        broke_off = Some(error);
        sleep_until(until.min(Instant::now() + PAUSE)).await;
    }
}

/// The answer, unless the patience ends, which may be put off meanwhile.
async fn answer<T>(end: impl Fn() -> Instant, asked: impl Future<Output = T>) -> Option<T> {
    let mut asked = pin!(asked);
    loop {
        let until = end();
        if let Ok(answer) = timeout_at(until, &mut asked).await {
            return Some(answer);
        }
        if end() <= until {
            return None;
        }
    }
}

fn gave_up() -> Failure {
    Failure::unreachable(format!(
        "Redis did not answer within {} s; see whether it is stopped or overloaded, or set redis.url (PARCELD__REDIS__URL)",
        PATIENCE.as_secs()
    ))
}
