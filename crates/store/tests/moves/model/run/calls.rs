//! A call's life: claim, begin, settle, and all that may come between.

use parceld_domain::endpoint::Endpoint;
use parceld_domain::lane::Lane;
use parceld_domain::outcome::{Attempts, Fate, Outcome};
use parceld_domain::state::State;
use parceld_store::{Begin, Begun, Claimed, Grant, JobClaim, Pace, Store, StoreError};

use super::{ASKS_MAX, Answer, Checked, Held, Parts, Run, must};
use crate::model::act::Move;
use crate::model::decisions::decision;
use crate::model::expected::{Decision, Intent, Span, scopes_of};

/// Units of a Douyin call and of a fetch of orders: few, so that lanes are seldom emptied at once.
const DOUYIN_UNITS: u32 = 3;
const ORDERS_UNITS: u32 = 50;
/// Of a lease: what a call is said to need.
const LEASE_SHARE: u64 = 5;

pub(super) fn batch_units() -> Vec<(Endpoint, u32)> {
    vec![
        (Endpoint::DyShipFree, DOUYIN_UNITS),
        (Endpoint::MpagingOrders, ORDERS_UNITS),
    ]
}

fn units_of(lane: &Lane) -> u32 {
    let named = batch_units()
        .into_iter()
        .find(|(endpoint, _)| *endpoint == lane.endpoint);
    named.map_or(1, |(_, units)| units)
}

impl Run {
    pub(super) async fn claim(&mut self) -> Checked {
        for _ in 0..ASKS_MAX {
            let from = self.quiet_ms().await;
            let token = self.bed.token();
            let answer = self
                .bed
                .store
                .claim(&token, "worker-1", Pace::default())
                .await
                .unwrap();
            let now = match &answer {
                Claimed::Jobs(claim) => Span::at(claim.grant.now_ms),
                Claimed::Errand(claim) => Span::at(claim.grant.now_ms),
                Claimed::Nothing { .. } => self.since(from).await,
            };
            self.expected.promote(now);
            self.expected.may_ask_for_the_catalogue();
            let (answer, checked) = match answer {
                Claimed::Nothing { wait_ms: 0 } => continue,
                Claimed::Nothing { wait_ms } => {
                    self.note(format!("nothing for {wait_ms} ms"));
                    return self.expected.nothing(now, units_of);
                }
                Claimed::Jobs(claim) => {
                    let ids: Vec<&String> = claim.jobs.iter().map(|job| &job.id).collect();
                    let told = format!("{ids:?} of {}, probe: {:?}", claim.lane, claim.grant.probe);
                    self.note(told);
                    let checked = self
                        .expected
                        .claimed(&claim, units_of(&claim.lane), self.lease_ms);
                    (Answer::Jobs(claim), checked)
                }
                Claimed::Errand(claim) => {
                    self.note(format!("page {} of {}", claim.page, claim.errand));
                    let checked = self.expected.claimed_errand(&claim);
                    (Answer::Errand(claim), checked)
                }
            };
            self.claims.push(Held {
                token,
                answer,
                repeats: true,
            });
            return checked;
        }
        Err(format!("{ASKS_MAX} claims said `ask again`"))
    }

    /// The same token, the same answer; and nothing has moved, which the comparison sees.
    pub(super) async fn claim_again(&mut self, claim: usize) -> Checked {
        let now = self.bed.now_ms().await;
        let Some(held) = self.claimed(claim).filter(|held| held.repeats) else {
            return Ok(());
        };
        let answer = &held.answer;
        let grant = answer.grant();
        if now + self.lease_ms / 2 > grant.now_ms + self.lease_ms {
            return Ok(());
        }
        let again = self
            .bed
            .store
            .claim(&held.token, "worker-1", Pace::default())
            .await
            .unwrap();
        let told = |grant: &Grant| (grant.fence, grant.lease_until_ms, grant.probe.clone());
        match (answer, &again) {
            (Answer::Jobs(first), Claimed::Jobs(second)) => {
                let ids = |claim: &JobClaim| {
                    let ids: Vec<String> = claim.jobs.iter().map(|job| job.id.clone()).collect();
                    (claim.lane.clone(), claim.units_max, ids)
                };
                // A job that was removed since cannot be read any more.
                let known: Vec<String> = ids(first)
                    .2
                    .into_iter()
                    .filter(|id| self.expected.jobs.contains_key(id))
                    .collect();
                must(
                    "the token again",
                    ids(second),
                    (first.lane.clone(), first.units_max, known),
                )?;
                must("the token again", told(&second.grant), told(&first.grant))
            }
            (Answer::Errand(first), Claimed::Errand(second)) => {
                must("the token again", &second.errand, &first.errand)?;
                must("the token again", told(&second.grant), told(&first.grant))
            }
            _ => Err(format!("the token again answered {again:?}")),
        }
    }

