//! `parceld worker`: the daemon, from its signals to its end.

use std::io;
use std::time::Duration;

use parceld_store::{Store, StoreError};
use parceld_vendor::Vendor;
use parceld_worker::WorkerSettings;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::Session;
use super::failure::Failure;
use super::output::note;
use crate::inbox;
use crate::settings::Settings;

/// Between two tries at a Redis that is not there yet.
const RECONNECT_PAUSE: Duration = Duration::from_secs(1);

pub(crate) async fn run(session: Session) -> Result<(), Failure> {
    let stop = CancellationToken::new();
    // First, because until then a signal ends the process as any other.
    tokio::spawn(cancel_on_signal(
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
        stop.clone(),
    ));
    let settings = session.settings;
    let vendor = Vendor::new(settings.vendor()?).map_err(|error| Failure::settings(error.to_string()))?;
    let store = tokio::select! {
        store = reach(&settings) => store?,
        () = stop.cancelled() => return Ok(()),
    };
    for warning in store.warnings() {
        // However little is logged: what it warns of loses money.
        if tracing::enabled!(tracing::Level::WARN) {
            tracing::warn!("{warning}");
        } else {
            note(warning);
        }
    }
    let worker = WorkerSettings {
        in_flight: settings.worker.in_flight,
        shutdown_grace: settings.worker.shutdown_grace,
        ..WorkerSettings::new(settings.policy)
    };
    tracing::info!(worker = worker.name, in_flight = worker.in_flight, "working");
    // It moves one line at a time, in one move each: ended anywhere, it leaves nothing behind.
    let inbox = tokio::spawn(inbox::pump(store.clone()));
    let ended = stop.clone();
    tokio::spawn(async move {
        ended.cancelled().await;
        inbox.abort();
    });
    parceld_worker::run(store, vendor, worker, stop).await;
    tracing::info!("stopped");
    Ok(())
}

/// The store, however long Redis takes; only a Redis that can never serve is a failure.
async fn reach(settings: &Settings) -> Result<Store, Failure> {
    loop {
        match Store::connect(settings.store.clone()).await {
            Ok(store) => return Ok(store),
            // Nothing that is set up here cures these.
            Err(error @ (StoreError::Unsuitable(_) | StoreError::Address(_))) => return Err(error.into()),
            Err(error) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::warn!(%error, cause, "waiting for Redis");
                sleep(RECONNECT_PAUSE).await;
            }
        }
    }
}

async fn cancel_on_signal(
    mut terminate: Signal,
    mut interrupt: Signal,
    stop: CancellationToken,
) -> io::Result<()> {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping: nothing more is claimed, calls in flight end and settle");
    stop.cancel();
    Ok(())
}
