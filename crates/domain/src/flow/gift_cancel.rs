//! `gift.cancel`: cancel one package, and after an unclear answer look at its status.

use serde::{Deserialize, Serialize};

use super::kept_error::KeptError;
use super::look::{Gap, Look, Unprovable, Vain};
use super::{Context, IllegalEvent, json, may_be_unsettled, on_unreadable, read, refused, retried};
use crate::errand::Errand;
use crate::job::Job;
use crate::kind::Kind;
use crate::outcome::{Attempts, Fate, JobError, Outcome};
use crate::payload::GiftCancel;
use crate::state::Step;
use crate::vendor_status::VendorStatus;
use crate::verdict::{ErrorClass, Hint, Refusal, Verdict};

/// What the vendor said about the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The cancellation was confirmed.
    Cancelled,
    /// The cancellation was not a success.
    Refused(Refusal),
    /// A page of packages shows this one.
    Seen {
        /// Its status.
        status: VendorStatus,
        /// When the pass began whose page this was, Redis's clock.
        pass_began_ms: u64,
    },
    /// A complete pass did not show the package.
    Unseen {
        /// When the pass began, Redis's clock.
        pass_began_ms: u64,
    },
    /// A pass ended at its bound of pages without showing the package.
    DepthSpent {
        /// When the pass began, Redis's clock.
        pass_began_ms: u64,
    },
    /// A pass that was not whole ended without showing the package.
    NotWhole {
        /// When the pass began, Redis's clock.
        pass_began_ms: u64,
        /// What it lacks.
        gap: Gap,
    },
}

impl Event {
    /// The event's name, for errors and logs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Event::Cancelled => "cancelled",
            Event::Refused(_) => "refused",
            Event::Seen { .. } => "seen",
            Event::Unseen { .. } => "unseen",
            Event::DepthSpent { .. } => "depth-spent",
            Event::NotWhole { .. } => "not-whole",
        }
    }
}

/// What the flow remembers between calls.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Memory {
    /// Some attempt had no clear answer; an operator's cancel asks for it too.
    unknown: bool,
    /// The look-up under way.
    look: Look,
    /// What made it necessary.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<KeptError>,
}

/// Decides what an answer or an observation makes of the job.
///
/// # Errors
/// When the event cannot happen at the job's step.
pub fn apply(
    job: &Job,
    payload: &GiftCancel,
    event: Event,
    ctx: &Context<'_>,
) -> Result<Outcome, IllegalEvent> {
    let memory: Memory = match read(&job.memory) {
        Ok(memory) => memory,
        Err(error) => return Ok(on_unreadable(job.step, "memory", &error)),
    };
    Ok(match (job.step, event) {
        (Step::Cancel, Event::Cancelled) => done("done", Step::Cancel),
        (Step::Cancel, Event::Refused(refusal)) => cancel_refused(job, payload, memory, &refusal, ctx),
        (
            Step::Confirm,
            Event::Seen {
                status,
                pass_began_ms,
            },
        ) => seen(job, payload, memory, status, pass_began_ms, ctx),
        (Step::Confirm, Event::Unseen { pass_began_ms }) => unseen(payload, memory, pass_began_ms, ctx),
        (Step::Confirm, Event::DepthSpent { pass_began_ms }) => {
            depth_spent(payload, memory, pass_began_ms, ctx)
        }
        (Step::Confirm, Event::NotWhole { pass_began_ms, gap }) => {
            not_whole(payload, memory, pass_began_ms, gap, ctx)
        }
        (step, event) => {
            return Err(IllegalEvent {
                kind: Kind::GiftCancel,
                step,
                event: event.name(),
            });
        }
    })
}

/// A worker died: the cancellation is looked up.
pub(super) fn on_death(job: &Job, payload: &GiftCancel, ctx: &Context<'_>) -> Outcome {
    match read::<Memory>(&job.memory) {
        Err(error) => on_unreadable(job.step, "memory", &error),
        Ok(mut memory) => {
            memory.unknown = true;
            memory.look = Look::after_intent(ctx);
            let lost = KeptError::worker_lost();
            let error = lost.shown();
            memory.error = Some(lost);
            let delay_ms = memory.look.delay_ms(ctx);
            confirm("worker-lost", payload, &memory, delay_ms).with_error(error)
        }
    }
}

/// An operator retries: with the look-up if any attempt was unclear, or if a person was to decide.
pub(super) fn on_retry(
    job: &Job,
    payload: &GiftCancel,
    failed_class: Option<ErrorClass>,
    ctx: &Context<'_>,
) -> Outcome {
    match read::<Memory>(&job.memory) {
        Err(error) => on_unreadable(job.step, "memory", &error),
        Ok(memory) if memory.unknown || may_be_unsettled(failed_class) => {
            let memory = Memory {
                look: memory.look.restarted(ctx),
                error: None,
                ..memory
            };
            Outcome {
                attempts: Attempts::Reset,
                ..confirm("retried", payload, &memory, memory.look.delay_ms(ctx))
            }
        }
        Ok(_) => retried(Step::Cancel).with_memory(json(&Memory::default())),
    }
}

