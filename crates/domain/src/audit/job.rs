//! One job: its hash against the sets, indexes and scopes that should know of it.

mod parts;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use self::parts::{held, indexed, keyed, leased, parked, readable, waiting};
use super::{Cure, Fault, Finding, Limits};
use crate::private::Private;
use crate::state::State;

/// One job and everything that should know of it, at one instant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobLook {
    /// Its id.
    pub id: String,
    /// Whether its hash has a later form than this version's: only the version that wrote it can judge it.
    pub is_newer: bool,
    /// The fields of its hash that are there, the payload apart.
    pub fields: HashMap<String, String>,
    /// What it asks for; `None` where it is absent or beyond all bounds.
    pub payload: Option<Private<String>>,
    /// Whether it stands in the list of all jobs.
    pub is_listed: bool,
    /// The sets of states that hold its id, with its score there.
    pub sets: BTreeMap<State, u64>,
    /// What its key leads to; `None` where it leads to nothing or the job has no key.
    pub key_holder: Option<String>,
    /// Whether its key will be forgotten.
    pub key_expires: bool,
    /// Waiting: whether it stands among those that its errand answers.
    pub is_awaited: bool,
    /// Watched names that do not lead to it.
    pub watch_missing: u64,
    /// Parked: whether its scope knows of it.
    pub is_blocked: bool,
    /// Parked: whether its scope is parked, or on its way back.
    pub is_scope_stopped: bool,
    /// Redis's time, Unix milliseconds.
    pub now_ms: u64,
}

impl JobLook {
    /// A field's text; empty where there is none.
    #[must_use]
    pub fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    /// Its state, where that can be read.
    #[must_use]
    pub fn state(&self) -> Option<State> {
        self.field("state").parse().ok()
    }

    /// Whether there is no such job.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.fields.is_empty() && self.payload.is_none()
    }

    pub(super) fn is_in(&self, state: State) -> Option<u64> {
        self.sets.get(&state).copied()
    }

    pub(super) fn finding(&self, fault: Fault, detail: impl Into<String>, cure: Option<Cure>) -> Finding {
        Finding::new(fault, format!("job:{}", self.id), detail, cure)
    }
}

/// What is wrong with a job, the hint of a ready one apart; of one of a later form, nothing.
#[must_use]
pub fn judge_job(look: &JobLook, limits: &Limits) -> Vec<Finding> {
    if look.is_newer {
        return Vec::new();
    }
    if look.is_gone() {
        return missing(look);
    }
    let mut findings = Vec::new();
    findings.extend(readable(look));
    if !look.is_listed {
        let cure = Some(unlist_or_list(look));
        findings.push(look.finding(Fault::JobUnlisted, "its hash is in no list of jobs", cure));
    }
    findings.extend(keyed(look));
    let Some(state) = look.state() else {
        return findings;
    };
    findings.extend(placed(look, state));
    findings.extend(indexed(look));
    match state {
        State::Running => findings.extend(leased(look, limits)),
        _ => findings.extend(held(look)),
    }
    match state {
        State::Scheduled | State::Waiting => findings.extend(overdue(look, state, limits)),
        State::Parked => findings.extend(parked(look)),
        _ => {}
    }
    if state == State::Waiting {
        findings.extend(waiting(look));
    }
    findings
}

/// The score of a job in the list of all jobs is when it was accepted.
fn unlist_or_list(look: &JobLook) -> Cure {
    Cure::List {
        id: look.id.clone(),
        score_ms: look.field("created_ms").parse().unwrap_or(look.now_ms),
    }
}

fn missing(look: &JobLook) -> Vec<Finding> {
    let mut sets: Vec<String> = look.sets.keys().map(ToString::to_string).collect();
    if look.is_listed {
        sets.push("jobs".to_owned());
    }
    let found = |set: String| {
        let detail = format!("it stands in {set}, and there is no such job");
        let cure = Cure::Unlist {
            set,
            id: look.id.clone(),
        };
        look.finding(Fault::JobMissing, detail, Some(cure))
    };
    sets.into_iter().map(found).collect()
}

/// A job stands in the set of its state and in no other; ready jobs stand in lanes.
fn placed(look: &JobLook, state: State) -> Vec<Finding> {
    let mut findings = Vec::new();
    for other in look.sets.keys().filter(|other| **other != state) {
        let cure = Cure::Unlist {
            set: other.to_string(),
            id: look.id.clone(),
        };
        let detail = format!("it is {state} and stands in {other}");
        findings.push(look.finding(Fault::StateDoubled, detail, Some(cure)));
    }
    if state != State::Ready && look.is_in(state).is_none() {
        let cure = Cure::List {
            id: look.id.clone(),
            score_ms: score_ms(look, state),
        };
        let detail = format!("it is {state} and does not stand in {state}");
        findings.push(look.finding(Fault::StateUnlisted, detail, Some(cure)));
    }
    findings
}

/// When a job is due, its lease ends, or it ended: what its score in the set of its state would be.
fn score_ms(look: &JobLook, state: State) -> u64 {
    let time = |field: &str| {
        let time: Option<jiff::Timestamp> = look.field(field).parse().ok();
        time.and_then(|time| u64::try_from(time.as_millisecond()).ok())
    };
    let known = match state {
        State::Scheduled | State::Waiting => time("run_at"),
        // The move gives it a lease from now on.
        State::Running => None,
        _ => time("updated_at"),
    };
    known.unwrap_or(look.now_ms)
}

fn overdue(look: &JobLook, state: State, limits: &Limits) -> Option<Finding> {
    let due_ms = look.is_in(state)?;
    let late_ms = look.now_ms.saturating_sub(due_ms);
    (late_ms > limits.patience_ms).then(|| {
        let detail = format!("it is {state} and has been due for {} s", late_ms / 1000);
        look.finding(Fault::DueOverdue, detail, None)
    })
}
