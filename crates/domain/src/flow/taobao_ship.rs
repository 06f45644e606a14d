//! `taobao.ship`: `send`, and after an unclear answer `detail`, until the trade bears our waybill or is refused.

mod trade;

pub use trade::Row;

use serde::{Deserialize, Serialize};
use serde_json::json;

use self::trade::{Found, found};
use super::kept_error::KeptError;
use super::look::{Look, Vain};
use super::{
    Context, IllegalEvent, interrupted, json, may_be_unsettled, on_unreadable, read, refused, retried,
};
use crate::id::Id;
use crate::job::Job;
use crate::kind::Kind;
use crate::outcome::{Attempts, Fate, JobError, Outcome};
use crate::payload::TaobaoShip;
use crate::retry;
use crate::state::Step;
use crate::verdict::{ErrorClass, Hint, Refusal, Verdict};

/// The message code of `send` and `detail` for a trade that cannot be shipped or found.
const TRADE_REFUSED: i64 = 614;

/// What the vendor said about the trade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// `send` was answered.
    Sent(Result<Shipped, Refusal>),
    /// `detail` by tid was answered.
    Looked(Result<Vec<Row>, Refusal>),
}

/// A shipment that the vendor confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shipped {
    /// Points charged for the call, where the answer says so.
    pub withholding_money: Option<i64>,
}

/// What the flow remembers between calls.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Memory {
    /// Some attempt had no clear answer; an operator's cancel asks for it too.
    unknown: bool,
    /// The one later try that the vendor advises for two messages was granted.
    retried_614: bool,
    /// Attempts to ship; look-ups count for themselves.
    sends: u32,
    /// The look-up under way.
    look: Look,
    /// The waybill of a logistics order that a look of it showed as neither shipped nor not shipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    undecided: Option<Id>,
    /// Look-ups that were not answered, one after the other.
    unanswered: u32,
    /// What made it necessary.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<KeptError>,
}

/// Decides what an answer makes of the job.
///
/// # Errors
/// When the event cannot happen at the job's step.
pub fn apply(
    job: &Job,
    payload: &TaobaoShip,
    event: Event,
    ctx: &Context<'_>,
) -> Result<Outcome, IllegalEvent> {
    let memory: Memory = match read(&job.memory) {
        Ok(memory) => memory,
        Err(error) => return Ok(on_unreadable(job.step, "memory", &error)),
    };
    match (job.step, event) {
        (Step::Send, Event::Sent(Ok(shipped))) => Ok(done(&shipped)),
        (Step::Send, Event::Sent(Err(refusal))) => Ok(send_refused(job, memory, &refusal, ctx)),
        (Step::Verify, Event::Looked(Ok(rows))) => Ok(looked(payload, memory, &rows, ctx)),
        (Step::Verify, Event::Looked(Err(refusal))) => Ok(look_refused(job, memory, &refusal, ctx)),
        (step, event) => Err(IllegalEvent {
            kind: Kind::TaobaoShip,
            step,
            event: match event {
                Event::Sent(_) => "sent",
                Event::Looked(_) => "looked",
            },
        }),
    }
}

/// A worker died: a begun `send` is looked up, a look-up is repeated.
pub(super) fn on_death(job: &Job, ctx: &Context<'_>) -> Outcome {
    if job.step != Step::Send {
        return interrupted(job);
    }
    match read::<Memory>(&job.memory) {
        Err(error) => on_unreadable(job.step, "memory", &error),
        Ok(mut memory) => {
            memory.unknown = true;
            memory.sends = job.attempts + 1;
            let lost = KeptError::worker_lost();
            let error = lost.shown();
            memory.error = Some(lost);
            verify("worker-lost", memory, Look::after_intent(ctx), ctx).with_error(error)
        }
    }
}

