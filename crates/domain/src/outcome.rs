//! What becomes of a job after a call or an observation.

use crate::errand::Errand;
use crate::money::Points;
use crate::scope::Scope;
use crate::state::{State, Step};
use crate::verdict::{ErrorClass, Refusal};

/// Why a job failed, or what its last attempt met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobError {
    /// The vendor's code; `None` where it gave none.
    pub code: Option<i64>,
    /// What happened; the vendor's own words where it spoke.
    pub msg: String,
    /// How it is to be understood.
    pub class: ErrorClass,
    /// What to do next, in Chinese.
    pub advice: String,
}

impl From<&Refusal> for JobError {
    fn from(refusal: &Refusal) -> Self {
        JobError {
            code: refusal.code,
            msg: refusal.msg.clone(),
            class: refusal.class,
            advice: refusal.advice.clone(),
        }
    }
}

impl JobError {
    /// The same error, shown as another class.
    #[must_use]
    pub fn of_class(mut self, class: ErrorClass) -> Self {
        self.class = class;
        self
    }

    /// An error of our own finding, without a code of the vendor.
    #[must_use]
    pub fn found(class: ErrorClass, msg: impl Into<String>, advice: impl Into<String>) -> Self {
        JobError {
            code: None,
            msg: msg.into(),
            class,
            advice: advice.into(),
        }
    }
}

/// Where the job goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// To its lane: at the head when work on it was interrupted, else at the tail.
    Ready {
        /// Whether it goes to the head.
        front: bool,
    },
    /// Due later.
    Scheduled {
        /// From now, on Redis's clock.
        delay_ms: u64,
    },
    /// Until an errand answers it.
    Waiting {
        /// The errand whose pages may hold the answer.
        errand: Errand,
        /// How long from now until the errand should run for this job.
        delay_ms: u64,
        /// When what it waits for came into being, Unix milliseconds: sweeps need not look at older rows.
        since_ms: u64,
    },
    /// Until its scope is resumed.
    Parked {
        /// What is blocked.
        scope: Scope,
        /// What the vendor answered.
        error: JobError,
        /// Where the shop authorises.
        link: Option<String>,
        /// The points a payment would have needed.
        need: Option<Points>,
    },
    /// Ended well.
    Done,
    /// Ended badly.
    Failed {
        /// Why.
        error: JobError,
    },
    /// Ended by an operator.
    Cancelled,
}

impl Fate {
    /// The state that the job is in afterwards.
    #[must_use]
    pub const fn state(&self) -> State {
        match self {
            Fate::Ready { .. } => State::Ready,
            Fate::Scheduled { .. } => State::Scheduled,
            Fate::Waiting { .. } => State::Waiting,
            Fate::Parked { .. } => State::Parked,
            Fate::Done => State::Done,
            Fate::Failed { .. } => State::Failed,
            Fate::Cancelled => State::Cancelled,
        }
    }
}

/// What the next claim of the job must count as attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempts {
    /// Progress was made, or a new step begins: from zero.
    Reset,
    /// A failed attempt: what `begin` counted stands.
    Keep,
    /// The call counts nothing (a block, a bisected batch, a look-up): what `begin` counted is taken back.
    Restore,
}

/// The whole decision about one job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Where it goes.
    pub fate: Fate,
    /// What it does next there.
    pub step: Step,
    /// What becomes of its attempt count.
    pub attempts: Attempts,
    /// What the workflow remembers from now on, JSON; `None` = as before.
    pub memory: Option<String>,
    /// What is known from now on, JSON; `None` = as before.
    pub result: Option<String>,
    /// What a retry or look-up shows as the last error; failures and parkings carry their own.
    pub error: Option<JobError>,
    /// A tighter bound on the units of a call with this job, after a refused batch.
    pub max_batch: Option<u32>,
    /// Names by which an errand's rows find the job, such as `sn:<order_sn>`; replaces the former ones. `None` = as before.
    pub watch: Option<Vec<String>>,
    /// Why the job may not give its key up to a new payload: the vendor order that could still be paid, or
    /// `unknown`. Empty = nothing can be paid any more; `None` = as before. Gift orders only.
    pub hold: Option<String>,
    /// One word for the history, such as `retry` or `created`.
    pub event: &'static str,
}

impl Outcome {
    /// An outcome that keeps everything but fate and step.
    #[must_use]
    pub const fn new(event: &'static str, fate: Fate, step: Step, attempts: Attempts) -> Self {
        Outcome {
            fate,
            step,
            attempts,
            memory: None,
            result: None,
            error: None,
            max_batch: None,
            watch: None,
            hold: None,
            event,
        }
    }

    /// With what the workflow remembers.
    #[must_use]
    pub fn with_memory(mut self, memory: String) -> Self {
        self.memory = Some(memory);
        self
    }

    /// With what is known.
    #[must_use]
    pub fn with_result(mut self, result: String) -> Self {
        self.result = Some(result);
        self
    }

    /// With the error that this attempt met.
    #[must_use]
    pub fn with_error(mut self, error: JobError) -> Self {
        self.error = Some(error);
        self
    }

    /// With the names by which an errand's rows find the job.
    #[must_use]
    pub fn with_watch(mut self, watch: Vec<String>) -> Self {
        self.watch = Some(watch);
        self
    }

    /// With what forbids that the job gives its key up.
    #[must_use]
    pub fn with_hold(mut self, hold: impl Into<String>) -> Self {
        self.hold = Some(hold.into());
        self
    }

    /// With a tighter bound on the units of a call.
    #[must_use]
    pub const fn with_max_batch(mut self, units: u32) -> Self {
        self.max_batch = Some(units);
        self
    }
}
