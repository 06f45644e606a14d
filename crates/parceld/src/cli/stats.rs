//! `parceld stats`: everything at one instant.

use std::collections::BTreeMap;

use parceld_domain::kind::Kind;
use parceld_domain::state::State;
use parceld_store::{ParkedScope, Stats};
use serde::Serialize;
use serde_json::{Map, Value};

use super::failure::Failure;
use super::table::{cell, table};
use super::{Format, Session, connect};

/// The document of `-o json`.
#[derive(Serialize)]
struct View {
    accepted: u64,
    accepted_total: u64,
    states: BTreeMap<State, u64>,
    kinds: BTreeMap<Kind, u64>,
    parked: Vec<Parked>,
    limiter: Limiter,
    workers: Vec<Value>,
    inbox: u64,
}

#[derive(Serialize)]
struct Parked {
    scope: String,
    reason: String,
    since: String,
    jobs: u64,
    link: Option<String>,
    next_probe: Option<String>,
}

#[derive(Serialize)]
struct Limiter {
    per_second: u32,
    calls_last_second: u64,
}

pub(crate) async fn run(mut session: Session) -> Result<(), Failure> {
    let store = connect::store(&session.settings).await?;
    let stats = store.ask(async |store| store.stats().await).await?;
    let view = View::new(stats, session.settings.store.per_second);
    match session.format {
        Format::Json => session.output.json(&view)?,
        Format::Table => session.output.text(&view.tables())?,
    }
    Ok(session.output.flush()?)
}

impl View {
    fn new(stats: Stats, per_second: u32) -> Self {
        View {
            accepted: stats.states.values().sum(),
            accepted_total: stats.accepted_total,
            states: stats.states,
            kinds: stats.kinds,
            parked: stats.parked.into_iter().map(Parked::from).collect(),
            limiter: Limiter {
                per_second,
                calls_last_second: stats.calls_last_second,
            },
            workers: stats.workers.into_iter().map(worker).collect(),
            inbox: stats.inbox,
        }
    }

    fn tables(&self) -> String {
        let states = self
            .states
            .iter()
            .map(|(state, jobs)| vec![state.to_string(), jobs.to_string()]);
        let kinds = self
            .kinds
            .iter()
            .map(|(kind, jobs)| vec![kind.to_string(), jobs.to_string()]);
        let limit = match self.limiter.per_second {
            0 => "no limit".to_owned(),
            calls => format!("{calls} allowed"),
        };
        let mut text = format!(
            "{} jobs stand in Redis, {} were accepted ever, {} lines wait in the inbox\n\
             {} calls in the last second, {limit}\n\n{}\n{}",
            self.accepted,
            self.accepted_total,
            self.inbox,
            self.limiter.calls_last_second,
            table(&["STATE", "JOBS"], states),
            table(&["KIND", "JOBS"], kinds),
        );
        if !self.parked.is_empty() {
            let row = |parked: &Parked| {
                let link = parked.link.clone().unwrap_or_default();
                vec![
                    parked.scope.clone(),
                    parked.jobs.to_string(),
                    parked.since.clone(),
                    parked
                        .next_probe
                        .clone()
                        .unwrap_or_else(|| "by resume only".to_owned()),
                    cell(&parked.reason),
                    link,
                ]
            };
            text.push('\n');
            text.push_str(&table(
                &["PARKED", "JOBS", "SINCE", "NEXT PROBE", "REASON", "LINK"],
                self.parked.iter().map(row),
            ));
        }
        let field = |worker: &Value, name: &str| worker.get(name).map(Value::to_string).unwrap_or_default();
        let row = |worker: &Value| {
            let name = worker.get("name").and_then(Value::as_str).unwrap_or_default();
            vec![name.to_owned(), field(worker, "in_flight")]
        };
        text.push('\n');
        text.push_str(&table(
            &["WORKER", "CALLS IN FLIGHT"],
            self.workers.iter().map(row),
        ));
        text
    }
}

impl From<ParkedScope> for Parked {
    fn from(parked: ParkedScope) -> Self {
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        Parked {
            scope: parked.scope,
            reason: parked.reason,
            since: parked.since,
            jobs: parked.jobs,
            link: some(parked.link),
            next_probe: some(parked.next_probe),
        }
    }
}

/// What a worker says of itself, with its name in front.
fn worker((name, about): (String, String)) -> Value {
    let mut worker = Map::new();
    worker.insert("name".to_owned(), Value::String(name));
    if let Ok(Value::Object(about)) = serde_json::from_str(&about) {
        worker.extend(about);
    }
    Value::Object(worker)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_has_all_eight_states_and_sums_them() {
        let states = State::ALL.iter().map(|state| (*state, 2)).collect();
        let stats = Stats {
            now_ms: 0,
            accepted_total: 20,
            states,
            kinds: BTreeMap::from([(Kind::TaobaoShip, 16)]),
            parked: vec![ParkedScope {
                scope: "shop:1".to_owned(),
                reason: "未授权店铺".to_owned(),
                since: "2026-11-21T20:13:05.000+08:00".to_owned(),
                link: String::new(),
                next_probe: "2026-11-21T20:14:05.000+08:00".to_owned(),
                jobs: 3,
            }],
            calls_last_second: 4,
            workers: BTreeMap::from([("w1".to_owned(), r#"{"in_flight":2}"#.to_owned())]),
            inbox: 1,
        };
        let view = View::new(stats, 10);
        let json = serde_json::to_value(&view).unwrap();
        assert_eq!(json["accepted"], 16);
        assert_eq!(json["states"].as_object().unwrap().len(), 8);
        assert_eq!(json["parked"][0]["link"], Value::Null);
        assert_eq!(json["limiter"]["calls_last_second"], 4);
        assert_eq!(json["workers"][0]["name"], "w1");
        assert_eq!(json["workers"][0]["in_flight"], 2);
        let tables = view.tables();
        assert!(tables.contains("未授权店铺"), "{tables}");
        assert!(
            tables.contains("NEXT PROBE") && tables.contains("2026-11-21T20:14:05"),
            "{tables}"
        );
    }
}