/// An operator retries: with the look-up if any attempt was unclear.
pub(super) fn on_retry(job: &Job, failed_class: Option<ErrorClass>, ctx: &Context<'_>) -> Outcome {
    match read::<Memory>(&job.memory) {
        Err(error) => on_unreadable(job.step, "memory", &error),
        Ok(memory) => {
            let look_first = memory.unknown || job.step == Step::Verify || may_be_unsettled(failed_class);
            let step = if look_first { Step::Verify } else { Step::Send };
            let memory = Memory {
                unknown: memory.unknown,
                look: Look::default().restarted(ctx),
                ..Memory::default()
            };
            retried(step).with_memory(json(&memory))
        }
    }
}

fn done(shipped: &Shipped) -> Outcome {
    Outcome::new("done", Fate::Done, Step::Send, Attempts::Keep)
        .with_result(json!({"withholding_money": shipped.withholding_money}).to_string())
}

fn send_refused(job: &Job, mut memory: Memory, refusal: &Refusal, ctx: &Context<'_>) -> Outcome {
    memory.sends = job.attempts;
    match (&refusal.verdict, refusal.hint) {
        (Verdict::NotSent, _) => refused::again(job, refusal, ctx),
        (Verdict::Blocked(scope), _) => refused::parked(job, scope, refusal, None),
        (Verdict::Retryable | Verdict::Unknown, _) => {
            memory.unknown = true;
            memory.error = Some(KeptError::of(refusal));
            verify("unknown", memory, Look::after_call(ctx), ctx).with_error(refusal.into())
        }
        // Perhaps the echo of our own earlier attempt: only the trade itself can tell.
        (Verdict::Terminal, Hint::Effected) if memory.unknown => {
            memory.error = Some(KeptError::last_word(refusal.into()));
            verify("refused", memory, Look::after_call(ctx), ctx).with_error(refusal.into())
        }
        (Verdict::Terminal, Hint::TryOnceMore) if ctx.policy.retry_614_once && !memory.retried_614 => {
            memory.retried_614 = true;
            memory.error = Some(KeptError::of(refusal));
            verify("once-more", memory, Look::after_call(ctx).once(), ctx).with_error(refusal.into())
        }
        (Verdict::Terminal, _) => refused::failed(job.step, refusal.into()),
    }
}

fn looked(payload: &TaobaoShip, memory: Memory, rows: &[Row], ctx: &Context<'_>) -> Outcome {
    match found(payload, rows) {
        Found::Ours => Outcome::new("settled", Fate::Done, Step::Verify, Attempts::Restore)
            .with_result(json!({"withholding_money": null, "settled_by": "look-up"}).to_string()),
        Found::Other(row) => failed_by_look(Step::Verify, shipped_otherwise(payload, row, &memory)),
        Found::Closed(status) => failed_by_look(Step::Verify, closed(payload, status, &memory)),
        Found::Unmatched => failed_by_look(
            Step::Verify,
            JobError::found(
                ErrorClass::Human,
                format!(
                    "trade {} is split and the look-up showed no logistics order with exactly these sub-orders; \
                     whether this part was shipped is not known",
                    payload.tid
                ),
                "拆单交易无法自动核对,请在卖家后台查看该子订单是否已用此运单号发货",
            ),
        ),
        Found::Undecided(waybill) => {
            let undecided = Some(waybill.clone());
            in_vain(Memory { undecided, ..memory }, ctx)
        }
        Found::NotShipped => in_vain(memory, ctx),
    }
}

fn look_refused(job: &Job, mut memory: Memory, refusal: &Refusal, ctx: &Context<'_>) -> Outcome {
    match &refusal.verdict {
        Verdict::Blocked(scope) => refused::parked(job, scope, refusal, None),
        // Weak evidence that the trade is not shipped (trap J3): it counts as one look in vain.
        Verdict::Terminal if refusal.code == Some(TRADE_REFUSED) => in_vain(memory, ctx),
        Verdict::Terminal => failed_by_look(Step::Verify, not_settled(refusal)),
        Verdict::NotSent | Verdict::Retryable | Verdict::Unknown => {
            memory.unanswered += 1;
            if refused::are_spent(memory.unanswered, ctx) {
                return failed_by_look(Step::Verify, not_settled(refusal));
            }
            let delay_ms = retry::delay_ms(ctx.policy, memory.unanswered, ctx.jitter);
            let fate = Fate::Scheduled { delay_ms };
            Outcome::new("retry", fate, Step::Verify, Attempts::Restore)
                .with_memory(json(&memory))
                .with_error(refusal.into())
        }
    }
}

