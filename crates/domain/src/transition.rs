//! An outcome written out as the one move that Redis makes of it.

use serde::Serialize;
use serde_json::json;

use crate::job::Job;
use crate::lane::Lane;
use crate::outcome::{Attempts, Fate, JobError, Outcome};
use crate::state::State;

/// One job's move, ready for the script: all decisions are made, the script only moves.
///
/// The script reads it with a JSON decoder whose numbers are doubles, so everything but small counts and
/// milliseconds is text.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Transition {
    /// The state to move to.
    pub to: State,
    /// Fields of the job to write.
    pub set: serde_json::Map<String, serde_json::Value>,
    /// Fields of the job to remove.
    pub del: Vec<&'static str>,
    /// Ready: whether it goes to the head of its lane.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub front: bool,
    /// Scheduled and waiting: from now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<u64>,
    /// Waiting: for which errand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errand: Option<String>,
    /// Waiting: since when what it waits for may exist.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since_ms: Option<u64>,
    /// Parked: which scope, why, where to authorise, how many points were missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub park: Option<Park>,
    /// Whether it begins the look-up of what an earlier Redis may have known.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub failover: bool,
    /// What becomes of the attempts: `reset`, `keep` or `restore`.
    pub attempts: &'static str,
    /// The names by which rows find the job; absent = as before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub watch: Option<Vec<String>>,
    /// Failed: the member of the count by code, `<code> <kind>`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed_as: Option<String>,
    /// The history line without its time: a JSON object; empty for what would only crowd the telling lines out.
    pub history: String,
}

/// What a parking move writes about its scope.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Park {
    /// The scope's name.
    pub scope: String,
    /// Why, for the operator.
    pub reason: String,
    /// Where the shop authorises.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Points that a payment would have needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub need: Option<i64>,
}

/// Looks that changed nothing; a job that waits for days has many of them, and its history is bounded.
const QUIET_EVENTS: [&str; 2] = ["looked", "polled"];

/// The fields that tell an error; removed together.
const ERROR_FIELDS: [&str; 4] = ["code", "msg", "class", "advice"];

impl Transition {
    /// The move that carries out `outcome` for `job`.
    ///
    /// `lane` and `units` are those of the outcome's step: where the job goes when it is ready, now or later.
    #[must_use]
    pub fn new(job: &Job, outcome: Outcome, lane: Option<&Lane>, units: u32) -> Self {
        let mut set = serde_json::Map::new();
        let mut put = |field: &str, value: String| set.insert(field.to_owned(), json!(value));
        put("step", outcome.step.to_string());
        if let Some(lane) = lane {
            put("lane", lane.to_string());
            put("units", units.to_string());
        }
        if let Some(memory) = outcome.memory {
            put("memory", memory);
        }
        if let Some(result) = outcome.result {
            put("result", result);
        }
        if let Some(hold) = outcome.hold {
            put("hold", hold);
        }
        if let Some(units) = outcome.max_batch {
            put("max_batch", units.to_string());
        }
        let error = match &outcome.fate {
            Fate::Parked { error, .. } | Fate::Failed { error } => Some(error.clone()),
            _ => outcome.error,
        };
        let history = if QUIET_EVENTS.contains(&outcome.event) {
            String::new()
        } else {
            history_line(outcome.event, outcome.step.as_str(), error.as_ref())
        };
        let mut del: Vec<&'static str> = Vec::new();
        match &error {
            Some(error) => {
                put(
                    "code",
                    error.code.map(|code| code.to_string()).unwrap_or_default(),
                );
                put("msg", error.msg.clone());
                put("class", error.class.to_string());
                put("advice", error.advice.clone());
            }
            None => del.extend(ERROR_FIELDS),
        }
        let failed_as = matches!(outcome.fate, Fate::Failed { .. }).then(|| {
            let code = error.as_ref().and_then(|error| error.code);
            format!(
                "{} {}",
                code.map_or_else(|| "-".to_owned(), |code| code.to_string()),
                job.kind
            )
        });
        let mut transition = Transition {
            to: outcome.fate.state(),
            set,
            del,
            front: false,
            delay_ms: None,
            errand: None,
            since_ms: None,
            park: None,
            failover: false,
            attempts: match outcome.attempts {
                Attempts::Reset => "reset",
                Attempts::Keep => "keep",
                Attempts::Restore => "restore",
            },
            watch: outcome.watch,
            failed_as,
            history,
        };
        transition.take_fate(outcome.fate);
        transition
    }

    /// The move of a job whose hash cannot be read: failed, for a person to look at.
    #[must_use]
    pub fn unreadable(why: &str) -> Self {
        let advice = "任务记录无法读取，可能被手工修改或来自其他版本；请核对后重新提交";
        let msg = format!("the stored job cannot be read: {why}");
        let fields = [
            ("code", ""),
            ("msg", &msg),
            ("class", "human"),
            ("advice", advice),
        ];
        let set = fields
            .iter()
            .map(|(field, value)| ((*field).to_owned(), json!(value)))
            .collect();
        Transition {
            to: State::Failed,
            set,
            del: Vec::new(),
            front: false,
            delay_ms: None,
            errand: None,
            since_ms: None,
            park: None,
            failover: false,
            attempts: "keep",
            watch: None,
            failed_as: Some("- unreadable".to_owned()),
            history: json!({"event": "unreadable", "msg": msg}).to_string(),
        }
    }

    /// The same move, made because Redis lost what it may have known of the job's create or payment.
    #[must_use]
    pub fn after_failover(mut self) -> Self {
        self.failover = true;
        self
    }

    fn take_fate(&mut self, fate: Fate) {
        match fate {
            Fate::Ready { front } => self.front = front,
            Fate::Scheduled { delay_ms } => self.delay_ms = Some(delay_ms),
            Fate::Waiting {
                errand,
                delay_ms,
                since_ms,
            } => {
                self.errand = Some(errand.to_string());
                self.delay_ms = Some(delay_ms);
                self.since_ms = Some(since_ms);
            }
            Fate::Parked {
                scope,
                error,
                link,
                need,
            } => {
                self.park = Some(Park {
                    scope: scope.to_string(),
                    reason: error.msg,
                    link,
                    need: need.map(|points| points.0),
                });
            }
            Fate::Done | Fate::Failed { .. } | Fate::Cancelled => {}
        }
    }
}

/// A history entry as a JSON object; the script puts the time in front.
fn history_line(event: &str, step: &str, error: Option<&JobError>) -> String {
    match error {
        None => json!({"event": event, "step": step}),
        Some(error) => json!({
            "event": event, "step": step,
            "code": error.code, "msg": error.msg, "class": error.class.as_str(),
        }),
    }
    .to_string()
}
