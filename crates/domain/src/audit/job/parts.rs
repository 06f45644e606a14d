//! What a job must show in each part of its life.

use super::super::{Cure, Fault, Finding, Limits};
use super::JobLook;
use crate::errand::Errand;
use crate::kind::Kind;
use crate::lane::Lane;
use crate::payload::Payload;
use crate::scope::Scope;
use crate::state::{State, Step};

/// Fields that a claim writes and every move out of it removes.
const OF_A_CLAIM: [&str; 4] = ["fence", "begun", "begun_ms", "intent"];

/// Whether a worker could read the job.
pub(super) fn readable(look: &JobLook) -> Option<Finding> {
    let what = unreadable(look)?;
    Some(look.finding(Fault::JobUnreadable, what, None))
}

fn unreadable(look: &JobLook) -> Option<String> {
    let word = |field: &str| Some(format!("its {field} is not one that this version knows"));
    let kind: Kind = match look.field("kind").parse() {
        Ok(kind) => kind,
        Err(_) => return word("kind"),
    };
    if look.state().is_none() {
        return word("state");
    }
    let step: Step = match look.field("step").parse() {
        Ok(step) => step,
        Err(_) => return word("step"),
    };
    if !steps(kind).contains(&step) {
        return Some(format!("a {kind} has no step {step}"));
    }
    for field in ["version", "attempts", "created_ms", "units"] {
        if look.field(field).parse::<u64>().is_err() {
            return Some(format!("its {field} is no number"));
        }
    }
    if look.field("lane").parse::<Lane>().is_err() {
        return word("lane");
    }
    for field in ["memory", "result", "on_death"] {
        let text = look.field(field);
        if !text.is_empty() && serde_json::from_str::<serde::de::IgnoredAny>(text).is_err() {
            return Some(format!("its {field} is not JSON"));
        }
    }
    let payload = look
        .payload
        .as_ref()
        .map(|payload| Payload::decode(kind, payload.expose()));
    match payload {
        None => Some("its payload is absent or too long".to_owned()),
        // Not the error's own words: they quote the value, which may be somebody's name.
        Some(Err(error)) => Some(format!(
            "its payload cannot be read: {:?} error at column {}",
            error.classify(),
            error.column()
        )),
        Some(Ok(_)) => None,
    }
}

/// The steps that a job of this kind can stand at.
const fn steps(kind: Kind) -> &'static [Step] {
    match kind {
        Kind::TaobaoShip => &[Step::Send, Step::Verify],
        Kind::DouyinShip => &[Step::Ship],
        Kind::GiftOrder => &[
            Step::Create,
            Step::Find,
            Step::Identify,
            Step::Pay,
            Step::Confirm,
            Step::Poll,
        ],
        Kind::GiftCancel => &[Step::Cancel, Step::Confirm],
        Kind::OrdersSync | Kind::LogisticsSync => &[Step::Fetch],
    }
}

/// A job that bears a key is what the key leads to, unless a newer job has taken the key over.
pub(super) fn keyed(look: &JobLook) -> Option<Finding> {
    let is_named = !look.field("key").is_empty() && look.field("kind").parse::<Kind>().is_ok();
    if !is_named || !look.field("replaced_by").is_empty() {
        return None;
    }
    let cure = Some(Cure::Key(look.id.clone()));
    match &look.key_holder {
        None => Some(look.finding(Fault::KeyLost, "its key leads to nothing", cure)),
        Some(other) if *other != look.id => {
            let detail = format!("its key leads to job {other}, which did not replace it");
            Some(look.finding(Fault::KeyElsewhere, detail, None))
        }
        Some(_) if look.key_expires => Some(look.finding(
            Fault::KeyLost,
            "its key will be forgotten before the job is removed",
            cure,
        )),
        Some(_) => None,
    }
}

/// A job that no worker holds has nothing of a claim.
pub(super) fn held(look: &JobLook) -> Option<Finding> {
    let left: Vec<&str> = OF_A_CLAIM
        .into_iter()
        .filter(|field| look.fields.contains_key(*field))
        .collect();
    (!left.is_empty()).then(|| {
        let detail = format!("no worker holds it, and it has {}", left.join(", "));
        look.finding(Fault::IntentLeft, detail, None)
    })
}

