//! Upkeep: finished jobs go after their time, workers show that they live.

use crate::connect::Store;
use crate::error::StoreError;
use crate::namespace;

/// Jobs removed in one move.
const EXPIRE_MAX: u64 = 100;

impl Store {
    /// Removes finished jobs whose time is over; true when more may be left.
    ///
    /// # Errors
    /// `Unreachable` when Redis does not answer.
    pub async fn expire(&self) -> Result<bool, StoreError> {
        let settings = self.settings();
        let args = [
            settings.keep_done_ms,
            settings.keep_failed_ms,
            settings.keep_keys_ms,
            EXPIRE_MAX,
        ]
        .map(|number| number.to_string());
        let removed: u64 = self.moves().expire.run(self, &args).await?;
        Ok(removed >= EXPIRE_MAX)
    }

    /// Shows that a worker lives, as JSON that `stats` lists, and that the namespace is still ours.
    ///
    /// # Errors
    /// `Unreachable` when Redis does not answer, `Unsuitable` when the namespace holds another version's data.
    pub async fn report_worker(&self, worker: &str, about: &str) -> Result<(), StoreError> {
        let (generation, _) = self.link().connection().await?;
        let mut marks = redis::pipe();
        // Whoever flushed Redis took them away.
        namespace::mark_again(&mut marks, self.namespace());
        let (found,): (Option<String>,) = self.ask("SET", &marks).await?;
        self.link().check_format(generation, found.as_deref()).await?;
        let mut pipe = redis::pipe();
        pipe.hset(self.key("workers"), worker, about).ignore();
        self.ask("HSET", &pipe).await
    }

    /// Takes workers off the list.
    ///
    /// # Errors
    /// `Unreachable` when Redis does not answer.
    pub async fn forget_workers(&self, workers: &[String]) -> Result<(), StoreError> {
        if workers.is_empty() {
            return Ok(());
        }
        let mut pipe = redis::pipe();
        pipe.hdel(self.key("workers"), workers).ignore();
        self.ask("HDEL", &pipe).await
    }
}
