//! What is decided about a job, as an outcome of the domain.

use parceld_domain::class::Class;
use parceld_domain::endpoint::Endpoint;
use parceld_domain::errand::Errand;
use parceld_domain::job::Job;
use parceld_domain::lane::Lane;
use parceld_domain::outcome::{Attempts, Fate, Outcome};
use parceld_domain::state::Step;
use parceld_domain::transition::Transition;

use super::act::{Move, To};
use super::expected::{Decision, ExpectedJob, scopes_of};
use crate::bed::{failed, parked};

const LATER_MS: u64 = 60_000;
pub(super) const ERRANDS: [Errand; 3] = [Errand::Packages, Errand::Orders, Errand::Catalogue];

impl Decision {
    /// As the store is given it.
    pub(super) fn written(&self, job: &Job, units: u32) -> Transition {
        Transition::new(job, self.outcome.clone(), Some(&self.lane), units)
    }
}

pub(super) fn decision(id: &str, job: &ExpectedJob, decided: &Move) -> Decision {
    let (step, lane) = if decided.next_step {
        next_step(job)
    } else {
        (job.step, job.lane.clone())
    };
    let mut outcome = Outcome::new("moved", fate(decided.to, &lane), step, decided.attempts);
    outcome.watch = decided
        .watch
        .then(|| vec![format!("sn:{id}"), format!("remark:{id}")]);
    outcome.hold = decided
        .hold
        .map(|holds| if holds { "VO1" } else { "" }.to_owned());
    outcome.max_batch = decided.max_batch;
    Decision { outcome, lane }
}

pub(super) fn cancelled(job: &ExpectedJob) -> Decision {
    Decision {
        outcome: Outcome::new("cancelled", Fate::Cancelled, job.step, Attempts::Keep),
        lane: job.lane.clone(),
    }
}

pub(super) fn retried(job: &ExpectedJob) -> Decision {
    let fate = Fate::Ready { front: false };
    Decision {
        outcome: Outcome::new("retried", fate, job.step, Attempts::Reset),
        lane: job.lane.clone(),
    }
}

fn next_step(job: &ExpectedJob) -> (Step, Lane) {
    match job.step {
        Step::Create => (Step::Pay, Lane::new(Class::Pay, Endpoint::SubmitPayment, "")),
        Step::Send => (
            Step::Verify,
            Lane::new(Class::Reconcile, Endpoint::Detail, &job.lane.shop),
        ),
        _ => (job.step, job.lane.clone()),
    }
}

fn fate(to: To, lane: &Lane) -> Fate {
    match to {
        To::Head => Fate::Ready { front: true },
        To::Tail => Fate::Ready { front: false },
        To::Later => Fate::Scheduled { delay_ms: LATER_MS },
        To::Wait { errand, at_once } => Fate::Waiting {
            errand: ERRANDS[errand].clone(),
            delay_ms: if at_once { 0 } else { LATER_MS },
            since_ms: 1,
        },
        To::Parked(nth) => {
            let scopes = scopes_of(lane);
            parked(scopes[nth % scopes.len()].parse().unwrap())
        }
        To::Failed(code) => failed(code),
        To::Done => Fate::Done,
    }
}