/// A running job is somebody's for a bounded time, and its call ends.
pub(super) fn leased(look: &JobLook, limits: &Limits) -> Vec<Finding> {
    let mut findings = Vec::new();
    if look.field("fence").is_empty() || look.field("worker").is_empty() {
        findings.push(look.finding(
            Fault::LeaseUnheld,
            "it is running without a fence or a worker",
            None,
        ));
    }
    if let Some(until_ms) = look.is_in(State::Running) {
        let late_ms = look.now_ms.saturating_sub(until_ms);
        let ahead_ms = until_ms.saturating_sub(look.now_ms);
        if late_ms > limits.patience_ms {
            let detail = format!("its lease ran out {} s ago", late_ms / 1000);
            findings.push(look.finding(Fault::LeaseOverdue, detail, None));
        }
        if ahead_ms > limits.lease_ms + Limits::AHEAD_MAX_MS {
            let detail = format!("its lease ends in {} h", ahead_ms / 3_600_000);
            findings.push(look.finding(Fault::LeaseEndless, detail, Some(Cure::Shorten(look.id.clone()))));
        }
    }
    if look.fields.contains_key("begun") {
        findings.extend(begun(look, limits));
    }
    findings
}

fn begun(look: &JobLook, limits: &Limits) -> Option<Finding> {
    // Reclaiming reads both; without them it gives the job to a person.
    let since_ms = look.field("begun_ms").parse::<u64>();
    let on_death: Result<serde_json::Value, _> = serde_json::from_str(look.field("on_death"));
    let is_move = on_death.is_ok_and(|on_death| on_death["to"].is_string() && on_death["set"].is_object());
    let (Ok(since_ms), true) = (since_ms, is_move) else {
        let detail = "its call has begun, and what to do should its worker die cannot be read";
        return Some(look.finding(Fault::IntentUnreadable, detail, None));
    };
    let age_ms = look.now_ms.saturating_sub(since_ms);
    (age_ms > limits.lease_ms + limits.call_ms + limits.patience_ms).then(|| {
        let detail = format!("its call began {} s ago and is not settled", age_ms / 1000);
        look.finding(Fault::IntentUnsettled, detail, None)
    })
}

/// The names that a job watches lead to it.
pub(super) fn indexed(look: &JobLook) -> Option<Finding> {
    (look.watch_missing > 0).then(|| {
        let detail = format!(
            "{} of the names that it watches do not lead to it",
            look.watch_missing
        );
        look.finding(Fault::WatchLost, detail, Some(Cure::Watch(look.id.clone())))
    })
}

/// A waiting job waits for an errand that knows of it, and can be found by what it waits for.
pub(super) fn waiting(look: &JobLook) -> Vec<Finding> {
    let mut findings = Vec::new();
    if look.field("errand").parse::<Errand>().is_err() {
        findings.push(look.finding(
            Fault::WaitUnlisted,
            "it waits for no errand that this version knows",
            None,
        ));
    } else if !look.is_awaited {
        let detail = format!("errand {} does not know that it waits", look.field("errand"));
        let cure = Cure::List {
            id: look.id.clone(),
            score_ms: super::score_ms(look, State::Waiting),
        };
        findings.push(look.finding(Fault::WaitUnlisted, detail, Some(cure)));
    }
    let is_found_by_rows = matches!(
        look.field("step").parse(),
        Ok(Step::Find | Step::Identify | Step::Confirm | Step::Poll)
    );
    if is_found_by_rows && look.field("watch").is_empty() {
        let detail = format!("it waits at step {} and watches no name", look.field("step"));
        findings.push(look.finding(Fault::WatchNone, detail, None));
    }
    findings
}

/// A parked job goes on with its scope.
pub(super) fn parked(look: &JobLook) -> Option<Finding> {
    let scope = look.field("scope");
    let cure = Some(Cure::Unblock(look.id.clone()));
    if scope.parse::<Scope>().is_err() {
        return Some(look.finding(
            Fault::ParkedLost,
            "it is parked for no scope that this version knows",
            None,
        ));
    }
    let detail = match (look.is_scope_stopped, look.is_blocked) {
        (true, true) => return None,
        (false, _) => format!("it is parked for {scope}, which is not parked"),
        (true, false) => format!("it is parked for {scope}, which does not know of it"),
    };
    Some(look.finding(Fault::ParkedLost, detail, cure))
}
