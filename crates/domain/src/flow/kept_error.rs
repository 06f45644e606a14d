//! An error that a job remembers while its outcome is looked up.

use serde::{Deserialize, Serialize};

use crate::outcome::JobError;
use crate::verdict::{ErrorClass, Refusal, Verdict};

/// The answer that made a look-up necessary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KeptError {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<i64>,
    msg: String,
    class: ErrorClass,
    advice: String,
    /// Whether the job fails with this error, rather than repeats the call, if the look-up shows no effect.
    #[serde(default)]
    pub(super) is_final: bool,
}

impl KeptError {
    /// An answer after which the call may be repeated once the look-up showed no effect, unless the answer itself
    /// says that repeating is useless: 102, 200 and codes in no table are looked up, then final (H20, H22).
    pub(super) fn of(refusal: &Refusal) -> Self {
        let is_final = refusal.verdict == Verdict::Unknown && refusal.code.is_some_and(|code| code != 0);
        KeptError {
            is_final,
            ..KeptError::from(JobError::from(refusal))
        }
    }

    /// An answer that is final if the look-up shows no effect.
    pub(super) fn last_word(error: JobError) -> Self {
        KeptError {
            is_final: true,
            ..KeptError::from(error)
        }
    }

    /// A worker was lost during the call.
    pub(super) fn worker_lost() -> Self {
        KeptError::from(JobError::found(
            ErrorClass::Unknown,
            "the worker was lost during the call; its outcome is looked up",
            "系统会自动核对结果,无需处理",
        ))
    }

    /// Another Redis answers than the one under which the step was entered.
    pub(super) fn failed_over() -> Self {
        KeptError::from(JobError::found(
            ErrorClass::Unknown,
            "Redis failed over, which may have lost the record of a call; its outcome is looked up",
            "系统会自动核对结果,无需处理",
        ))
    }

    /// What a job shows when its attempts are spent and the last one left no error behind.
    pub(super) fn no_answer() -> JobError {
        JobError::found(
            ErrorClass::Unknown,
            "the last call had no clear answer, and the look-up showed no effect",
            "请稍后用 jobs retry 重试",
        )
    }

    /// The error as the job shows it.
    pub(super) fn shown(&self) -> JobError {
        JobError {
            code: self.code,
            msg: self.msg.clone(),
            class: self.class,
            advice: self.advice.clone(),
        }
    }
}

impl From<JobError> for KeptError {
    fn from(error: JobError) -> Self {
        KeptError {
            code: error.code,
            msg: error.msg,
            class: error.class,
            advice: error.advice,
            is_final: false,
        }
    }
}
