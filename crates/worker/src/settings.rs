//! What a worker needs to know besides its store and its vendor.

use std::time::Duration;

use parceld_domain::policy::Policy;

/// How one worker process works.
#[derive(Debug, Clone)]
pub struct WorkerSettings {
    /// Its name; never used twice, so that nobody is taken for somebody who died.
    pub name: String,
    /// Most calls at once.
    pub in_flight: usize,
    /// How long a stop may take.
    pub shutdown_grace: Duration,
    /// What decisions depend on.
    pub policy: Policy,
}

impl WorkerSettings {
    /// A worker with the documented defaults and a name of its own.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        let host = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
        let host = if host.trim().is_empty() {
            "worker"
        } else {
            host.trim()
        };
        WorkerSettings {
            name: format!("{host}-{}-{}", std::process::id(), ulid::Ulid::generate()),
            in_flight: 32,
            shutdown_grace: Duration::from_secs(30),
            policy,
        }
    }
}