    pub(super) async fn begin(&mut self, claim: usize, counts: bool, on_death: &Move) -> Checked {
        let Some(Answer::Jobs(claim)) = self.claimed(claim).map(|held| &held.answer) else {
            return Ok(());
        };
        let mut begins = Vec::new();
        let mut decisions = Vec::new();
        for job in &claim.jobs {
            let known = self.expected.jobs.get(&job.id);
            let decision =
                known.map_or_else(|| unmoved(job, claim), |known| decision(&job.id, known, on_death));
            begins.push(Begin {
                id: job.id.clone(),
                intent: r#"{"event":"begin"}"#.to_owned(),
                on_death: decision.written(job, known.map_or(1, |known| known.units)),
                counts,
                guarded: false,
            });
            decisions.push(decision);
        }
        let needs_ms = self.lease_ms / LEASE_SHARE;
        let from = self.bed.now_ms().await;
        let answer = self
            .bed
            .store
            .begin(&claim.grant, &claim.lane, needs_ms, &begins)
            .await
            .unwrap();
        let now = self.since(from).await;
        let refusals = self.refusals(claim, now, needs_ms);
        let told = format!("begin: {answer:?}");
        if answer == Begun::Granted {
            for (begin, on_death) in begins.iter().zip(decisions) {
                if !self.expected.jobs.contains_key(&begin.id) {
                    continue;
                }
                let job = self.expected.job(&begin.id);
                if job.begun.is_none() {
                    let counted = u32::from(counts);
                    job.attempts += counted;
                    job.begun = Some(Intent {
                        counted,
                        at: now,
                        on_death,
                    });
                }
            }
        }
        self.note(told);
        if refusals.contains(&answer) {
            return Ok(());
        }
        Err(format!("begin answered {answer:?}, allowed are {refusals:?}"))
    }

    /// What the last gate may answer; more than one thing only where two refusals apply, or time decides.
    fn refusals(&self, claim: &JobClaim, now: Span, needs_ms: u64) -> Vec<Begun> {
        let mut may = Vec::new();
        let ours = |id: &String| self.expected.is_ours(id, claim.grant.fence);
        let ids = || claim.jobs.iter().map(|job| &job.id);
        let left =
            |at: u64| move |id: &String| self.expected.jobs[id].score.to.saturating_sub(at) >= needs_ms;
        if !ids().all(ours) {
            may.push(Begun::Lost);
        }
        if ids().filter(|id| ours(id)).any(|id| !left(now.to)(id)) {
            may.push(Begun::Short);
        }
        if may.contains(&Begun::Lost) || ids().any(|id| !left(now.from)(id)) {
            return may;
        }
        let probe = claim.grant.probe.as_ref().map(ToString::to_string);
        let stops = |scope: &String| {
            let parked = self.expected.scopes.get(scope);
            parked.is_some_and(|parked| parked.held || Some(scope) != probe.as_ref())
        };
        let parked = scopes_of(&claim.lane).into_iter().filter(stops);
        let before = may.len();
        may.extend(parked.map(|scope| Begun::Parked(scope.parse().unwrap())));
        if may.len() == before {
            may.push(Begun::Granted);
        }
        may
    }

    pub(super) async fn settle(&mut self, claim: usize, moves: &[Move]) -> Checked {
        let Some(Answer::Jobs(claim)) = self.claimed(claim).map(|held| &held.answer) else {
            return Ok(());
        };
        let (mut settled, mut decisions, mut wanted) = (Vec::new(), Vec::new(), Vec::new());
        for (job, decided) in claim.jobs.iter().zip(moves.iter().cycle()) {
            let known = self.expected.jobs.get(&job.id);
            let decision =
                known.map_or_else(|| unmoved(job, claim), |known| decision(&job.id, known, decided));
            let units = known.map_or(1, |known| known.units);
            settled.push((job.id.clone(), decision.written(job, units)));
            decisions.push((job.id.clone(), decision));
            wanted.push(self.expected.is_ours(&job.id, claim.grant.fence));
        }
        let from = self.bed.now_ms().await;
        let grant = claim.grant.clone();
        let answer = self.bed.store.settle(&grant, &settled).await.unwrap();
        let now = self.since(from).await;
        self.note(format!("settled: {answer:?}"));
        let ours = decisions.iter().zip(&wanted).filter(|(_, ours)| **ours);
        // Those that go back to the head keep their order: the last one goes first.
        let (heads, others): (Vec<_>, Vec<_>) = ours
            .map(|(decision, _)| decision)
            .partition(|(_, decision)| decision.outcome.fate == Fate::Ready { front: true });
        for (id, decision) in others.into_iter().chain(heads.into_iter().rev()) {
            self.expected.job(id).deaths = 0;
            self.expected.job(id).alone = false;
            self.expected.decide(id, decision, now, now);
        }
        self.expected.ends_probing(&grant);
        must("settle", answer, wanted)
    }

