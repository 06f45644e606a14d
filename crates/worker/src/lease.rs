//! A claim's lease, renewed while its call runs.

use std::sync::Arc;
use std::time::Duration;

use parceld_store::Grant;
use tokio::task::JoinHandle;

use crate::run::Shared;

/// Renews until dropped.
#[derive(Debug)]
pub(crate) struct Lease(JoinHandle<()>);

impl Lease {
    /// Keeps the lease of these jobs, or of an errand.
    pub(crate) fn keep(
        shared: &Arc<Shared>,
        grant: &Grant,
        errand: Option<String>,
        ids: Vec<String>,
    ) -> Self {
        let (shared, grant) = (Arc::clone(shared), grant.clone());
        // A third of the lease: two renewals may fail before it runs out.
        let every = Duration::from_millis(shared.store.settings().lease_ms / 3);
        Lease(tokio::spawn(async move {
            loop {
                tokio::time::sleep(every).await;
                match shared.store.renew(&grant, errand.as_deref(), &ids).await {
                    Ok(0) => {
                        tracing::warn!(
                            fence = grant.fence,
                            "a lease was lost while its call was in flight"
                        );
                        return;
                    }
                    Ok(_) => {}
                    Err(error) => tracing::warn!(%error, "a lease could not be renewed; trying again"),
                }
            }
        }))
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.0.abort();
    }
}
