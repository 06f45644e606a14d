//! `parceld jobs retry`: back to work, with the look-up first wherever something may be unsettled.

use std::collections::HashMap;

use parceld_domain::flow::{self, Context};
use parceld_domain::kind::Kind;
use parceld_domain::state::State;
use parceld_domain::verdict::ErrorClass;
use parceld_store::{JobFilter, JobRecord};
use serde_json::json;

use super::operate::{AGAIN, Moved, operate};
use crate::cli::connect::PatientStore;
use crate::cli::failure::Failure;
use crate::cli::output::note;
use crate::cli::{Session, connect};
use crate::settings::Settings;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The jobs' ids.
    #[arg(value_name = "ID", required_unless_present = "state", conflicts_with_all = ["state", "kind", "code"])]
    ids: Vec<String>,
    /// All jobs in this state: failed or cancelled.
    #[arg(long, value_parser = ended)]
    state: Option<State>,
    /// Only of this kind.
    #[arg(long, requires = "state")]
    kind: Option<Kind>,
    /// Only with this code of the vendor.
    #[arg(long, requires = "state", allow_negative_numbers = true)]
    code: Option<i64>,
}

/// Jobs of one round of a retry by state; bounds the memory.
const ROUND: usize = 5_000;

pub(crate) async fn run(args: Args, mut session: Session) -> Result<(), Failure> {
    let store = connect::store(&session.settings).await?;
    let moved = match args.state {
        Some(state) => by_state(&store, &session.settings, state, &args).await,
        None => by_id(&store, &session.settings, &args.ids).await,
    };
    let moved = moved.map_err(|failure| failure.hint(AGAIN))?;
    session.output.json(&json!({"retried": moved.count}))?;
    session.output.flush()?;
    for refused in &moved.refused {
        note(&format!("job {} is not retried: {}", refused.id, refused.reason));
    }
    if moved.is_any_unknown {
        return Err(Failure::new(
            "an id names no job; `parceld jobs show KEY` finds the id of a key",
        ));
    }
    Ok(())
}

/// Round after round, until a round moves nothing more.
async fn by_state(
    store: &PatientStore,
    settings: &Settings,
    state: State,
    args: &Args,
) -> Result<Moved, Failure> {
    let mut all = Moved::default();
    // What fails again meanwhile is not retried again: with quick failures that would never end.
    let until_ms = store.ask(async |store| store.ask_now_ms().await).await?;
    loop {
        let filter = JobFilter {
            state: Some(state),
            kind: args.kind,
            code: args.code,
            // Those that cannot move stand in the way of the next round.
            limit: ROUND + all.refused.len(),
            until_ms: Some(until_ms),
        };
        let found = store.ask(async |store| store.list(&filter).await).await?;
        // Oldest first: who has waited longest goes first.
        let ids: Vec<String> = found.iter().rev().map(|record| record.id.clone()).collect();
        let records = found
            .into_iter()
            .map(|record| (record.id.clone(), record))
            .collect();
        let moved = retry(store, settings, &ids, &records).await?;
        all.count += moved.count;
        all.refused = moved.refused;
        if moved.count == 0 {
            return Ok(all);
        }
    }
}

async fn by_id(store: &PatientStore, settings: &Settings, ids: &[String]) -> Result<Moved, Failure> {
    let mut records = HashMap::new();
    for id in ids {
        if let Some(record) = store.ask(async |store| store.job(id).await).await? {
            records.insert(id.clone(), record);
        }
    }
    retry(store, settings, ids, &records).await
}

async fn retry(
    store: &PatientStore,
    settings: &Settings,
    ids: &[String],
    records: &HashMap<String, JobRecord>,
) -> Result<Moved, Failure> {
    let now_ms = store.ask(async |store| store.ask_now_ms().await).await?;
    let ctx = Context {
        policy: &settings.policy,
        now_ms,
        // No retry by an operator is delayed by chance.
        jitter: 0.0,
    };
    operate(store, ids, |job, payload| {
        if !matches!(job.state, State::Failed | State::Cancelled) {
            return Err(not_ended(job.state));
        }
        let field = |name: &str| records.get(&job.id).and_then(|record| record.fields.get(name));
        if field("version").is_none_or(|version| *version != job.version.to_string()) {
            return Err("it moved on in this moment; look at it and try again".to_owned());
        }
        let class: Option<ErrorClass> = field("class").and_then(|class| class.parse().ok());
        Ok(flow::on_retry(job, payload, class, &ctx))
    })
    .await
}

fn not_ended(state: State) -> String {
    match state {
        State::Done => "it is done".to_owned(),
        State::Parked => {
            "it is parked and goes on when its scope is resumed (parceld resume SCOPE)".to_owned()
        }
        state => format!("it is {state} and goes on by itself"),
    }
}

fn ended(word: &str) -> Result<State, String> {
    match word.parse() {
        Ok(state @ (State::Failed | State::Cancelled)) => Ok(state),
        _ => Err("only failed and cancelled jobs are retried".to_owned()),
    }
}
