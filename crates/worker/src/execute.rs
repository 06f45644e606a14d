//! The life of one call that serves jobs, top to bottom:
//! open → prepare → begin → wait for the slot → call → decide → settle → heal → report.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parceld_domain::flow;
use parceld_domain::job::Job;
use parceld_domain::outcome::{Fate, Outcome};
use parceld_domain::payload::Payload;
use parceld_domain::state::Step;
use parceld_domain::transition::Transition;
use parceld_domain::verdict::{Refusal, Verdict};
use parceld_store::{Begin, Begun, Grant, JobClaim};
use serde_json::json;

use crate::calls;
use crate::effect_point::effect_point;
use crate::heal;
use crate::insist::insist;
use crate::lease::Lease;
use crate::run::Shared;
use crate::slot::{self, Leave};

/// What the lease should still last beyond the call's deadline: the wait for the slot, and the settle.
const SETTLE_MARGIN_MS: u64 = 1_000;

/// A job with its payload decoded.
#[derive(Debug)]
pub(crate) struct Item {
    /// As it was claimed; its attempts include the one that has begun.
    pub(crate) job: Job,
    /// What it asks for.
    pub(crate) payload: Payload,
}

/// A job's move, decided and reported.
#[derive(Debug)]
pub(crate) struct Decided((String, Transition));

impl Decided {
    /// The move that carries out an outcome.
    pub(crate) fn new(item: Item, outcome: Outcome) -> Self {
        report(&item.job, &outcome);
        Decided((item.job.id.clone(), transition(&item.job, &item.payload, outcome)))
    }
}

/// What one call made of its jobs.
#[derive(Debug)]
pub(crate) struct Made {
    /// For each item, in order.
    pub(crate) outcomes: Vec<Outcome>,
    /// Why the call as a whole was no success.
    pub(crate) refusal: Option<Refusal>,
}

/// Makes one call and settles its jobs; whatever happens, no job is left without a next claim.
pub(crate) async fn execute(shared: &Arc<Shared>, claim: JobClaim) {
    let _counted = InFlight::enter(&shared.in_flight);
    let JobClaim {
        grant,
        lane,
        units_max,
        jobs,
        broken,
    } = claim;
    effect_point!(Taken, lane);
    settle_broken(shared, &grant, broken).await;
    let (items, unreadable) = open(jobs);
    settle(shared, &grant, unreadable).await;
    let ids: Vec<String> = items.iter().map(|item| item.job.id.clone()).collect();
    if shared.stop.is_cancelled() {
        return hand_back(shared, &grant, &ids, "the worker is to stop").await;
    }
    let (mut items, decided) = match calls::prepare(shared, items).await {
        Ok(prepared) => prepared,
        Err(error) => return hand_back(shared, &grant, &ids, &error.to_string()).await,
    };
    settle(shared, &grant, decided).await;
    let ids: Vec<String> = items.iter().map(|item| item.job.id.clone()).collect();
    if ids.is_empty() {
        return;
    }
    effect_point!(Prepared);
    let _lease = Lease::keep(shared, &grant, None, ids.clone());
    let per_second = shared.store.settings().per_second;
    let leave = Leave::new(&grant, per_second, shared.settings.policy.vendor_timeout_ms);
    if !begin(shared, &grant, &lane, &leave, &mut items).await {
        return;
    }
    slot::learn(&shared.lead_us, grant.made);
    if let Err(missed) = leave.wait().await {
        return hand_back(shared, &grant, &ids, &missed.to_string()).await;
    }
    effect_point!(Slot);
    let made = match leave.in_time(calls::make(shared, &items, units_max)).await {
        Ok(made) => made,
        Err(missed) => return hand_back(shared, &grant, &ids, &missed.to_string()).await,
    };
    effect_point!(Replied);
    alert(&made);
    let refusal = made.refusal;
    let decided = items
        .into_iter()
        .zip(made.outcomes)
        .map(|(item, outcome)| Decided::new(item, outcome));
    settle(shared, &grant, decided.collect()).await;
    heal::after(shared, &grant, refusal.as_ref()).await;
}