    pub(super) async fn hand_back(&mut self, claim: usize) -> Checked {
        let Some((now, answer, (grant, errand, ids))) = self.over_all(claim, Store::hand_back).await else {
            return Ok(());
        };
        self.note(format!("handed back: {answer}"));
        let ours: Vec<&String> = ids
            .iter()
            .filter(|id| self.expected.is_ours(id, grant.fence))
            .collect();
        for id in ours.iter().rev() {
            let job = self.expected.job(id);
            let counted = job.begun.as_ref().map_or(0, |intent| intent.counted);
            job.attempts = job.attempts.saturating_sub(counted);
            self.expected.leave(id);
            self.expected.go_ready(id, true);
        }
        if let Some(held) = errand.and_then(|name| self.expected.errands.get_mut(&name))
            && held.fence == Some(grant.fence)
        {
            held.fence = None;
            held.due = Some(now);
        }
        self.expected.ends_probing(&grant);
        must("hand back", answer, ours.len() as u64)
    }

    /// Makes a move over all that a claim holds; answers when, its answer, and what is held.
    async fn over_all(
        &self,
        claim: usize,
        act: impl AsyncFn(&Store, &Grant, Option<&str>, &[String]) -> Result<u64, StoreError>,
    ) -> Option<(Span, u64, Parts)> {
        let parts = self.claimed(claim)?.parts();
        let (grant, errand, ids) = &parts;
        let from = self.bed.now_ms().await;
        let answer = act(&self.bed.store, grant, errand.as_deref(), ids).await.unwrap();
        Some((self.since(from).await, answer, parts))
    }

    pub(super) async fn renew(&mut self, claim: usize) -> Checked {
        let Some((now, answer, (grant, errand, ids))) = self.over_all(claim, Store::renew).await else {
            return Ok(());
        };
        let until = now.plus(self.lease_ms);
        let mut ours = 0;
        for id in &ids {
            if self.expected.is_ours(id, grant.fence) {
                let job = self.expected.job(id);
                job.score = job.score.max(until);
                ours += 1;
            }
        }
        if let Some(held) = errand.and_then(|name| self.expected.errands.get_mut(&name))
            && held.fence == Some(grant.fence)
        {
            held.due = held.due.map(|due| due.max(until));
            ours += 1;
        }
        must("renew", answer, ours)
    }

    /// As if the lease's time had passed, for Redis's records of it and for the token alike.
    pub(super) async fn lease_ends(&mut self, claim: usize) -> Checked {
        let Some((grant, errand, ids)) = self.claimed(claim).map(Held::parts) else {
            return Ok(());
        };
        if let Some(held) = self.claims.iter_mut().rev().nth(claim) {
            held.repeats = false;
            let token = format!("~claim:{}", held.token);
            let _: i64 = self.bed.raw(&["DEL", &token]).await;
        }
        for id in &ids {
            if self.expected.is_ours(id, grant.fence) {
                self.bed.lose_lease(id).await;
                self.expected.job(id).score = Span::PAST;
            }
        }
        if let Some(scope) = self.expected.ends_probing(&grant) {
            let _: i64 = self
                .bed
                .raw(&["HDEL", &format!("~scope:{scope}"), "probing"])
                .await;
        }
        let Some(name) = errand else { return Ok(()) };
        let its_own = !name.starts_with("probe:");
        if let Some(held) = self.expected.errands.get_mut(&name)
            && held.fence == Some(grant.fence)
            && its_own
        {
            let _: i64 = self.bed.raw(&["ZADD", "~errands", "1", &name]).await;
            held.due = Some(Span::PAST);
        }
        Ok(())
    }
}

/// For a job that is known no more: what a worker that still holds its claim would have decided.
fn unmoved(job: &parceld_domain::job::Job, claim: &JobClaim) -> Decision {
    let fate = if job.state == State::Running {
        Fate::Done
    } else {
        Fate::Ready { front: true }
    };
    Decision {
        outcome: Outcome::new("moved", fate, job.step, Attempts::Keep),
        lane: claim.lane.clone(),
    }
}
