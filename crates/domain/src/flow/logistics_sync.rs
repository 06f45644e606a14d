//! `logistics.sync`: a shop's logistics orders page by page, a page a call.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Context, IllegalEvent, RESULT_BYTES_MAX, json, on_unreadable, read, refused};
use crate::job::Job;
use crate::kind::Kind;
use crate::outcome::{Attempts, Fate, JobError, Outcome};
use crate::payload::LogisticsSync;
use crate::private::Private;
use crate::state::Step;
use crate::verdict::{ErrorClass, Refusal};

/// Rows to ask for in a call (`page_size`).
pub const PAGE_ROWS: u32 = 100;
/// Most pages of one job.
pub const PAGES_MAX: u32 = 500;
/// Rows of a page when the vendor passes our `page_size` over; a page of so many is no proof of the end (trap F5).
const VENDOR_PAGE_ROWS: usize = 40;

/// What the vendor said about one page.
#[derive(Debug, Clone)]
pub enum Event {
    /// The page.
    Page {
        /// Its rows as they came.
        rows: Vec<Private<Box<RawValue>>>,
        /// How many rows there are on all pages, where the answer says so (trap B10).
        total: Option<u64>,
    },
    /// The call was not a success.
    Refused(Refusal),
}

/// What the flow remembers between calls.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Memory {
    /// Pages that were read.
    pages: u32,
}

/// What is known so far; the outward result.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Known {
    shippings: Vec<Box<RawValue>>,
}

/// The page that the next call asks for (`page_no`), from 1.
#[must_use]
pub fn next_page(memory: &str) -> u32 {
    read::<Memory>(memory).unwrap_or_default().pages + 1
}

/// Decides what an answer makes of the job.
///
/// # Errors
/// When the event cannot happen at the job's step.
pub fn apply(
    job: &Job,
    payload: &LogisticsSync,
    event: Event,
    ctx: &Context<'_>,
) -> Result<Outcome, IllegalEvent> {
    match (job.step, event) {
        (Step::Fetch, Event::Page { rows, total }) => Ok(page(job, payload, rows, total)),
        (Step::Fetch, Event::Refused(refusal)) => Ok(refused::read(job, &refusal, ctx)),
        (step, event) => Err(IllegalEvent {
            kind: Kind::LogisticsSync,
            step,
            event: match event {
                Event::Page { .. } => "page",
                Event::Refused(_) => "refused",
            },
        }),
    }
}

fn page(
    job: &Job,
    payload: &LogisticsSync,
    rows: Vec<Private<Box<RawValue>>>,
    total: Option<u64>,
) -> Outcome {
    let (mut memory, mut known) = match (read::<Memory>(&job.memory), read::<Known>(&job.result)) {
        (Ok(memory), Ok(known)) => (memory, known),
        (Err(error), _) => return on_unreadable(job.step, "memory", &error),
        (_, Err(error)) => return on_unreadable(job.step, "result", &error),
    };
    let count = rows.len();
    let added = add_new(&mut known, rows);
    memory.pages += 1;
    let has_all = total.map(|total| known.shippings.len() as u64 >= total);
    // Without a total only a short page tells the end (trap B10), and how many rows a page may have is not stated (F5).
    let is_short = count < PAGE_ROWS as usize && count != VENDOR_PAGE_ROWS;
    let is_last = payload.tid.is_some() || has_all.unwrap_or(is_short) || added == 0;
    let result = json(&known);
    if result.len() > RESULT_BYTES_MAX {
        return too_much(format!("the rows exceed {RESULT_BYTES_MAX} bytes"));
    }
    if !is_last && memory.pages >= PAGES_MAX {
        return too_much(format!("there are more than {PAGES_MAX} pages"));
    }
    let outcome = if is_last {
        Outcome::new("done", Fate::Done, Step::Fetch, Attempts::Reset)
    } else {
        let fate = Fate::Ready { front: true };
        Outcome::new("page", fate, Step::Fetch, Attempts::Reset)
    };
    outcome.with_memory(json(&memory)).with_result(result)
}

/// Adds the rows that are not known yet (trap F4: new rows shift pages) and counts them.
fn add_new(known: &mut Known, rows: Vec<Private<Box<RawValue>>>) -> usize {
    let mut texts: HashSet<String> = known.shippings.iter().map(|row| row.get().to_owned()).collect();
    let before = known.shippings.len();
    for row in rows {
        if texts.insert(row.expose().get().to_owned()) {
            known.shippings.push(row.expose().clone());
        }
    }
    known.shippings.len() - before
}

fn too_much(msg: String) -> Outcome {
    let error = JobError::found(
        ErrorClass::Human,
        msg,
        "数据过多,请缩小时间范围(start_created / end_created),分多个任务提交",
    );
    refused::failed(Step::Fetch, error)
}

#[cfg(test)]
mod tests;
