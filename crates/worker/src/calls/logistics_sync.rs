//! `detail`: one page a call, to the end.

use parceld_domain::flow::IllegalEvent;
use parceld_domain::flow::logistics_sync::{Event, PAGE_ROWS, apply, next_page};
use parceld_domain::job::Job;
use parceld_domain::outcome::Outcome;
use parceld_domain::payload::LogisticsSync;
use parceld_domain::verdict::Refusal;
use parceld_vendor::DetailQuery;

use super::refusal_of;
use crate::run::Shared;

pub(super) async fn make(
    shared: &Shared,
    job: &Job,
    sync: &LogisticsSync,
) -> (Result<Outcome, IllegalEvent>, Option<Refusal>) {
    let query = DetailQuery::page(sync.clone(), next_page(&job.memory), PAGE_ROWS);
    let answer = shared.vendor.detail(&query).await;
    let refusal = refusal_of(&answer);
    let event = match answer {
        Ok(page) => Event::Page {
            rows: page.rows.into_iter().map(|row| row.raw).collect(),
            total: page.total,
        },
        Err(refusal) => Event::Refused(refusal),
    };
    (apply(job, sync, event, &shared.context()), refusal)
}
