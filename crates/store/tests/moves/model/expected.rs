//! What should stand in Redis: jobs, lanes, errands and scopes as the design has them, moved one job at a time.
//!
//! Written from the design and the contract, not from the scripts: nothing here shares their structures.

use std::collections::{BTreeMap, BTreeSet};

use parceld_domain::errand::Errand;
use parceld_domain::job::Job;
use parceld_domain::kind::Kind;
use parceld_domain::lane::Lane;
use parceld_domain::outcome::{Attempts, Fate, JobError, Outcome};
use parceld_domain::state::{State, Step};
use parceld_store::{Grant, NewJob};

pub(super) use super::span::Span;

/// A probe of a parked scope comes no sooner than this.
const PROBE_FIRST_MS: u64 = 2000;

/// A call of which the intent is on record.
#[derive(Debug, Clone)]
pub(super) struct Intent {
    pub(super) counted: u32,
    pub(super) at: Span,
    pub(super) on_death: Decision,
}

/// An outcome, and the lane of its step.
#[derive(Debug, Clone)]
pub(super) struct Decision {
    pub(super) outcome: Outcome,
    pub(super) lane: Lane,
}

#[derive(Debug, Clone)]
pub(super) struct ExpectedJob {
    pub(super) kind: Kind,
    pub(super) payload: String,
    pub(super) remark: String,
    pub(super) state: State,
    pub(super) step: Step,
    pub(super) lane: Lane,
    pub(super) units: u32,
    pub(super) attempts: u32,
    pub(super) version: u64,
    pub(super) deaths: u32,
    pub(super) alone: bool,
    pub(super) max_batch: Option<u32>,
    pub(super) begun: Option<Intent>,
    pub(super) fence: Option<u64>,
    pub(super) errand: Option<Errand>,
    pub(super) since_ms: u64,
    pub(super) scope: Option<String>,
    /// The end of the lease, when it is due, or when it ended.
    pub(super) score: Span,
    pub(super) watch: Vec<String>,
    /// The code of its error as it is stored: empty where the vendor gave none.
    pub(super) code: Option<String>,
    pub(super) hold: String,
    pub(super) generation: u32,
    pub(super) replaced_by: Option<String>,
    /// Its place in its lane is open: it was cancelled while it stood there, or resumed together with others.
    pub(super) loose: bool,
    /// By which scope, in which of its parkings and since when; kept while it is that scope's probe.
    pub(super) parked: Option<(String, u64, Span)>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct ExpectedErrand {
    pub(super) due: Option<Span>,
    pub(super) page: Option<u32>,
    pub(super) began: Option<u64>,
    /// Asked for amid a pass.
    pub(super) again: Option<Span>,
    pub(super) fence: Option<u64>,
    /// Whom this pass has met.
    pub(super) seen: BTreeSet<String>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct ExpectedScope {
    pub(super) held: bool,
    /// Until when a probe is under way.
    pub(super) probing: Option<u64>,
    /// Which parking this is of all that there were.
    pub(super) parking: u64,
}

/// Everything.
#[derive(Debug, Default)]
pub(super) struct Expected {
    pub(super) jobs: BTreeMap<String, ExpectedJob>,
    /// Ready jobs in their order.
    pub(super) lanes: BTreeMap<String, Vec<String>>,
    /// Which id a key names, also when that job is gone.
    pub(super) keys: BTreeMap<(Kind, String), String>,
    pub(super) errands: BTreeMap<String, ExpectedErrand>,
    pub(super) scopes: BTreeMap<String, ExpectedScope>,
    pub(super) accepted_total: u64,
    /// Changes that an ERP cares for.
    pub(super) events: u64,
    pub(super) last_fence: u64,
    parkings: u64,
    pub(super) catalogue: bool,
    /// Ids whose hint may still stand in their lane, whatever became of the job.
    cancelled_in_lane: BTreeSet<String>,
}

impl Expected {
    pub(super) fn job(&mut self, id: &str) -> &mut ExpectedJob {
        self.jobs
            .get_mut(id)
            .unwrap_or_else(|| panic!("{id} is not known"))
    }

    /// Whether a worker that holds this fence may still move the job.
    pub(super) fn is_ours(&self, id: &str, fence: u64) -> bool {
        let job = self.jobs.get(id);
        job.is_some_and(|job| job.state == State::Running && job.fence == Some(fence))
    }

    pub(super) fn waiting_for<'a>(&'a self, errand: &'a Errand) -> impl Iterator<Item = &'a String> + 'a {
        let waits =
            move |job: &ExpectedJob| job.state == State::Waiting && job.errand.as_ref() == Some(errand);
        self.jobs
            .iter()
            .filter(move |(_, job)| waits(job))
            .map(|(id, _)| id)
    }

    pub(super) fn put(&mut self, new: &NewJob, now: Span, replaces: Option<&str>) {
        let generation = replaces.map_or(1, |old| self.jobs[old].generation + 1);
        if let Some(old) = replaces {
            self.job(old).replaced_by = Some(new.id.clone());
        }
        let remark = match (new.kind, generation) {
            (Kind::GiftOrder, 1) => new.key.clone(),
            (Kind::GiftOrder, generation) => format!("{}#{generation}", new.key),
            _ => String::new(),
        };
        let due = new.due_ms.filter(|due| *due > now.from);
        let job = ExpectedJob {
            kind: new.kind,
            payload: new.payload.expose().clone(),
            remark,
            state: due.map_or(State::Ready, |_| State::Scheduled),
            step: new.step,
            lane: new.lane.clone(),
            units: new.units,
            attempts: 0,
            version: 1,
            deaths: 0,
            alone: false,
            max_batch: None,
            begun: None,
            fence: None,
            errand: None,
            since_ms: 0,
            scope: None,
            score: due.map_or(now, Span::at),
            watch: Vec::new(),
            code: None,
            hold: String::new(),
            generation,
            replaced_by: None,
            loose: self.cancelled_in_lane.contains(&new.id),
            parked: None,
        };
        if job.state == State::Ready {
            self.lanes
                .entry(new.lane.to_string())
                .or_default()
                .push(new.id.clone());
        }
        self.jobs.insert(new.id.clone(), job);
        if !new.key.is_empty() {
            self.keys.insert((new.kind, new.key.clone()), new.id.clone());
        }
        self.accepted_total += 1;
    }

    /// Out of where it is; what belongs to one state or one claim only ends with it.
    pub(super) fn leave(&mut self, id: &str) {
        let job = self.job(id);
        job.begun = None;
        job.fence = None;
        job.errand = None;
        job.scope = None;
        job.version += 1;
        if job.state == State::Ready {
            let lane = job.lane.to_string();
            if let Some(ids) = self.lanes.get_mut(&lane) {
                ids.retain(|other| other != id);
            }
        }
    }

    /// To its lane, with all that it has.
    pub(super) fn go_ready(&mut self, id: &str, front: bool) {
        let loose = self.cancelled_in_lane.contains(id);
        let job = self.job(id);
        job.state = State::Ready;
        job.loose = loose;
        let lane = job.lane.to_string();
        let ids = self.lanes.entry(lane).or_default();
        let at = if front { 0 } else { ids.len() };
        ids.insert(at, id.to_owned());
    }

    /// Carries out a decision. Delays count from `from`.
    pub(super) fn decide(&mut self, id: &str, decision: &Decision, now: Span, from: Span) {
        let Decision { outcome, lane } = decision;
        if self.job(id).state == State::Ready && outcome.fate == Fate::Cancelled {
            self.cancelled_in_lane.insert(id.to_owned());
        }
        let job = self.job(id);
        let counted = job.begun.as_ref().map_or(0, |intent| intent.counted);
        self.leave(id);
        let job = self.job(id);
        job.attempts = match outcome.attempts {
            Attempts::Reset => 0,
            Attempts::Keep => job.attempts,
            Attempts::Restore => job.attempts.saturating_sub(counted),
        };
        job.step = outcome.step;
        job.lane = lane.clone();
        job.max_batch = outcome.max_batch.or(job.max_batch);
        if let Some(hold) = &outcome.hold {
            job.hold.clone_from(hold);
        }
        let ends = outcome.fate.state().is_final();
        if ends || outcome.watch.is_some() {
            job.watch = outcome.watch.clone().filter(|_| !ends).unwrap_or_default();
        }
        let error = match &outcome.fate {
            Fate::Parked { error, .. } | Fate::Failed { error } => Some(error),
            _ => outcome.error.as_ref(),
        };
        job.code = error.map(code_of);
        job.score = now;
        self.arrive(id, &outcome.fate, now, from);
    }

    fn arrive(&mut self, id: &str, fate: &Fate, now: Span, from: Span) {
        let job = self.job(id);
        job.state = fate.state();
        let parked = job.parked.take();
        match fate {
            Fate::Ready { front } => self.go_ready(id, *front),
            Fate::Scheduled { delay_ms } => job.score = now.max(from.plus(*delay_ms)),
            Fate::Waiting {
                errand,
                delay_ms,
                since_ms,
            } => {
                job.score = now.max(from.plus(*delay_ms));
                job.errand = Some(errand.clone());
                job.since_ms = *since_ms;
                let pass = self.errands.entry(errand.to_string()).or_default();
                // A pass that began before proves nothing about it.
                if pass.page.is_some() {
                    pass.seen.insert(id.to_owned());
                }
            }
            Fate::Parked { scope, .. } => {
                let scope = scope.to_string();
                let parking = self.scopes.get(&scope).map(|parked| parked.parking);
                // A scope that was resumed since is parked anew.
                let still = parked.filter(|(by, in_parking, _)| *by == scope && Some(*in_parking) == parking);
                self.events += u64::from(still.is_none());
                self.park(&scope, false, now);
                let parking = self.scopes[&scope].parking;
                let since = still.map_or(now, |(_, _, since)| since);
                let job = self.job(id);
                job.score = since;
                job.scope = Some(scope.clone());
                job.parked = Some((scope, parking, since));
            }
            Fate::Done | Fate::Failed { .. } | Fate::Cancelled => self.events += 1,
        }
    }

    pub(super) fn park(&mut self, scope: &str, hold: bool, now: Span) {
        if !self.scopes.contains_key(scope) {
            let probe = self.errands.entry(format!("probe:{scope}")).or_default();
            probe.due = Some(now.plus(PROBE_FIRST_MS));
            self.events += 1;
            self.parkings += 1;
            let parking = self.parkings;
            self.scopes.entry(scope.to_owned()).or_default().parking = parking;
        }
        let parked = self.scopes.entry(scope.to_owned()).or_default();
        parked.held |= hold;
    }

    /// The next probe of what this claim tried need not wait for the end of its lease, and for nobody else's; answers the
    /// scope.
    pub(super) fn ends_probing(&mut self, grant: &Grant) -> Option<String> {
        let scope = grant.probe.as_ref()?.to_string();
        let parked = self.scopes.get_mut(&scope)?;
        if parked.probing != Some(grant.lease_until_ms) {
            return None;
        }
        parked.probing = None;
        Some(scope)
    }

    /// Answers whether it was parked.
    pub(super) fn resume(&mut self, scope: &str) -> bool {
        let was = self.scopes.remove(scope).is_some();
        self.events += u64::from(was);
        self.errands.remove(&format!("probe:{scope}"));
        let stopped = |job: &ExpectedJob| job.state == State::Parked && job.scope.as_deref() == Some(scope);
        let ids: Vec<String> = self
            .jobs
            .iter()
            .filter(|(_, job)| stopped(job))
            .map(|(id, _)| id.clone())
            .collect();
        for id in ids {
            self.leave(&id);
            self.go_ready(&id, true);
            let job = self.job(&id);
            job.code = None;
            job.loose = true;
            self.events += 1;
        }
        was
    }

    /// Makes an errand due; one amid a pass runs again afterwards.
    pub(super) fn request(&mut self, errand: &str, now: Span) {
        let errand = self.errands.entry(errand.to_owned()).or_default();
        let when = if errand.page.is_some() {
            &mut errand.again
        } else {
            &mut errand.due
        };
        *when = Some(when.map_or(now, |held| held.min(now)));
    }
}

pub(super) fn code_of(error: &JobError) -> String {
    error.code.map(|code| code.to_string()).unwrap_or_default()
}

/// The scopes that stop a lane.
pub(super) fn scopes_of(lane: &Lane) -> Vec<String> {
    let mut scopes = vec!["account".to_owned(), format!("endpoint:{}", lane.endpoint)];
    if !lane.shop.is_empty() {
        scopes.push(format!("shop:{}", lane.shop));
    }
    if lane.class == parceld_domain::class::Class::Pay {
        scopes.push("balance".to_owned());
    }
    scopes
}

/// What an operator reads before a move.
pub(super) fn read(job: &Job, stale: bool) -> Job {
    let mut job = job.clone();
    job.version -= u64::from(stale);
    job
}
