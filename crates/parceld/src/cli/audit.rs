//! `parceld audit`: what contradicts the invariants, in everything that stands in Redis.

use parceld_domain::audit::{Fault, Finding, Limits};
use parceld_store::Audit;
use serde::Serialize;

use super::failure::Failure;
use super::output::note;
use super::table::table;
use super::{Format, Session, connect};
use crate::settings::Settings;

/// How long something due may wait before it counts as forgotten, and no less than a lease.
const PATIENCE_MS: u64 = 60_000;

/// The document of `-o json`.
#[derive(Serialize)]
struct View<'a> {
    looked_at: LookedAt,
    findings: Vec<Row<'a>>,
    left_out: u64,
    unsettled: &'a [&'static str],
}

#[derive(Serialize)]
struct LookedAt {
    jobs: u64,
    keys: u64,
    lanes: u64,
    scopes: u64,
    errands: u64,
}

#[derive(Serialize)]
struct Row<'a> {
    code: Fault,
    subject: &'a str,
    detail: &'a str,
    why: &'static str,
    advice: &'static str,
    repairable: bool,
}

pub(crate) async fn run(mut session: Session) -> Result<(), Failure> {
    let store = connect::store(&session.settings).await?;
    let audit = store.audit(&limits(&session.settings)).await?;
    let view = View::new(&audit);
    match session.format {
        Format::Json => session.output.json(&view)?,
        Format::Table => session.output.text(&view.text())?,
    }
    session.output.flush()?;
    for counters in &audit.unsettled {
        note(&format!(
            "work went on, so the counters in {counters} could not be compared with a recount"
        ));
    }
    match view.count() {
        0 => Ok(()),
        findings => Err(Failure::new(format!("the audit has {findings} findings"))
            .hint("docs/runbook.md says what each means, and `-o json` what to do")),
    }
}

fn limits(settings: &Settings) -> Limits {
    Limits {
        lease_ms: settings.store.lease_ms,
        call_ms: settings.policy.vendor_timeout_ms + settings.policy.settle_time_ms,
        patience_ms: PATIENCE_MS.max(settings.store.lease_ms),
        per_second: settings.store.per_second,
    }
}

impl<'a> View<'a> {
    fn new(audit: &'a Audit) -> Self {
        View {
            looked_at: LookedAt {
                jobs: audit.jobs,
                keys: audit.keys,
                lanes: audit.lanes,
                scopes: audit.scopes,
                errands: audit.errands,
            },
            findings: audit.findings.iter().map(Row::new).collect(),
            left_out: audit.left_out,
            unsettled: &audit.unsettled,
        }
    }

    fn count(&self) -> u64 {
        self.findings.len() as u64 + self.left_out
    }

    fn text(&self) -> String {
        let jobs = self.looked_at.jobs;
        if self.findings.is_empty() {
            return format!("audit: {jobs} jobs looked at, no finding\n");
        }
        let row = |row: &Row<'_>| {
            [row.code.as_str(), row.subject, row.detail, row.advice]
                .map(str::to_owned)
                .to_vec()
        };
        format!(
            "audit: {jobs} jobs looked at, {} findings\n\n{}",
            self.count(),
            table(
                &["FINDING", "SUBJECT", "DETAIL", "ADVICE"],
                self.findings.iter().map(row)
            )
        )
    }
}

impl<'a> Row<'a> {
    fn new(finding: &'a Finding) -> Self {
        Row {
            code: finding.fault,
            subject: &finding.subject,
            detail: &finding.detail,
            why: finding.fault.why(),
            advice: finding.fault.advice(),
            repairable: finding.cure.is_some(),
        }
    }
}