/// Decodes the payloads; a job whose payload cannot be read is settled as such, its batch mates go on.
fn open(jobs: Vec<Job>) -> (Vec<Item>, Vec<Decided>) {
    let (mut items, mut unreadable) = (Vec::new(), Vec::new());
    for job in jobs {
        match Payload::decode(job.kind, job.payload.expose()) {
            Ok(payload) => items.push(Item { job, payload }),
            Err(error) => unreadable.push(Decided((job.id.clone(), unread(&job, &error)))),
        }
    }
    (items, unreadable)
}

/// Puts the intents on record; false when nothing may be sent, in which case the claim is dealt with.
async fn begin(
    shared: &Arc<Shared>,
    grant: &Grant,
    lane: &parceld_domain::lane::Lane,
    leave: &Leave,
    items: &mut [Item],
) -> bool {
    let counts = grant.probe.is_none();
    // The call leaves when its slot ends at the latest, so its deadline, and with it the earliest look-up, is that much
    // further away.
    let mut policy = shared.settings.policy.clone();
    policy.vendor_timeout_ms += leave.ahead_ms();
    let context = flow::Context {
        policy: &policy,
        ..shared.context()
    };
    let begins: Vec<Begin> = items
        .iter_mut()
        .map(|item| {
            item.job.attempts += u32::from(counts);
            let on_death = flow::on_death(&item.job, &item.payload, &context);
            Begin {
                id: item.job.id.clone(),
                intent: json!({
                    "event": "call", "endpoint": lane.endpoint, "step": item.job.step,
                    "attempt": item.job.attempts, "fence": grant.fence,
                })
                .to_string(),
                on_death: transition(&item.job, &item.payload, on_death),
                counts,
                guarded: matches!(item.job.step, Step::Create | Step::Pay),
            }
        })
        .collect();
    let lease_left_ms = lease_needed_ms(
        shared.store.settings().lease_ms,
        shared.settings.policy.vendor_timeout_ms,
    );
    let begun = shared.store.begin(grant, lane, lease_left_ms, &begins).await;
    let ids: Vec<String> = begins.into_iter().map(|begin| begin.id).collect();
    match begun {
        Ok(Begun::Granted) => {
            effect_point!(Begun);
            return true;
        }
        Ok(Begun::Lost) => tracing::warn!(
            fence = grant.fence,
            "the lease was lost before the call; nothing was sent"
        ),
        Ok(Begun::Short) => hand_back(shared, grant, &ids, "too little of its lease was left").await,
        Ok(Begun::Parked(scope)) => {
            hand_back(shared, grant, &ids, &format!("{scope} was parked meanwhile")).await
        }
        Ok(Begun::Failover(found)) => look_up_first(shared, grant, items, &found).await,
        Err(error) => hand_back(shared, grant, &ids, &error.to_string()).await,
    }
    false
}

/// What must be left of a lease for a call to begin. A short lease gives half of what it has beyond the deadline: to
/// demand all of it would refuse every call.
fn lease_needed_ms(lease_ms: u64, deadline_ms: u64) -> u64 {
    deadline_ms + SETTLE_MARGIN_MS.min(lease_ms.saturating_sub(deadline_ms) / 2)
}

/// Jobs whose step was entered under another Redis go to their look-up; nothing was sent.
async fn look_up_first(shared: &Shared, grant: &Grant, items: &[Item], found: &[String]) {
    let context = shared.context();
    let (lost, rest): (Vec<&Item>, Vec<&Item>) = items.iter().partition(|item| found.contains(&item.job.id));
    let moves: Vec<(String, Transition)> = lost
        .iter()
        .map(|item| {
            let outcome = flow::on_failover(&item.job, &item.payload, &context);
            let looked_up = transition(&item.job, &item.payload, outcome).after_failover();
            (item.job.id.clone(), looked_up)
        })
        .collect();
    carry_out(shared, grant, &moves).await;
    let rest: Vec<String> = rest.iter().map(|item| item.job.id.clone()).collect();
    hand_back(shared, grant, &rest, "a batch mate is looked up first").await;
}

/// Gives jobs back of which nothing was sent.
pub(crate) async fn hand_back(shared: &Shared, grant: &Grant, ids: &[String], why: &str) {
    tracing::info!(why, jobs = ids.len(), fence = grant.fence, "handed back");
    insist("hand_back", || shared.store.hand_back(grant, None, ids)).await;
    effect_point!(HandedBack);
}