fn in_vain(mut memory: Memory, ctx: &Context<'_>) -> Outcome {
    memory.unanswered = 0;
    let shown = memory.error.as_ref().map(KeptError::shown);
    // A job at this step was scheduled for when a look proves something, so every look counts.
    if memory.look.in_vain(u64::MAX, ctx) == Vain::Again {
        let look = memory.look;
        return Outcome {
            error: shown,
            attempts: Attempts::Restore,
            ..verify("looked-in-vain", memory, look, ctx)
        };
    }
    if let Some(waybill) = &memory.undecided {
        return failed_by_look(Step::Verify, not_said(waybill));
    }
    let error = shown.clone().unwrap_or_else(KeptError::no_answer);
    if memory.error.as_ref().is_some_and(|error| error.is_final) {
        return failed_by_look(Step::Send, error);
    }
    if refused::are_spent(memory.sends, ctx) {
        return failed_by_look(Step::Send, error.of_class(ErrorClass::Retryable));
    }
    let fate = Fate::Ready { front: false };
    let outcome = Outcome::new("not-shipped", fate, Step::Send, Attempts::Restore);
    Outcome {
        error: shown,
        ..outcome.with_memory(json(&memory))
    }
}

fn verify(event: &'static str, mut memory: Memory, look: Look, ctx: &Context<'_>) -> Outcome {
    memory.look = look;
    let fate = Fate::Scheduled {
        delay_ms: look.delay_ms(ctx).max(1),
    };
    Outcome::new(event, fate, Step::Verify, Attempts::Keep).with_memory(json(&memory))
}

/// Failed by what a look-up showed; the look-up's own call counts nothing.
fn failed_by_look(step: Step, error: JobError) -> Outcome {
    Outcome {
        attempts: Attempts::Restore,
        ..refused::failed(step, error)
    }
}

fn shipped_otherwise(payload: &TaobaoShip, row: &Row, memory: &Memory) -> JobError {
    let other = row
        .out_sid
        .as_ref()
        .map_or_else(|| "no waybill".to_owned(), |sid| format!("waybill {sid}"));
    let mut error = JobError::found(
        ErrorClass::Terminal,
        format!(
            "trade {} is already shipped with {other}, not with {}",
            payload.tid, payload.out_sid
        ),
        "该交易已用其他运单发货,请核对是否重复发货;本任务未生效",
    );
    error.code = final_code(memory);
    error
}

fn closed(payload: &TaobaoShip, status: &str, memory: &Memory) -> JobError {
    let mut error = JobError::found(
        ErrorClass::Terminal,
        format!(
            "the logistics order of trade {} is {status} and was not shipped",
            payload.tid
        ),
        "物流订单已关闭或取消,无需发货,请核对交易状态",
    );
    error.code = final_code(memory);
    error
}

/// The vendor's code for the refusal that the look-up bore out.
fn final_code(memory: &Memory) -> Option<i64> {
    let error = memory.error.as_ref().filter(|error| error.is_final)?;
    error.shown().code
}

/// Our own `send` may have put the waybill there: another one is for a person to order.
fn not_said(waybill: &Id) -> JobError {
    JobError::found(
        ErrorClass::Human,
        format!(
            "the logistics order of the trade bears waybill {waybill}, and the vendor does not say whether it is shipped; \
             nothing is sent again"
        ),
        "物流订单已有运单号,但未说明是否已发货,请在卖家后台核对后再决定是否重试",
    )
}

fn not_settled(refusal: &Refusal) -> JobError {
    JobError {
        msg: format!(
            "whether the trade was shipped is not known; the look-up was refused: {}",
            refusal.msg
        ),
        ..JobError::from(refusal)
    }
    .of_class(ErrorClass::Human)
}

#[cfg(test)]
mod tests;
