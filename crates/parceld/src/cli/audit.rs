//! `parceld audit`: what contradicts the invariants, in everything that stands in Redis, and in the vendor's list of orders.

mod vendor;

use std::time::Duration;

use parceld_domain::audit::{Fault, Finding, Limits};
use parceld_store::{Audit, Repair};
use parceld_vendor::Vendor;
use serde::Serialize;

use super::failure::Failure;
use super::output::note;
use super::table::table;
use super::{Format, Session, connect};
use crate::settings::{Settings, duration};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Mend what can be mended without any risk; without it nothing is changed.
    #[arg(long)]
    repair: bool,
    /// Read the vendor's list of gift orders too, a page a second beside workers at work, and compare it with the jobs. It
    /// needs the access token; nothing of it is repaired.
    #[arg(long)]
    vendor: bool,
    /// How far back the vendor's orders are read, such as 12h or 90d; without it `keep.done`.
    #[arg(long, value_name = "DURATION", requires = "vendor", value_parser = span)]
    since: Option<Duration>,
}

/// How long something due may wait before it counts as forgotten, and no less than a lease.
const PATIENCE_MS: u64 = 60_000;

/// The document of `-o json`.
#[derive(Serialize)]
struct View<'a> {
    looked_at: LookedAt,
    findings: Vec<Row<'a>>,
    repaired: Vec<Row<'a>>,
    left_out: u64,
    unsettled: &'a [&'static str],
}

#[derive(Serialize)]
struct LookedAt {
    jobs: u64,
    newer: u64,
    keys: u64,
    lanes: u64,
    scopes: u64,
    errands: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    vendor: Option<vendor::LookedAt>,
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

pub(crate) async fn run(args: &Args, mut session: Session) -> Result<(), Failure> {
    // Before anything is read: without a token there is no vendor to ask.
    let vendor = args.vendor.then(|| client(&session.settings)).transpose()?;
    let store = connect::store(&session.settings).await?;
    let limits = limits(&session.settings);
    let mut seen = if args.repair {
        // Repeated, it would not know what it mended before.
        store.once(async |store| store.repair(&limits).await).await?
    } else {
        Repair {
            mended: Vec::new(),
            left: store.ask(async |store| store.audit(&limits).await).await?,
        }
    };
    let (mut looked_at, mut cut) = (None, None);
    if let Some(vendor) = vendor {
        let kept = Duration::from_millis(session.settings.store.keep_done_ms);
        let since = args.since.unwrap_or(kept);
        let looked = vendor::look(&store, vendor, &session.settings, since, &mut seen.left).await;
        (looked_at, cut) = (Some(looked.0), looked.1);
    }
    let view = View::new(&seen, looked_at);
    match session.format {
        Format::Json => session.output.json(&view)?,
        Format::Table => session.output.text(&view.text())?,
    }
    session.output.flush()?;
    for text in notes(&seen.left) {
        note(&text);
    }
    if let Some(looked_at) = &view.looked_at.vendor {
        looked_at.tell();
    }
    end(view.count(), cut)
}

fn end(findings_count: u64, cut: Option<Failure>) -> Result<(), Failure> {
    match (findings_count, cut) {
        (0, None) => Ok(()),
        (0, Some(cut)) => Err(cut),
        (count, cut) => {
            if let Some(cut) = cut {
                cut.tell();
            }
            Err(Failure::new(format!("the audit has {}", findings(count)))
                .hint("docs/runbook.md says what each means, and `-o json` what to do"))
        }
    }
}

fn client(settings: &Settings) -> Result<Vendor, Failure> {
    Vendor::new(settings.vendor()?).map_err(|error| Failure::settings(error.to_string()))
}

fn span(text: &str) -> Result<Duration, String> {
    duration::parse(text).ok_or_else(|| "a duration such as \"12h\" or \"90d\" is wanted".to_owned())
}

/// What the audit could not judge, and why.
fn notes(audit: &Audit) -> Vec<String> {
    let mut notes = Vec::new();
    if audit.newer > 0 {
        notes.push(format!(
            "of {} jobs a later version of parceld has written {}: they were left to it, and no counter was compared with a \
             recount; audit with that version too",
            audit.jobs, audit.newer
        ));
    }
    for name in &audit.unsettled {
        match *name {
            "lanes" => notes.push(
                "a lane was too long to be searched for a ready job that had moved meanwhile or is lost; audit again when \
                 it is shorter"
                    .to_owned(),
            ),
            // Told where the vendor's orders are.
            "vendor" | "vendor-orders" => {}
            _ if audit.newer > 0 => {}
            counters => notes.push(format!(
                "work went on, so the counters in {counters} could not be compared with a recount"
            )),
        }
    }
    notes
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
    fn new(Repair { mended, left: audit }: &'a Repair, vendor: Option<vendor::LookedAt>) -> Self {
        View {
            repaired: mended.iter().map(Row::new).collect(),
            looked_at: LookedAt {
                jobs: audit.jobs,
                newer: audit.newer,
                keys: audit.keys,
                lanes: audit.lanes,
                scopes: audit.scopes,
                errands: audit.errands,
                vendor,
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
        let mut text = format!("audit: {} jobs", self.looked_at.jobs);
        if let Some(vendor) = &self.looked_at.vendor {
            text.push_str(&format!(" and {} orders of the vendor", vendor.orders));
        }
        text.push_str(" looked at, ");
        if !self.repaired.is_empty() {
            text.push_str(&format!("{} repaired, ", findings(self.repaired.len() as u64)));
        }
        text.push_str(&match self.count() {
            0 => "no finding\n".to_owned(),
            count => format!("{}\n", findings(count)),
        });
        let row = |row: &Row<'_>| [row.code.as_str(), row.subject, row.detail, row.advice].map(str::to_owned);
        if !self.repaired.is_empty() {
            let rows = self.repaired.iter().map(|repaired| row(repaired)[..3].to_vec());
            text.push('\n');
            text.push_str(&table(&["REPAIRED", "SUBJECT", "DETAIL"], rows));
        }
        if !self.findings.is_empty() {
            let rows = self.findings.iter().map(|finding| row(finding).to_vec());
            text.push('\n');
            text.push_str(&table(&["FINDING", "SUBJECT", "DETAIL", "ADVICE"], rows));
        }
        text
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

fn findings(count: u64) -> String {
    match count {
        1 => "1 finding".to_owned(),
        count => format!("{count} findings"),
    }
}
