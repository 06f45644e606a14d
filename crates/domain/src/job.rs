//! A job as it stands in Redis.

use crate::kind::Kind;
use crate::private::Private;
use crate::state::{State, Step};

/// A job with all that decisions need; read from its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// One id for its whole life, workflow steps included.
    pub id: String,
    /// What it asks for.
    pub kind: Kind,
    /// The ERP's idempotency key; empty where every job is new.
    pub key: String,
    /// Gift orders: our reference at the vendor, the key or `<key>#2` after a replacement; empty for other kinds.
    pub remark: String,
    /// Where it is in its life.
    pub state: State,
    /// What it does next.
    pub step: Step,
    /// Consecutive attempts at the present step, this one included once it has begun.
    pub attempts: u32,
    /// Counts every move of the job; an observation made under an older version does nothing.
    pub version: u64,
    /// Leases lost between begin and settle since the last settle.
    pub deaths: u32,
    /// Most units in a call that carries this job, after refused batches; `None` = no bound of its own.
    pub max_batch: Option<u32>,
    /// When it was accepted, Unix milliseconds on Redis's clock.
    pub created_at_ms: u64,
    /// The normalised payload, JSON.
    pub payload: Private<String>,
    /// What the workflow remembers between calls, JSON; its shape belongs to the kind's flow.
    pub memory: String,
    /// What is known so far, JSON; empty if nothing is.
    pub result: String,
}
