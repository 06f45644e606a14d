//! The catalogue as this process last read it; Redis keeps the one that counts.

use std::sync::{Arc, Mutex, PoisonError};

use parceld_domain::catalogue::{AGE_MAX_MS, Catalogue};
use parceld_store::{Store, StoreError};

/// Holds one decoded catalogue, so that a thousand creates do not decode it a thousand times.
#[derive(Debug, Default)]
pub(crate) struct CatalogueCache(Mutex<Option<Arc<Catalogue>>>);

impl CatalogueCache {
    /// The held catalogue if it is not too old at `now_ms`, else the one in Redis.
    pub(crate) async fn get(&self, store: &Store, now_ms: u64) -> Result<Arc<Catalogue>, StoreError> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match held {
            Some(held) if now_ms.saturating_sub(held.fetched_at_ms) <= AGE_MAX_MS => Ok(held),
            _ => self.read(store).await,
        }
    }

    /// The one in Redis, an empty one of the year 1970 if there is none; held from now on.
    pub(crate) async fn read(&self, store: &Store) -> Result<Arc<Catalogue>, StoreError> {
        let json = store.catalogue().await?.unwrap_or_default();
        let read = Arc::new(serde_json::from_str::<Catalogue>(&json).unwrap_or_default());
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&read));
        Ok(read)
    }
}
