//! What a refusal makes of a job, where no kind has a rule of its own.

use super::Context;
use crate::job::Job;
use crate::money::Points;
use crate::outcome::{Attempts, Fate, JobError, Outcome};
use crate::retry;
use crate::scope::Scope;
use crate::state::Step;
use crate::verdict::{ErrorClass, Refusal, Verdict};

/// A read was refused: nothing can have happened, so whatever may pass by itself is tried again.
pub(super) fn read(job: &Job, refusal: &Refusal, ctx: &Context<'_>) -> Outcome {
    match &refusal.verdict {
        Verdict::NotSent | Verdict::Retryable | Verdict::Unknown => again(job, refusal, ctx),
        Verdict::Terminal => failed(job.step, refusal.into()),
        Verdict::Blocked(scope) => parked(job, scope, refusal, None),
    }
}

/// The same step later, until its attempts are spent.
pub(super) fn again(job: &Job, refusal: &Refusal, ctx: &Context<'_>) -> Outcome {
    let error = JobError::from(refusal);
    if are_spent(job.attempts, ctx) {
        let class = match refusal.verdict {
            Verdict::Unknown => ErrorClass::Unknown,
            _ => ErrorClass::Retryable,
        };
        return failed(job.step, error.of_class(class));
    }
    let delay_ms = retry::delay_ms(ctx.policy, job.attempts, ctx.jitter);
    Outcome::new("retry", Fate::Scheduled { delay_ms }, job.step, Attempts::Keep).with_error(error)
}

/// Whether a step that was attempted so often is attempted no more.
pub(super) fn are_spent(attempts: u32, ctx: &Context<'_>) -> bool {
    attempts >= ctx.policy.retry_max_attempts
}

/// Parked at its step; the blocked call counts as no attempt.
pub(super) fn parked(job: &Job, scope: &Scope, refusal: &Refusal, need: Option<Points>) -> Outcome {
    let fate = Fate::Parked {
        scope: scope.clone(),
        error: refusal.into(),
        link: refusal.link.clone(),
        need,
    };
    Outcome::new("parked", fate, job.step, Attempts::Restore)
}

/// Back to the head of its lane, to be called in a smaller batch: bisection down to the unit that is to blame.
pub(super) fn halved(job: &Job, batch_units: u32) -> Outcome {
    Outcome::new(
        "bisected",
        Fate::Ready { front: true },
        job.step,
        Attempts::Restore,
    )
    .with_max_batch((batch_units / 2).max(1))
}

/// Failed at this step; its attempts stay visible.
pub(super) fn failed(step: Step, error: JobError) -> Outcome {
    Outcome::new("failed", Fate::Failed { error }, step, Attempts::Keep)
}
