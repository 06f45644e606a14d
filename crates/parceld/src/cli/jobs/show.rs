//! `parceld jobs show`: one job, by its id or its key.

use parceld_domain::kind::Kind;
use parceld_store::JobRecord;
use serde_json::value::RawValue;

use super::record::View;
use crate::cli::connect::PatientStore;
use crate::cli::failure::Failure;
use crate::cli::{Format, Session, connect};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The job's id, or its key.
    #[arg(value_name = "ID|KEY")]
    name: String,
    /// Which of several jobs that bear the key.
    #[arg(long)]
    kind: Option<Kind>,
}

pub(crate) async fn run(args: Args, mut session: Session) -> Result<(), Failure> {
    let store = connect::store(&session.settings).await?;
    let record = find(&store, &args).await?;
    let view = View::with_history(&record);
    match session.format {
        Format::Json => session.output.json(&view)?,
        Format::Table => session.output.text(&paragraphs(&view))?,
    }
    Ok(session.output.flush()?)
}

async fn find(store: &PatientStore, args: &Args) -> Result<JobRecord, Failure> {
    let name = args.name.as_str();
    if let Some(record) = store.ask(async |store| store.job(name).await).await? {
        return Ok(record);
    }
    let mut ids = store.ask(async |store| store.ids_of_key(name).await).await?;
    ids.retain(|(kind, _)| args.kind.is_none_or(|wanted| wanted == *kind));
    match ids.as_slice() {
        [] => Err(Failure::new(format!("no job has the id or key {name:?}"))),
        [(kind, id)] => store
            .ask(async |store| store.job(id).await)
            .await?
            .ok_or_else(|| {
                Failure::new(format!(
                    "job {id} of key {name:?} ({kind}) had its time (keep.done, keep.failed) and was removed"
                ))
            }),
        several => {
            let kinds: Vec<&str> = several.iter().map(|(kind, _)| kind.as_str()).collect();
            Err(Failure::usage(format!(
                "several jobs bear the key {name:?}; say which with --kind: {}",
                kinds.join(", ")
            )))
        }
    }
}

/// Field by field, JSON as it stands.
fn paragraphs(view: &View<'_>) -> String {
    let attempts = view.attempts.to_string();
    let json = |value: &'_ Option<Box<RawValue>>| value.as_ref().map(|raw| raw.get().to_owned());
    let (payload, result) = (json(&view.payload), json(&view.result));
    let error = view.error.as_ref().map(|error| {
        let code = error.code.map(|code| format!("{code} ")).unwrap_or_default();
        let class = error.class.unwrap_or_default();
        format!("{code}{} ({class})\n{:12}{}", error.msg, "", error.advice)
    });
    let fields = [
        ("id", Some(view.id)),
        ("kind", view.kind),
        ("key", view.key),
        ("state", view.state),
        ("step", view.step),
        ("attempts", Some(attempts.as_str())),
        ("created at", view.created_at),
        ("updated at", view.updated_at),
        ("run at", view.run_at),
        ("scope", view.scope),
        ("remark", view.remark),
        ("replaces", view.replaces),
        ("replaced by", view.replaced_by),
        ("error", error.as_deref()),
        ("payload", payload.as_deref()),
        ("result", result.as_deref()),
    ];
    let mut text = String::new();
    for (name, value) in fields {
        if let Some(value) = value {
            text.push_str(&format!("{name:<12}{value}\n"));
        }
    }
    text.push_str("history\n");
    for line in view.history.iter().flatten() {
        text.push_str(&format!("  {}\n", line.get()));
    }
    text
}
