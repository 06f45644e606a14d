//! What a claim may answer. Which class and which lane it picks is left open by the design; all else is not.

use parceld_domain::endpoint::Endpoint;
use parceld_domain::errand::Errand;
use parceld_domain::lane::Lane;
use parceld_domain::state::State;
use parceld_store::{ErrandClaim, JobClaim};

use super::expected::{Expected, Span, scopes_of};

/// A due waiting job whose errand does not answer asks again after this time.
const ASK_AGAIN_MS: u64 = 30_000;

impl Expected {
    /// What time has made due by now.
    pub(super) fn promote(&mut self, now: Span) {
        let due = |expected: &Expected, state: State| {
            let due = expected
                .jobs
                .iter()
                .filter(|(_, job)| job.state == state && job.score.is_due(now));
            let mut due: Vec<(u64, String)> = due.map(|(id, job)| (job.score.to, id.clone())).collect();
            due.sort_unstable();
            due.into_iter().map(|(_, id)| id)
        };
        for id in due(self, State::Running).rev() {
            self.lose(&id, now);
        }
        for id in due(self, State::Scheduled) {
            self.leave(&id);
            self.go_ready(&id, false);
        }
        for id in due(self, State::Waiting) {
            let (errand, since) = (self.jobs[&id].errand.clone(), self.jobs[&id].score);
            let errand = errand.expect("a waiting job waits for an errand").to_string();
            let pass = self.errands.entry(errand.clone()).or_default();
            let answers = pass.page.is_some() && pass.began.is_some_and(|began| since.to <= began);
            if !answers {
                self.request(&errand, now);
            }
            self.job(&id).score = now.plus(ASK_AGAIN_MS);
        }
    }

    /// A lease ran out: before the begin nothing happened; after it the job has died once more.
    fn lose(&mut self, id: &str, now: Span) {
        let Some(intent) = self.job(id).begun.clone() else {
            self.leave(id);
            self.go_ready(id, true);
            return;
        };
        let job = self.job(id);
        job.deaths += 1;
        job.alone |= job.deaths >= 2;
        if job.deaths < 3 {
            self.decide(id, &intent.on_death, now, intent.at);
            return;
        }
        self.leave(id);
        let job = self.job(id);
        job.state = State::Failed;
        job.score = now;
        job.step = intent.on_death.outcome.step;
        job.lane = intent.on_death.lane.clone();
        job.max_batch = intent.on_death.outcome.max_batch.or(job.max_batch);
        if let Some(hold) = intent.on_death.outcome.hold {
            job.hold = hold;
        }
        job.code = Some(String::new());
        job.watch.clear();
        self.events += 1;
    }

    fn is_stopped(&self, lane: &Lane, but_for: Option<&str>) -> bool {
        let parked = |scope: &String| Some(scope.as_str()) != but_for && self.scopes.contains_key(scope);
        scopes_of(lane).iter().any(parked)
    }

    fn errand_is_stopped(&self, name: &str, but_for: Option<&str>) -> bool {
        let scopes: &[&str] = match name {
            "orders" => &["account", "endpoint:get-order-list"],
            "packages" => &["account", "endpoint:get-package-list"],
            "catalogue" => &["account", "endpoint:list-warehouse", "endpoint:get-product-list"],
            _ => &[],
        };
        scopes
            .iter()
            .any(|scope| Some(*scope) != but_for && self.scopes.contains_key(*scope))
    }

    /// The jobs of a lane that the next call has to take, in their order; none where the first one has to wait.
    fn batch(&self, lane: &str, units_max: u32) -> Vec<String> {
        let ids = self.lanes.get(lane).map(Vec::as_slice).unwrap_or_default();
        let one_alone = self
            .jobs
            .values()
            .any(|job| job.state == State::Running && job.alone);
        let (mut batch, mut units, mut cap) = (Vec::new(), 0, units_max);
        for id in ids {
            let job = &self.jobs[id];
            cap = cap.min(job.max_batch.unwrap_or(cap));
            let fits = batch.is_empty() || (!job.alone && units < cap);
            if !fits || (job.alone && one_alone) {
                break;
            }
            batch.push(id.clone());
            units += job.units;
            if job.alone || units >= cap {
                break;
            }
        }
        batch
    }

