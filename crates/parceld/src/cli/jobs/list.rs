//! `parceld jobs list`: jobs that fit, newest first.

use parceld_domain::kind::Kind;
use parceld_domain::state::State;
use parceld_store::JobFilter;

use super::record::View;
use crate::cli::failure::Failure;
use crate::cli::output::note;
use crate::cli::table::{cell, table};
use crate::cli::{Format, Session, connect};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only in this state.
    #[arg(long)]
    state: Option<State>,
    /// Only of this kind.
    #[arg(long)]
    kind: Option<Kind>,
    /// Only with this code of the vendor.
    #[arg(long, allow_negative_numbers = true)]
    code: Option<i64>,
    /// At most so many.
    #[arg(long, default_value_t = 50)]
    limit: usize,
}

pub(crate) async fn run(args: Args, mut session: Session) -> Result<(), Failure> {
    let store = connect::store(&session.settings).await?;
    let filter = JobFilter {
        state: args.state,
        kind: args.kind,
        code: args.code,
        // One more tells whether there are more.
        limit: args.limit.saturating_add(1),
        until_ms: None,
    };
    let mut records = store.ask(async |store| store.list(&filter).await).await?;
    if records.len() > args.limit {
        records.truncate(args.limit);
        note(&format!("there are more than these {}; see --limit", args.limit));
    }
    let views: Vec<View<'_>> = records.iter().map(View::new).collect();
    match session.format {
        Format::Json => session.output.json(&views)?,
        Format::Table => session.output.text(&table(&HEADINGS, views.iter().map(row)))?,
    }
    Ok(session.output.flush()?)
}

const HEADINGS: [&str; 8] = [
    "ID", "KIND", "KEY", "STATE", "STEP", "ATTEMPTS", "UPDATED", "ERROR",
];

fn row(view: &View<'_>) -> Vec<String> {
    let text = |value: Option<&str>| cell(value.unwrap_or_default());
    let error = view.error.as_ref().map(|error| {
        let code = error.code.map(|code| format!("{code} ")).unwrap_or_default();
        cell(&format!("{code}{}", error.msg))
    });
    vec![
        view.id.to_owned(),
        text(view.kind),
        text(view.key),
        text(view.state),
        text(view.step),
        view.attempts.to_string(),
        text(view.updated_at),
        error.unwrap_or_default(),
    ]
}
