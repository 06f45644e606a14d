//! Operators' moves: retry, cancel, park, resume.

use parceld_domain::job::Job;
use parceld_domain::scope::Scope;
use parceld_domain::transition::Transition;

use crate::call::written;
use crate::connect::Store;
use crate::error::StoreError;

/// What became of an operator's move of one job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operated {
    /// It moved.
    Moved,
    /// It has moved on since it was read, or a worker holds it: read it again.
    Stale,
    /// Its key belongs to a newer job.
    Replaced,
}

/// Jobs moved by one call of operate: while a script runs, Redis answers nobody else.
const OPERATE_MAX: usize = 100;
/// Jobs and lanes moved by one call of resume.
const RESUME_MAX: u64 = 100;

impl Store {
    /// Moves jobs as decided from what was read; a job that has moved on since stays where it is.
    ///
    /// # Errors
    /// `Unreachable`: read the jobs again.
    pub async fn operate(&self, jobs: &[(&Job, Transition)]) -> Result<Vec<Operated>, StoreError> {
        let mut moved: Vec<i64> = Vec::with_capacity(jobs.len());
        for some in jobs.chunks(OPERATE_MAX) {
            let mut args = Vec::with_capacity(some.len() * 3);
            for (job, transition) in some {
                args.push(job.id.clone());
                args.push(job.version.to_string());
                args.push(written(transition));
            }
            moved.extend(self.moves().operate.run::<Vec<i64>>(self, &args).await?);
        }
        let meaning = |code| match code {
            1 => Operated::Moved,
            -1 => Operated::Replaced,
            _ => Operated::Stale,
        };
        Ok(moved.into_iter().map(meaning).collect())
    }

    /// Stops a scope until a probe finds it healed, or until it is resumed.
    ///
    /// # Errors
    /// `Unreachable`: park again.
    pub async fn park(&self, scope: &Scope, reason: &str) -> Result<(), StoreError> {
        self.stop(scope, reason, "").await
    }

    /// Stops a scope until it is resumed: no probe is made of it.
    ///
    /// # Errors
    /// `Unreachable`: hold again.
    pub async fn hold(&self, scope: &Scope, reason: &str) -> Result<(), StoreError> {
        self.stop(scope, reason, "1").await
    }

    /// Lets a scope's work go on; false if it was not parked.
    ///
    /// # Errors
    /// `Unreachable`: resume again.
    pub async fn resume(&self, scope: &Scope) -> Result<bool, StoreError> {
        self.lift(scope, "").await
    }

    /// Lets a scope's work go on that a probe found healed; false if it was not parked, or if an operator holds it.
    ///
    /// # Errors
    /// `Unreachable`: ask again.
    pub async fn heal(&self, scope: &Scope) -> Result<bool, StoreError> {
        self.lift(scope, "1").await
    }

    async fn lift(&self, scope: &Scope, probed: &str) -> Result<bool, StoreError> {
        let args = [scope.to_string(), RESUME_MAX.to_string(), probed.to_owned()];
        let (was, mut more): (i64, i64) = self.moves().resume.run(self, &args).await?;
        while more == 1 {
            let left: (i64, i64) = self.moves().resume.run(self, &args).await?;
            more = left.1;
        }
        Ok(was == 1)
    }

    /// The parked scopes.
    ///
    /// # Errors
    /// `Unreachable` when Redis does not answer.
    pub async fn parked_scopes(&self) -> Result<Vec<String>, StoreError> {
        let mut pipe = redis::pipe();
        pipe.smembers(self.key("scopes"));
        let (scopes,): (Vec<String>,) = self.ask("SMEMBERS", &pipe).await?;
        Ok(scopes)
    }

    async fn stop(&self, scope: &Scope, reason: &str, held: &str) -> Result<(), StoreError> {
        let scope = scope.to_string();
        let _: i64 = self.moves().park.run(self, &[&scope, reason, held]).await?;
        Ok(())
    }
}
