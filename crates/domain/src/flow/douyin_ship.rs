//! `douyin.ship`: one item of a batch; after an unclear answer the identical pair is repeated, for no read exists.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Context, IllegalEvent, json, on_unreadable, read, refused, retried};
use crate::job::Job;
use crate::kind::Kind;
use crate::outcome::{Attempts, Fate, JobError, Outcome};
use crate::payload::DouyinShip;
use crate::retry;
use crate::state::Step;
use crate::verdict::{ErrorClass, Refusal, Verdict};

/// Words of an item's refusal which say that the order is shipped already; the vendor lists none (trap H21).
const SHIPPED_WORDS: [&str; 2] = ["已发货", "重复发货"];

/// What the vendor said about this job's item, or about the whole call that carried it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The call was answered; this is the job's item.
    Item(Item),
    /// The call was not a success.
    Refused {
        /// How it was refused.
        refusal: Refusal,
        /// How many units of all jobs the call carried.
        batch_units: u32,
    },
}

/// The answer to one item; its codes are the reverse of the envelope's (trap B5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// Item code 1.
    Shipped,
    /// Item code 0, or any other.
    Refused {
        /// The vendor's `err_msg`.
        msg: String,
    },
    /// The answer has no such item.
    Absent,
}

/// What the flow remembers between calls.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Memory {
    /// Some attempt had no clear answer; an operator's cancel asks for it too.
    unknown: bool,
    /// Repeats of the identical pair, the next one included.
    repeats: u32,
}

/// Decides what an answer makes of the job.
///
/// # Errors
/// When the event cannot happen at the job's step.
pub fn apply(
    job: &Job,
    payload: &DouyinShip,
    event: Event,
    ctx: &Context<'_>,
) -> Result<Outcome, IllegalEvent> {
    if job.step != Step::Ship {
        return Err(IllegalEvent {
            kind: Kind::DouyinShip,
            step: job.step,
            event: match event {
                Event::Item(_) => "item",
                Event::Refused { .. } => "refused",
            },
        });
    }
    let memory: Memory = match read(&job.memory) {
        Ok(memory) => memory,
        Err(error) => return Ok(on_unreadable(job.step, "memory", &error)),
    };
    Ok(match event {
        Event::Item(Item::Shipped) => done(payload, memory.unknown),
        Event::Item(Item::Refused { msg }) => item_refused(payload, &memory, &msg),
        Event::Item(Item::Absent) => unknown(memory, absent(), after_settling(job, ctx), ctx),
        Event::Refused { refusal, batch_units } => call_refused(job, memory, &refusal, batch_units, ctx),
    })
}

/// A worker died: the identical pair is repeated once a late effect must have appeared.
pub(super) fn on_death(job: &Job, ctx: &Context<'_>) -> Outcome {
    match read(&job.memory) {
        Err(error) => on_unreadable(job.step, "memory", &error),
        Ok(memory) => {
            let lost = JobError::found(
                ErrorClass::Unknown,
                "the worker was lost during the call; the identical shipment is repeated",
                "系统会自动用相同的订单号和运单号重复提交核对,无需处理",
            );
            let delay_ms = ctx.policy.vendor_timeout_ms + ctx.policy.settle_time_ms;
            unknown(memory, lost, delay_ms, ctx)
        }
    }
}

/// An operator retries: the identical pair, with all its repeats.
pub(super) fn on_retry(job: &Job) -> Outcome {
    match read::<Memory>(&job.memory) {
        Err(error) => on_unreadable(job.step, "memory", &error),
        Ok(memory) => retried(Step::Ship).with_memory(json(&Memory { repeats: 0, ..memory })),
    }
}

fn done(payload: &DouyinShip, by_repeat: bool) -> Outcome {
    let result = if by_repeat {
        json!({"waybill_code": payload.waybill_code, "settled_by": "repeat"})
    } else {
        json!({"waybill_code": payload.waybill_code})
    };
    Outcome::new("done", Fate::Done, Step::Ship, Attempts::Keep).with_result(result.to_string())
}

fn item_refused(payload: &DouyinShip, memory: &Memory, msg: &str) -> Outcome {
    if memory.unknown && says_shipped(msg) {
        return done(payload, true);
    }
    let error = if memory.unknown {
        JobError::found(
            ErrorClass::Human,
            format!("an earlier attempt had no clear answer; its repeat was refused: {msg}"),
            "之前一次提交结果不明,重复提交被拒绝,请在抖店后台核对该订单是否已发货",
        )
    } else {
        JobError::found(
            ErrorClass::Terminal,
            msg,
            "请核对订单号、快递公司编码和运单号后重新提交",
        )
    };
    refused::failed(Step::Ship, error)
}

fn call_refused(
    job: &Job,
    memory: Memory,
    refusal: &Refusal,
    batch_units: u32,
    ctx: &Context<'_>,
) -> Outcome {
    match &refusal.verdict {
        Verdict::NotSent => {
            let mut outcome = refused::again(job, refusal, ctx);
            if let Fate::Failed { error } = &mut outcome.fate
                && memory.unknown
            {
                error.class = ErrorClass::Human;
            }
            outcome
        }
        Verdict::Blocked(scope) => refused::parked(job, scope, refusal, None),
        Verdict::Retryable | Verdict::Unknown => {
            unknown(memory, refusal.into(), after_settling(job, ctx), ctx)
        }
        Verdict::Terminal if batch_units > 1 => refused::halved(job, batch_units),
        Verdict::Terminal if memory.unknown => {
            refused::failed(Step::Ship, JobError::from(refusal).of_class(ErrorClass::Human))
        }
        Verdict::Terminal => refused::failed(Step::Ship, refusal.into()),
    }
}

/// Repeats the identical pair, or leaves it to a person: it can cost points, never ship another parcel.
fn unknown(mut memory: Memory, error: JobError, delay_ms: u64, ctx: &Context<'_>) -> Outcome {
    memory.unknown = true;
    memory.repeats += 1;
    let outcome = if memory.repeats > ctx.policy.douyin_repeats {
        let msg = format!(
            "whether the order was shipped is not known; {} repeats brought no clear answer, the last one: {}",
            ctx.policy.douyin_repeats, error.msg
        );
        let error = JobError {
            msg,
            class: ErrorClass::Human,
            advice: "结果不明且无查询接口,请在抖店后台核对该订单是否已发货".to_owned(),
            ..error
        };
        refused::failed(Step::Ship, error)
    } else {
        let fate = Fate::Scheduled {
            delay_ms: delay_ms.max(1),
        };
        Outcome::new("unknown", fate, Step::Ship, Attempts::Keep).with_error(error)
    };
    outcome.with_memory(json(&memory))
}

/// No repeat may meet the call before it, which may still be at work at the vendor.
fn after_settling(job: &Job, ctx: &Context<'_>) -> u64 {
    let settled_ms = ctx.policy.vendor_timeout_ms + ctx.policy.settle_time_ms;
    settled_ms + retry::delay_ms(ctx.policy, job.attempts, ctx.jitter)
}

fn absent() -> JobError {
    JobError::found(
        ErrorClass::Unknown,
        "the answer has no item for this order",
        "返回结果中没有该订单,系统会用相同的订单号和运单号重复提交核对",
    )
}

/// Compared without white space and punctuation (trap A17).
fn says_shipped(msg: &str) -> bool {
    let letters: String = msg.chars().filter(|c| c.is_alphanumeric()).collect();
    SHIPPED_WORDS.iter().any(|words| letters.contains(words))
}

#[cfg(test)]
mod tests;
