//! Errands: their time comes, their pages are turned, what they saw is given out.

use parceld_domain::errand::Errand;
use parceld_domain::state::State;
use parceld_store::Turn;

use super::{Answer, Checked, LATER_MS, Run, must};
use crate::model::act::{Move, TurnTo};
use crate::model::decisions::{ERRANDS, decision};
use crate::model::expected::{Span, read};

impl Run {
    /// As if the time had come for one of all things that are due later.
    pub(super) async fn comes_due(&mut self, nth: usize) -> Checked {
        let later = |state: State| matches!(state, State::Scheduled | State::Waiting);
        let jobs = self.expected.jobs.iter().filter(|(_, job)| later(job.state));
        let mut all: Vec<(String, String)> = jobs
            .map(|(id, job)| (job.state.to_string(), id.clone()))
            .collect();
        // The time of a leased one comes with its claim's; the next probe may be due amid one.
        let free = self.expected.errands.iter().filter(|(name, errand)| {
            errand.due.is_some() && (errand.fence.is_none() || name.starts_with("probe:"))
        });
        all.extend(free.map(|(name, _)| ("errands".to_owned(), name.clone())));
        if all.is_empty() {
            return Ok(());
        }
        let (set, member) = all.swap_remove(nth % all.len());
        self.note(format!("{member} of {set}"));
        let _: i64 = self.bed.raw(&["ZADD", &format!("~{set}"), "1", &member]).await;
        match self.expected.errands.get_mut(&member) {
            Some(errand) if set == "errands" => errand.due = Some(Span::PAST),
            _ => self.expected.job(&member).score = Span::PAST,
        }
        Ok(())
    }

    pub(super) async fn observe(&mut self, nth: usize, stale: bool, sees: Option<&Move>) -> Checked {
        let waiting = self
            .expected
            .jobs
            .iter()
            .filter(|(_, job)| job.state == State::Waiting);
        let mut ids: Vec<String> = waiting.map(|(id, _)| id.clone()).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let id = ids.swap_remove(nth % ids.len());
        let known = &self.expected.jobs[&id];
        let errand = known.errand.clone().unwrap_or(Errand::Packages);
        let decision = sees.map(|sees| decision(&id, known, sees));
        let units = known.units;
        let job = read(&self.bed.job(&id).await, stale);
        let transition = decision.as_ref().map(|decision| decision.written(&job, units));
        let from = self.bed.now_ms().await;
        let answer = self
            .bed
            .store
            .observe(&errand, &[(&job, transition)])
            .await
            .unwrap();
        let now = self.since(from).await;
        self.note(format!("{id} met by {errand}: {answer:?}"));
        let pass = self.expected.errands.entry(errand.to_string()).or_default();
        pass.seen.insert(id.clone());
        if let Some(decision) = decision.filter(|_| !stale) {
            self.expected.decide(&id, &decision, now, now);
        }
        must("observe", answer, vec![!stale])
    }

    pub(super) async fn turn(&mut self, claim: usize, turn: TurnTo) -> Checked {
        let Some(Answer::Errand(claim)) = self.claimed(claim).map(|held| &held.answer) else {
            return Ok(());
        };
        let name = claim.errand.to_string();
        // A probe is one call, and ends with it.
        let is_probe = matches!(claim.errand, Errand::Probe(_));
        let turn = match turn {
            TurnTo::Next if !is_probe => Turn::Page(claim.page + 1),
            TurnTo::AgainLater if !is_probe => Turn::Again {
                page: claim.page,
                delay_ms: LATER_MS,
            },
            _ => Turn::End,
        };
        let mut now_there = false;
        if claim.errand == Errand::Catalogue && turn == Turn::End {
            let placed = self
                .bed
                .store
                .publish_catalogue(&claim.grant, claim.grant.now_ms, "{}")
                .await
                .unwrap();
            now_there = placed;
        }
        let from = self.bed.now_ms().await;
        let answer = self
            .bed
            .store
            .turn_page(&claim.grant, &claim.errand, &turn, false, "")
            .await
            .unwrap();
        let grant = claim.grant.clone();
        let now = self.since(from).await;
        self.note(format!("{turn:?}: {answer}"));
        self.expected.catalogue |= now_there;
        let errand = self.expected.errands.entry(name.clone()).or_default();
        let ours = errand.fence == Some(grant.fence);
        if ours {
            errand.fence = None;
            match turn {
                Turn::Page(page) => (errand.page, errand.due) = (Some(page), Some(now)),
                Turn::Again { page, delay_ms } => {
                    (errand.page, errand.due) = (Some(page), Some(now.plus(delay_ms)));
                }
                Turn::End => {
                    errand.page = None;
                    errand.seen.clear();
                    match errand.again.take() {
                        Some(again) => errand.due = Some(again),
                        None if !is_probe => errand.due = None,
                        None => {}
                    }
                }
            }
        }
        if ours {
            self.expected.ends_probing(&grant);
        }
        must("turn page", answer, ours)
    }

    pub(super) async fn release(&mut self, errand: usize) -> Checked {
        let errand = &ERRANDS[errand];
        let ids: Vec<String> = self.expected.waiting_for(errand).cloned().collect();
        let answer = self.bed.store.release(errand, 100).await.unwrap();
        for id in &ids {
            self.expected.leave(id);
            self.expected.go_ready(id, false);
        }
        must("release", answer, ids.len() as u64)
    }
}