    /// Takes in a claim for jobs, or says why it should not have been made.
    pub(super) fn claimed(
        &mut self,
        claim: &JobClaim,
        batch_units: u32,
        lease_ms: u64,
    ) -> Result<(), String> {
        let grant = &claim.grant;
        let now = Span::at(grant.now_ms);
        let ids: Vec<String> = claim.jobs.iter().map(|job| job.id.clone()).collect();
        let lane = claim.lane.to_string();
        let probe = grant.probe.as_ref().map(ToString::to_string);
        self.new_fence(grant.fence)?;
        if grant.lease_until_ms != grant.now_ms + lease_ms {
            return Err(format!("the lease ends at {}", grant.lease_until_ms));
        }
        if self.is_stopped(&claim.lane, probe.as_deref()) {
            return Err(format!("{lane} is stopped by a parked scope"));
        }
        if claim.lane.endpoint == Endpoint::OrderCreate && !self.catalogue && probe.is_none() {
            return Err("orders are created without a catalogue".to_owned());
        }
        let of_the_lane = self
            .lanes
            .get(&lane)
            .is_some_and(|held| ids.iter().all(|id| held.contains(id)));
        match &probe {
            Some(scope) => self.probed(scope, now, &claim.lane, &ids, grant.lease_until_ms)?,
            None if !of_the_lane => return Err(format!("{ids:?} do not stand in {lane}")),
            None => {}
        }
        let units = if probe.is_some() { 1 } else { batch_units };
        let wanted = self.batch(&lane, units);
        let loose = self
            .lanes
            .get(&lane)
            .is_some_and(|held| held.iter().any(|id| self.jobs[id].loose));
        if of_the_lane && !loose && ids != wanted {
            return Err(format!("{lane} gave {ids:?} instead of {wanted:?}"));
        }
        if ids.is_empty() || (ids.len() > 1 && ids.iter().any(|id| self.jobs[id].alone)) {
            return Err(format!("{ids:?} in one call"));
        }
        self.errands_lose_their_leases(now);
        for id in &ids {
            self.leave(id);
            let job = self.job(id);
            job.parked = job.parked.take().filter(|_| job.state == State::Parked);
            job.state = State::Running;
            job.fence = Some(grant.fence);
            job.score = Span::at(grant.lease_until_ms);
        }
        Ok(())
    }

    /// One call for a parked scope: of its own work, one at a time, and not if an operator holds it.
    fn probed(
        &mut self,
        scope: &str,
        now: Span,
        lane: &Lane,
        ids: &[String],
        until: u64,
    ) -> Result<(), String> {
        let due = self
            .errands
            .get(&format!("probe:{scope}"))
            .and_then(|probe| probe.due);
        let Some(parked) = self.scopes.get_mut(scope) else {
            return Err(format!("{scope} is probed and not parked"));
        };
        if parked.held || parked.probing.is_some_and(|until| until > now.from) {
            return Err(format!("{scope} is probed: {parked:?}"));
        }
        if !due.is_some_and(|due| due.is_due(now)) {
            return Err(format!("the probe of {scope} was due at {due:?}, not at {now:?}"));
        }
        parked.probing = Some(until);
        if ids.len() != 1 || !scopes_of(lane).iter().any(|other| other == scope) {
            return Err(format!("{ids:?} of {lane} are the probe of {scope}"));
        }
        let job = &self.jobs[&ids[0]];
        let its_own = job.state == State::Parked && job.scope.as_deref() == Some(scope);
        if its_own || job.state == State::Ready {
            return Ok(());
        }
        Err(format!("{} is {} and probes {scope}", ids[0], job.state))
    }

    fn new_fence(&mut self, fence: u64) -> Result<(), String> {
        if fence <= self.last_fence {
            return Err(format!("fence {fence} after {}", self.last_fence));
        }
        self.last_fence = fence;
        Ok(())
    }

    /// Takes in a claim for an errand's page, or says why it should not have been made.
    pub(super) fn claimed_errand(&mut self, claim: &ErrandClaim) -> Result<(), String> {
        let now = Span::at(claim.grant.now_ms);
        let name = claim.errand.to_string();
        self.new_fence(claim.grant.fence)?;
        let due = self.errands.get(&name).and_then(|errand| errand.due);
        let called_for_orders = claim.errand == Errand::Catalogue && due == Some(Span::ANY);
        let tried = claim.grant.probe.as_ref().map(ToString::to_string);
        let endpoint_probe = tried.is_some() && !matches!(claim.errand, Errand::Probe(_));
        if !called_for_orders && !endpoint_probe && !due.is_some_and(|due| due.is_due(now)) {
            return Err(format!("{name} was due at {due:?}, not at {now:?}"));
        }
        if self.errand_is_stopped(&name, tried.as_deref()) {
            return Err(format!("{name} is stopped by a parked scope"));
        }
        if let Some(scope) = &tried {
            self.errand_probes(scope, now, claim.grant.lease_until_ms)?;
        }
        self.errands_lose_their_leases(now);
        let errand = self.errands.entry(name.clone()).or_default();
        if endpoint_probe && errand.fence.is_some() {
            return Err(format!("{name} is in flight twice"));
        }
        errand.fence = Some(claim.grant.fence);
        if let Errand::Probe(_) = claim.errand {
            errand.due = Some(Span::ANY);
            return Ok(());
        }
        if errand.page.is_none() {
            errand.began = Some(claim.grant.now_ms);
            errand.seen.clear();
        }
        let page = *errand.page.get_or_insert(1);
        errand.due = Some(Span::at(claim.grant.lease_until_ms));
        if (claim.page, Some(claim.began_ms)) != (page, errand.began) {
            return Err(format!("page {} of {name}, which is {errand:?}", claim.page));
        }
        Ok(())
    }

