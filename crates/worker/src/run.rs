//! One worker process: its loops, put together, and the order in which they stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize};

use apalis::prelude::{Monitor, WorkerBuilder, WorkerBuilderExt};
use parceld_domain::flow::Context;
use parceld_store::Store;
use parceld_vendor::Vendor;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::backend::Claims;
use crate::catalogue::CatalogueCache;
use crate::settings::WorkerSettings;
use crate::{execute, sweeps, upkeep, wake};

/// What every call of this process shares.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) vendor: Vendor,
    pub(crate) settings: WorkerSettings,
    pub(crate) catalogue: CatalogueCache,
    /// Cancelled when nothing more may be claimed.
    pub(crate) stop: CancellationToken,
    /// Rung when work may have become due.
    pub(crate) woken: Notify,
    /// Calls under way.
    pub(crate) in_flight: AtomicUsize,
    /// How long it lately took from a claim's answer to being ready to send, microseconds.
    pub(crate) lead_us: AtomicU64,
    calls: TaskTracker,
}

impl Shared {
    /// What decisions depend on now.
    pub(crate) fn context(&self) -> Context<'_> {
        Context {
            policy: &self.settings.policy,
            now_ms: self.store.now_ms(),
            jitter: fastrand::f64(),
        }
    }
}

/// Works until `stop` is cancelled, then lets calls in flight end and settle, and hands back the rest.
///
/// Returns when everything is settled, or after the grace; what is left then is another worker's when its lease
/// has run out. Nothing that the vendor or Redis does ends it.
pub async fn run(store: Store, vendor: Vendor, settings: WorkerSettings, stop: CancellationToken) {
    let grace = settings.shutdown_grace;
    // The farewell is part of the grace.
    let farewell = upkeep::FAREWELL_MAX.min(grace / 4);
    let shared = Arc::new(Shared {
        store,
        vendor,
        settings,
        catalogue: CatalogueCache::default(),
        stop: stop.clone(),
        woken: Notify::new(),
        in_flight: AtomicUsize::new(0),
        lead_us: AtomicU64::new(crate::slot::LEAD_FIRST_US),
        calls: TaskTracker::new(),
    });
    #[cfg(feature = "effect-points")]
    crate::effect_point::start();
    let loops = [
        tokio::spawn(wake::listen(Arc::clone(&shared))),
        tokio::spawn(upkeep::report(Arc::clone(&shared))),
        tokio::spawn(upkeep::expire(Arc::clone(&shared))),
    ];
    let work = work(Arc::clone(&shared));
    tokio::select! {
        () = work => {}
        () = async { stop.cancelled().await; tokio::time::sleep(grace - farewell).await } => {
            tracing::warn!("calls were still in flight at the end of the grace; their leases will run out");
        }
    }
    for task in loops {
        task.abort();
    }
    upkeep::leave(&shared, farewell).await;
}

/// The apalis worker: claims in, calls made, until the backend has no more claims to give.
async fn work(shared: Arc<Shared>) {
    let build = {
        let shared = Arc::clone(&shared);
        move |_restarts| {
            let caller = Arc::clone(&shared);
            WorkerBuilder::new(shared.settings.name.as_str())
                .backend(Claims::new(Arc::clone(&shared)))
                .concurrency(shared.settings.in_flight)
                .catch_panic()
                .build(move |claim: crate::claims::Claim| {
                    let shared = Arc::clone(&caller);
                    // A task of its own: nothing that happens to the worker loop cancels a call in flight.
                    let call = shared.calls.clone().spawn(make_call(shared, claim));
                    async move {
                        if let Err(died) = call.await {
                            // Its lease runs out and counts as a death; three of them end the job as poison.
                            tracing::error!(error = %died, "a call ended in a panic");
                        }
                    }
                })
        }
    };
    let stopped = shared.stop.clone();
    let monitor = Monitor::new()
        .should_restart(move |_, error| {
            tracing::error!(%error, "the worker loop ended and is begun anew");
            !stopped.is_cancelled()
        })
        .register(build);
    // The end of its backend alone does not end an apalis worker: it waits until it is told.
    let told = shared.stop.clone();
    let signal = async move {
        told.cancelled().await;
        Ok(())
    };
    if let Err(error) = monitor.run_with_signal(signal).await {
        tracing::error!(%error, "the worker loop ended");
    }
    shared.calls.close();
    shared.calls.wait().await;
}

async fn make_call(shared: Arc<Shared>, claim: crate::claims::Claim) {
    match claim {
        crate::claims::Claim::Jobs(claim) => execute::execute(&shared, claim).await,
        crate::claims::Claim::Errand(claim) => sweeps::run(&shared, claim).await,
    }
}