fn cancel_refused(
    job: &Job,
    payload: &GiftCancel,
    mut memory: Memory,
    refusal: &Refusal,
    ctx: &Context<'_>,
) -> Outcome {
    memory.error = match (&refusal.verdict, refusal.hint) {
        (Verdict::NotSent, _) => return refused::again(job, refusal, ctx),
        (Verdict::Blocked(scope), _) => return refused::parked(job, scope, refusal, None),
        (Verdict::Terminal, Hint::Effected) if memory.unknown => Some(KeptError::last_word(refusal.into())),
        (Verdict::Terminal, _) => return refused::failed(Step::Cancel, refusal.into()),
        (Verdict::Retryable | Verdict::Unknown, _) => {
            memory.unknown = true;
            Some(KeptError::of(refusal))
        }
    };
    memory.look = Look::after_call(ctx);
    confirm("unknown", payload, &memory, memory.look.delay_ms(ctx)).with_error(refusal.into())
}

fn seen(
    job: &Job,
    payload: &GiftCancel,
    mut memory: Memory,
    status: VendorStatus,
    pass_began_ms: u64,
    ctx: &Context<'_>,
) -> Outcome {
    let kept = memory.error.clone();
    match status {
        VendorStatus::Cancelled => return done("settled", Step::Confirm),
        VendorStatus::Shipped => {
            let error = kept.map_or_else(|| too_late(payload), |kept| kept.shown());
            return refused::failed(Step::Confirm, error.of_class(ErrorClass::Terminal));
        }
        VendorStatus::AwaitingPayment | VendorStatus::AwaitingShipment | VendorStatus::Other(_) => {}
    }
    if memory.look.in_vain(pass_began_ms, ctx) != Vain::Enough {
        return look_again(payload, &memory, ctx);
    }
    let is_final = kept.as_ref().is_some_and(|kept| kept.is_final);
    let shown = kept.as_ref().map(KeptError::shown);
    let error = shown.clone().unwrap_or_else(KeptError::no_answer);
    if is_final {
        return refused::failed(Step::Confirm, error.of_class(ErrorClass::Terminal));
    }
    if refused::are_spent(job.attempts, ctx) {
        return refused::failed(Step::Confirm, error.of_class(ErrorClass::Retryable));
    }
    let fate = Fate::Ready { front: false };
    let outcome = Outcome::new("not-cancelled", fate, Step::Cancel, Attempts::Keep)
        .with_memory(json(&memory))
        .with_watch(Vec::new());
    Outcome {
        error: shown,
        ..outcome
    }
}

fn unseen(payload: &GiftCancel, mut memory: Memory, pass_began_ms: u64, ctx: &Context<'_>) -> Outcome {
    match memory.look.in_vain(pass_began_ms, ctx) {
        Vain::Enough => refused::failed(Step::Confirm, not_found(payload)),
        Vain::TooEarly | Vain::Again => look_again(payload, &memory, ctx),
    }
}

/// A further pass would end at the same bound, unless this one began too early to prove anything.
fn depth_spent(payload: &GiftCancel, mut memory: Memory, pass_began_ms: u64, ctx: &Context<'_>) -> Outcome {
    match memory.look.in_vain(pass_began_ms, ctx) {
        Vain::TooEarly => look_again(payload, &memory, ctx),
        Vain::Again | Vain::Enough => refused::failed(Step::Confirm, not_found(payload)),
    }
}

/// A pass with a gap is repeated, boundedly.
fn not_whole(
    payload: &GiftCancel,
    mut memory: Memory,
    pass_began_ms: u64,
    gap: Gap,
    ctx: &Context<'_>,
) -> Outcome {
    match memory.look.not_whole(pass_began_ms, gap, ctx) {
        Ok(Vain::Enough) | Err(Unprovable) => {
            let error = not_found(payload);
            let msg = format!("{}, and {}", error.msg, gap.told());
            refused::failed(Step::Confirm, JobError { msg, ..error })
        }
        Ok(Vain::TooEarly | Vain::Again) => look_again(payload, &memory, ctx),
    }
}

fn look_again(payload: &GiftCancel, memory: &Memory, ctx: &Context<'_>) -> Outcome {
    let outcome = confirm("looked", payload, memory, memory.look.delay_ms(ctx));
    Outcome {
        error: memory.error.as_ref().map(KeptError::shown),
        ..outcome
    }
}

/// Waits for the package to be seen. How old it is, is not known: the sweep may have to go to its last page.
fn confirm(event: &'static str, payload: &GiftCancel, memory: &Memory, delay_ms: u64) -> Outcome {
    let fate = Fate::Waiting {
        errand: Errand::Packages,
        delay_ms,
        since_ms: 0,
    };
    Outcome::new(event, fate, Step::Confirm, Attempts::Keep)
        .with_memory(json(memory))
        .with_watch(vec![format!("package:{}", payload.package_id)])
}

fn done(event: &'static str, step: Step) -> Outcome {
    Outcome::new(event, Fate::Done, step, Attempts::Keep)
}

fn too_late(payload: &GiftCancel) -> JobError {
    JobError::found(
        ErrorClass::Terminal,
        format!("package {} is already shipped", payload.package_id),
        "包裹已发货,无法取消,请联系快递拦截或让收件人拒收",
    )
}

fn not_found(payload: &GiftCancel) -> JobError {
    JobError::found(
        ErrorClass::Human,
        format!(
            "whether package {} was cancelled is not known; the package list does not show it",
            payload.package_id
        ),
        "包裹列表中找不到该包裹,请在v兔商城后台核对其状态",
    )
}

#[cfg(test)]
mod tests;