/// Carries the decisions out; repeated until Redis answers.
async fn settle(shared: &Shared, grant: &Grant, decided: Vec<Decided>) {
    if decided.is_empty() {
        return;
    }
    let moves: Vec<(String, Transition)> = decided.into_iter().map(|decided| decided.0).collect();
    let moved = carry_out(shared, grant, &moves).await;
    if moved.is_some_and(|moved| moved.contains(&false)) {
        // Either the lease was lost, or a lost reply made this a repeat; Redis knows which, and has the truth.
        tracing::warn!(
            fence = grant.fence,
            "part of a claim was settled already or belongs to another worker"
        );
    }
}

/// Jobs whose hash does not decode: failed by hand, because nothing else about them can be trusted.
async fn settle_broken(shared: &Shared, grant: &Grant, broken: Vec<(String, String)>) {
    if broken.is_empty() {
        return;
    }
    let moves: Vec<(String, Transition)> = broken
        .into_iter()
        .map(|(id, why)| {
            tracing::error!(job.id = id, why, "a stored job cannot be read");
            (id, Transition::unreadable(&why))
        })
        .collect();
    carry_out(shared, grant, &moves).await;
}

/// Settles; answers for each whether it moved, and nothing when Redis keeps refusing.
async fn carry_out(shared: &Shared, grant: &Grant, moves: &[(String, Transition)]) -> Option<Vec<bool>> {
    let moved = insist("settle", async || {
        let moved = shared.store.settle(grant, moves).await?;
        effect_point!(Settled);
        Ok(moved)
    })
    .await;
    effect_point!(Seen);
    moved
}

/// An outcome as the move that Redis makes of it, in the lane of its new step.
pub(crate) fn transition(job: &Job, payload: &Payload, outcome: Outcome) -> Transition {
    let lane = flow::lane(payload, outcome.step);
    let units = flow::units(
        payload,
        outcome.step,
        outcome.memory.as_deref().unwrap_or(&job.memory),
    );
    Transition::new(job, outcome, lane.as_ref(), units)
}

/// The move of a job whose payload says nothing; it goes to a person and to no lane.
pub(crate) fn unread(job: &Job, error: &serde_json::Error) -> Transition {
    let outcome = flow::on_unreadable(job.step, "payload", error);
    report(job, &outcome);
    Transition::new(job, outcome, None, 1)
}

/// One line for each end of a job, and for what a person should see; never a payload.
pub(crate) fn report(job: &Job, outcome: &Outcome) {
    let (id, kind, step) = (&job.id, job.kind, job.step);
    match &outcome.fate {
        Fate::Done => tracing::info!(job.id = id, job.kind = %kind, %step, "done"),
        Fate::Failed { error } => tracing::warn!(
            job.id = id, job.kind = %kind, %step,
            vendor.code = error.code, class = %error.class, error = error.msg, "failed"
        ),
        Fate::Parked { scope, error, .. } => tracing::warn!(
            job.id = id, job.kind = %kind, %step, %scope, vendor.code = error.code, error = error.msg, "parked"
        ),
        _ => {
            tracing::debug!(job.id = id, job.kind = %kind, %step, event = outcome.event, next = %outcome.step, "moved")
        }
    }
}

/// A code that is in no table needs a person, whatever becomes of the job.
fn alert(made: &Made) {
    let Some(refusal) = &made.refusal else { return };
    if refusal.verdict == Verdict::Unknown && refusal.class == parceld_domain::verdict::ErrorClass::Unknown {
        tracing::error!(
            vendor.code = refusal.code,
            error = refusal.msg,
            "the vendor answered what is in no table"
        );
    }
}

/// Counts a call as long as it lives.
pub(crate) struct InFlight<'a>(&'a AtomicUsize);

impl<'a> InFlight<'a> {
    pub(crate) fn enter(counter: &'a AtomicUsize) -> Self {
        counter.fetch_add(1, Ordering::Relaxed);
        InFlight(counter)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_lease_that_may_be_set_leaves_room_to_begin() {
        assert_eq!(lease_needed_ms(60_000, 10_000), 11_000);
        assert_eq!(lease_needed_ms(1_000, 500), 750);
    }
}