    fn errand_probes(&mut self, scope: &str, now: Span, until: u64) -> Result<(), String> {
        let due = self
            .errands
            .get(&format!("probe:{scope}"))
            .and_then(|probe| probe.due);
        let under_account = scope != "account" && self.scopes.contains_key("account");
        let Some(parked) = self.scopes.get_mut(scope) else {
            return Err(format!("{scope} is probed and not parked"));
        };
        let busy = parked.probing.is_some_and(|until| until > now.from);
        if parked.held || busy || under_account || !due.is_some_and(|due| due.is_due(now)) {
            return Err(format!("{scope} is probed: {parked:?}, due {due:?}"));
        }
        parked.probing = Some(until);
        Ok(())
    }

    /// A claim that meets orders to be created asks for the catalogue that they need.
    pub(super) fn may_ask_for_the_catalogue(&mut self) {
        let creates =
            |(lane, ids): (&String, &Vec<String>)| lane.contains("/order-create/") && !ids.is_empty();
        if !self.catalogue && self.lanes.iter().any(creates) {
            let catalogue = self.errands.entry("catalogue".to_owned()).or_default();
            catalogue.due.get_or_insert(Span::ANY);
        }
    }

    /// A due errand is nobody's any more. What a claim could not do of the due it puts off.
    fn errands_lose_their_leases(&mut self, now: Span) {
        let due: Vec<String> = self.due_errands(now);
        for name in due {
            let stopped = self.errand_is_stopped(&name, None) || name.starts_with("probe:");
            let errand = self.errands.entry(name.clone()).or_default();
            if !name.starts_with("probe:") {
                errand.fence = None;
            }
            if stopped {
                let may_go = name.starts_with("probe:");
                errand.due = Some(if may_go { Span::ANY } else { Span::SOME });
            }
        }
    }

    fn due_errands(&self, now: Span) -> Vec<String> {
        let due = self
            .errands
            .iter()
            .filter(|(_, errand)| errand.due.is_some_and(|due| due.is_due(now)));
        due.map(|(name, _)| name.clone()).collect()
    }

    /// Takes in that there is nothing to do now, or says what a claim should have found.
    pub(super) fn nothing(&mut self, now: Span, batch_units: impl Fn(&Lane) -> u32) -> Result<(), String> {
        for (name, ids) in &self.lanes {
            let Some(job) = ids.first().map(|id| &self.jobs[id]) else {
                continue;
            };
            let lane = &job.lane;
            if self.is_stopped(lane, None) {
                continue;
            }
            if lane.endpoint == Endpoint::OrderCreate && !self.catalogue {
                let asked = self
                    .errands
                    .get_mut("catalogue")
                    .and_then(|errand| errand.due.as_mut());
                if let Some(due) = asked.filter(|due| **due == Span::ANY) {
                    *due = Span::SOME;
                }
            } else if !self.batch(name, batch_units(lane)).is_empty() {
                return Err(format!("{ids:?} are ready in {name}, and a claim found nothing"));
            }
        }
        for name in self.due_errands(now) {
            let scope = name.strip_prefix("probe:");
            let free = |scope: &str| {
                self.scopes
                    .get(scope)
                    .is_some_and(|parked| !parked.held && parked.probing.is_none())
            };
            let should = match scope {
                None => !self.errand_is_stopped(&name, None),
                Some("account") => free("account"),
                Some("balance") => free("balance") && !self.scopes.contains_key("account"),
                // Whether other work of the scope can be tried depends on what else is parked.
                Some(_) => false,
            };
            if should {
                return Err(format!("{name} is due, and a claim found nothing"));
            }
        }
        self.errands_lose_their_leases(now);
        Ok(())
    }
}
