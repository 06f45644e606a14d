//! `orders.sync`: as many order numbers a call as fit, until every one was asked for once.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Context, IllegalEvent, RESULT_BYTES_MAX, json, on_unreadable, read, refused};
use crate::id::Id;
use crate::job::Job;
use crate::kind::Kind;
use crate::outcome::{Attempts, Fate, JobError, Outcome};
use crate::payload::OrdersSync;
use crate::private::Private;
use crate::state::Step;
use crate::verdict::{ErrorClass, Refusal, Verdict};

/// What the vendor said about the numbers of this job in one call.
#[derive(Debug, Clone)]
pub enum Event {
    /// The call was answered.
    Page {
        /// How many of the job's next numbers it carried.
        asked: usize,
        /// The rows; those of other numbers are passed over.
        rows: Vec<OrderRow>,
    },
    /// The call was not a success.
    Refused {
        /// How it was refused.
        refusal: Refusal,
        /// How many numbers of all jobs the call carried.
        batch_units: u32,
    },
}

/// One order of the answer.
#[derive(Debug, Clone)]
pub struct OrderRow {
    /// The number that was asked for.
    pub order_sn: Id,
    /// The row as it came.
    pub raw: Private<Box<RawValue>>,
}

/// What the flow remembers between calls.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Memory {
    /// Numbers that were asked for.
    cursor: usize,
}

/// What is known so far; the outward result.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Known {
    orders: Vec<Box<RawValue>>,
    missing: Vec<Id>,
}

/// The numbers that were not asked for yet; the next call carries the first of them.
#[must_use]
pub fn pending<'a>(payload: &'a OrdersSync, memory: &str) -> &'a [Id] {
    let cursor = read::<Memory>(memory).unwrap_or_default().cursor;
    payload.order_sns.get(cursor..).unwrap_or_default()
}

/// Decides what an answer makes of the job.
///
/// # Errors
/// When the event cannot happen at the job's step, or asked for none or more numbers than are pending.
pub fn apply(
    job: &Job,
    payload: &OrdersSync,
    event: Event,
    ctx: &Context<'_>,
) -> Result<Outcome, IllegalEvent> {
    let illegal = |event| IllegalEvent {
        kind: Kind::OrdersSync,
        step: job.step,
        event,
    };
    let asked_most = pending(payload, &job.memory).len();
    match event {
        Event::Page { .. } if job.step != Step::Fetch => Err(illegal("page")),
        Event::Refused { .. } if job.step != Step::Fetch => Err(illegal("refused")),
        Event::Page { asked, .. } if asked == 0 || asked > asked_most => {
            Err(illegal("page of numbers that are not pending"))
        }
        Event::Page { asked, rows } => Ok(page(job, payload, asked, rows)),
        Event::Refused { refusal, batch_units } => Ok(call_refused(job, payload, &refusal, batch_units, ctx)),
    }
}

/// How many numbers are left to ask for.
pub(super) fn units(payload: &OrdersSync, memory: &str) -> u32 {
    u32::try_from(pending(payload, memory).len()).unwrap_or(u32::MAX)
}

fn page(job: &Job, payload: &OrdersSync, asked: usize, rows: Vec<OrderRow>) -> Outcome {
    let (mut memory, mut known) = match (read::<Memory>(&job.memory), read::<Known>(&job.result)) {
        (Ok(memory), Ok(known)) => (memory, known),
        (Err(error), _) => return on_unreadable(job.step, "memory", &error),
        (_, Err(error)) => return on_unreadable(job.step, "result", &error),
    };
    let mut by_number: HashMap<Id, Vec<Box<RawValue>>> = HashMap::new();
    for row in rows {
        by_number
            .entry(row.order_sn)
            .or_default()
            .push(row.raw.expose().clone());
    }
    let mut answered = HashSet::new();
    for number in &payload.order_sns[memory.cursor..memory.cursor + asked] {
        if !answered.insert(number) {
            continue;
        }
        match by_number.remove(number) {
            Some(rows) => known.orders.extend(rows),
            None => known.missing.push(number.clone()),
        }
    }
    memory.cursor += asked;
    let result = json(&known);
    if result.len() > RESULT_BYTES_MAX {
        let error = JobError::found(
            ErrorClass::Human,
            format!("the orders exceed {RESULT_BYTES_MAX} bytes"),
            "返回数据过大,请减少订单号数量,分多个任务提交",
        );
        return refused::failed(Step::Fetch, error);
    }
    let outcome = if memory.cursor == payload.order_sns.len() {
        Outcome::new("done", Fate::Done, Step::Fetch, Attempts::Reset)
    } else {
        let fate = Fate::Ready { front: true };
        Outcome::new("page", fate, Step::Fetch, Attempts::Reset)
    };
    outcome.with_memory(json(&memory)).with_result(result)
}

fn call_refused(
    job: &Job,
    payload: &OrdersSync,
    refusal: &Refusal,
    batch_units: u32,
    ctx: &Context<'_>,
) -> Outcome {
    match refusal.verdict {
        Verdict::Terminal if batch_units > 1 => refused::halved(job, batch_units),
        Verdict::Terminal => {
            let mut error = JobError::from(refusal);
            if let Some(number) = pending(payload, &job.memory).first() {
                error.msg = format!("order number {number}: {}", error.msg);
            }
            refused::failed(Step::Fetch, error)
        }
        _ => refused::read(job, refusal, ctx),
    }
}

#[cfg(test)]
mod tests;
