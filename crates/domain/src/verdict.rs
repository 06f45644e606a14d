//! What an answer of the vendor means (`Verdict`), and the answer that is not a success (`Refusal`).

use crate::scope::Scope;

/// What an answer means; what becomes of the job is decided elsewhere (`flow`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing left this machine: nothing can have happened.
    NotSent,
    /// Transient (101, 202, no intelligible reply). After a call with an effect the outcome is unknown.
    Retryable,
    /// Only a changed job can cure it.
    Terminal,
    /// Nothing is wrong with the job; the scope is.
    Blocked(Scope),
    /// The answer does not say what happened, or its code is in no table.
    Unknown,
}

/// How strongly a refusal suggests that an earlier attempt of ours took effect (vendor/error-codes.md, section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint {
    /// The refusal says nothing about earlier attempts.
    None,
    /// It may be the echo of an earlier attempt: look up before calling the job failed.
    Effected,
    /// The vendor itself advises one later try (614 系统异常, 发货异常).
    TryOnceMore,
}

/// An answer that is not a success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What it means.
    pub verdict: Verdict,
    /// The vendor's code; `None` where no intelligible answer came.
    pub code: Option<i64>,
    /// The vendor's message, or what went wrong on the way; never personal data.
    pub msg: String,
    /// What an operator should do, in Chinese.
    pub advice: String,
    /// The class that the table gives the code, before the endpoint's effect is weighed.
    pub class: ErrorClass,
    /// What the refusal suggests about earlier attempts.
    pub hint: Hint,
    /// Where the shop authorises (302), if the answer had a link.
    pub link: Option<String>,
}

/// The class of an error as shown to operators; part of the outward contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// Was retried until the attempts ran out.
    Retryable,
    /// Only a changed job can cure it.
    Terminal,
    /// A scope was blocked.
    Blocked,
    /// The outcome is unknown, or the code is in no table.
    Unknown,
    /// No look-up can settle it; a person must decide.
    Human,
    /// A paid order had no waybill in time.
    Deadline,
    /// The job ended its workers too often.
    Poison,
}

crate::words!(ErrorClass, "class", {
    Retryable => "retryable",
    Terminal => "terminal",
    Blocked => "blocked",
    Unknown => "unknown",
    Human => "human",
    Deadline => "deadline",
    Poison => "poison",
});
