//! One consistent look at everything.

use std::collections::{BTreeMap, HashMap};

use parceld_domain::kind::Kind;
use parceld_domain::state::State;
use redis::Value;

use crate::connect::Store;
use crate::error::StoreError;
use crate::reply::Reply;

/// What stands in Redis at one instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stats {
    /// Redis's time, Unix milliseconds.
    pub now_ms: u64,
    /// Jobs taken in ever.
    pub accepted_total: u64,
    /// Jobs by state.
    pub states: BTreeMap<State, u64>,
    /// Jobs by kind.
    pub kinds: BTreeMap<Kind, u64>,
    /// Parked scopes.
    pub parked: Vec<ParkedScope>,
    /// Slots granted in the second before.
    pub calls_last_second: u64,
    /// What workers say of themselves, JSON by worker.
    pub workers: BTreeMap<String, String>,
    /// Lines that wait in the inbox.
    pub inbox: u64,
}

/// A parked scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedScope {
    /// Its name.
    pub scope: String,
    /// Why.
    pub reason: String,
    /// Since when, RFC 3339.
    pub since: String,
    /// Where the shop authorises; empty if unknown.
    pub link: String,
    /// When it is tried next, RFC 3339.
    pub next_probe: String,
    /// Jobs that wait for it: those that it parked, and the ready ones that it stops, whatever else stops them.
    pub jobs: u64,
}

impl Store {
    /// Looks at everything at one instant.
    ///
    /// # Errors
    /// `Unreachable` when Redis does not answer.
    pub async fn stats(&self) -> Result<Stats, StoreError> {
        let items: Vec<Value> = self.moves().stats.run(self, &[] as &[&str]).await?;
        let mut reply = Reply::new("stats", items);
        let now_ms = reply.number()?;
        let counts = reply.pairs()?;
        let slots = reply.text()?;
        let scopes = reply.list()?;
        let workers = reply.pairs()?.into_iter().collect();
        let parked = scopes
            .into_iter()
            .map(parked_scope)
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Stats {
            now_ms,
            accepted_total: count(&counts, "accepted_total"),
            states: State::ALL
                .iter()
                .map(|state| (*state, count(&counts, state.as_str())))
                .collect(),
            kinds: Kind::ALL
                .iter()
                .map(|kind| (*kind, count(&counts, &format!("kind:{kind}"))))
                .collect(),
            parked,
            calls_last_second: calls_within_a_second(&slots, now_ms),
            workers,
            inbox: reply.number()?,
        })
    }
}

fn count(counts: &HashMap<String, String>, name: &str) -> u64 {
    counts
        .get(name)
        .and_then(|text| text.parse().ok())
        .unwrap_or_default()
}

fn calls_within_a_second(slots: &str, now_ms: u64) -> u64 {
    let within = |slot_us: u64| slot_us / 1000 <= now_ms && slot_us / 1000 + 1000 > now_ms;
    slots
        .split(',')
        .filter_map(|slot| slot.parse().ok())
        .filter(|slot| within(*slot))
        .count() as u64
}

fn parked_scope(item: Value) -> Result<ParkedScope, StoreError> {
    let Value::Array(mut item) = item else {
        return Err(StoreError::Corrupt {
            what: "the reply of stats".to_owned(),
            found: "no scope".to_owned(),
        });
    };
    let fields = item.pop();
    let scope = Reply::new("stats", item).text()?;
    let mut fields = Reply::new("stats", vec![fields.unwrap_or(Value::Nil)]);
    let mut fields = Reply::new("stats", fields.list()?);
    Ok(ParkedScope {
        scope,
        reason: fields.text()?,
        since: fields.text()?,
        link: fields.text()?,
        next_probe: fields.text()?,
        jobs: fields.number().unwrap_or_default(),
    })
}
