//! The audit's judgement: what one atomic look at Redis shows to be wrong. Pure; the reads are the store's.

mod bucket;
mod counts;
mod fault;
mod job;
mod lane;
mod mark;
mod orders;
mod payments;
mod scope;

pub use bucket::{BucketLook, judge_bucket};
pub use counts::{CountsLook, judge_counts, judge_recount};
pub use fault::Fault;
pub use job::{JobLook, judge_job};
pub use lane::{LaneLook, judge_lane};
pub use mark::mark;
pub use orders::{Judged, KeyLook, ListedOrder, OrderLimits, OrderList, Reach, judge_absent, judge_key};
pub use payments::Payments;
pub use scope::{ErrandLook, ScopeLook, judge_errand, judge_scope};

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Which invariant is broken.
    pub fault: Fault,
    /// What it is wrong about: `job:<id>`, `lane:<lane>`, `scope:<scope>`, `errand:<name>`, `key:<kind>:<key>`,
    /// `count:<name>` or `bucket`, as in the names of the keys.
    pub subject: String,
    /// What was found, without personal data.
    pub detail: String,
    /// What would put it right without any risk, where something would.
    pub cure: Option<Cure>,
}

/// A repair that is safe whenever its condition holds; the move that makes it checks the condition anew.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cure {
    /// Counters of states are set to what the sets hold.
    CountStates,
    /// Counters are set to the recount, if nothing moved since the one signature stood there.
    Recount {
        /// The hash of the counters.
        hash: String,
        /// The field.
        field: String,
        /// What was counted.
        count: u64,
        /// What the moves would have changed, as it stood before and after the count.
        signature: String,
    },
    /// The count of a lane's ready jobs is set to what its hints show.
    CountLane(String),
    /// The count of a scope's jobs is set to what stands aside for it.
    CountScope(String),
    /// An id leaves a set that its job has no place in.
    Unlist {
        /// The set.
        set: String,
        /// The member.
        id: String,
    },
    /// A job goes into the sets of its state.
    List {
        /// The job.
        id: String,
        /// At this score, Unix milliseconds.
        score_ms: u64,
    },
    /// A ready job's hint goes to the tail of its lane.
    Hint(String),
    /// A lane goes where claims find it, once.
    Place(String),
    /// A lease ends when one that is granted now would.
    Shorten(String),
    /// The names that a waiting job watches lead to it again.
    Watch(String),
    /// A parked job goes on, or is found when its scope is resumed.
    Unblock(String),
    /// A parked scope is listed, and probed unless an operator holds it.
    Probe(String),
    /// A pass that nobody continues goes on.
    Turn(String),
    /// A key leads to its job again, for as long as the job stands.
    Key(String),
}

/// What the judgement depends on besides what was seen. Durations in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How long a lease lasts without renewal.
    pub lease_ms: u64,
    /// How long a begun call may take until it is settled: its deadline, and what may appear late.
    pub call_ms: u64,
    /// How long something due may wait before it counts as forgotten.
    pub patience_ms: u64,
    /// The account's limit of calls; 0 = none.
    pub per_second: u32,
}

impl Limits {
    /// The longest that a lease or a short pause can lie ahead, whatever another worker's settings are.
    pub const AHEAD_MAX_MS: u64 = 24 * 3_600_000;
}

/// What the parts are judged by in their tests.
#[cfg(test)]
const LIMITS: Limits = Limits {
    lease_ms: 60_000,
    call_ms: 40_000,
    patience_ms: 60_000,
    per_second: 10,
};

impl Finding {
    fn new(fault: Fault, subject: impl Into<String>, detail: impl Into<String>, cure: Option<Cure>) -> Self {
        Finding {
            fault,
            subject: subject.into(),
            detail: detail.into(),
            cure,
        }
    }
}
