//! What the store needs to know.

use std::time::Duration;

use parceld_domain::class::Class;
use parceld_domain::endpoint::Endpoint;
use secrecy::SecretString;

/// How a store is opened and what its moves are told. Milliseconds where a name ends in `_ms`.
#[derive(Debug, Clone)]
pub struct StoreSettings {
    /// `redis://` or `rediss://`; with Sentinels only its scheme, account and database count.
    pub url: String,
    /// Who says which server is the master, where it may change.
    pub sentinel: Option<SentinelSettings>,
    /// Prefix of every key; `{name}` keeps all keys of an account in one cluster slot.
    pub namespace: String,
    /// Vendor calls per second of the whole account; 0 = no limit.
    pub per_second: u32,
    /// Shares of the classes while several have work.
    pub weights: Vec<(Class, u32)>,
    /// Most units in one call, for endpoints that take more than one.
    pub batch_units: Vec<(Endpoint, u32)>,
    /// How long a claim is a worker's without renewal.
    pub lease_ms: u64,
    /// Least pause between the beginnings of two sweeps of one errand.
    pub errand_gap_ms: u64,
    /// Longest age of a catalogue that a gift order may be created with.
    pub catalogue_age_ms: u64,
    /// How long done jobs are kept.
    pub keep_done_ms: u64,
    /// How long failed and cancelled jobs are kept.
    pub keep_failed_ms: u64,
    /// How long a key answers `duplicate` after its job was removed.
    pub keep_keys_ms: u64,
    /// How long a connection may take to stand.
    pub connect_timeout: Duration,
    /// How long a reply may take before the connection is given up.
    pub response_timeout: Duration,
}

/// Where to ask for the master.
#[derive(Debug, Clone)]
pub struct SentinelSettings {
    /// Host and port of each; most of them must answer.
    pub nodes: Vec<(String, u16)>,
    /// What the Sentinels call the master.
    pub master: String,
    /// The Sentinels' own account.
    pub username: Option<String>,
    /// The Sentinels' own password.
    pub password: Option<SecretString>,
}

impl StoreSettings {
    /// The documented defaults for one Redis and one namespace.
    #[must_use]
    pub fn new(url: impl Into<String>, namespace: impl Into<String>) -> Self {
        const DAY_MS: u64 = 86_400_000;
        StoreSettings {
            url: url.into(),
            sentinel: None,
            namespace: namespace.into(),
            per_second: 10,
            weights: Class::ALL
                .iter()
                .map(|class| (*class, class.default_weight()))
                .collect(),
            batch_units: vec![(Endpoint::DyShipFree, 50), (Endpoint::MpagingOrders, 50)],
            lease_ms: 60_000,
            errand_gap_ms: 30_000,
            catalogue_age_ms: 600_000,
            keep_done_ms: 7 * DAY_MS,
            keep_failed_ms: 90 * DAY_MS,
            keep_keys_ms: 400 * DAY_MS,
            connect_timeout: Duration::from_secs(2),
            response_timeout: Duration::from_secs(5),
        }
    }
}
