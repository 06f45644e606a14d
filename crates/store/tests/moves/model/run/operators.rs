//! What operators do, and the end of finished jobs.

use parceld_domain::state::State;
use parceld_store::Operated;

use super::{Checked, Run, must};
use crate::model::act::SCOPES;
use crate::model::decisions::{cancelled, retried};
use crate::model::expected::{Span, read};

impl Run {
    /// Retries what failed or was cancelled, cancels what has not ended; anything else is tried only by who reads late.
    pub(super) async fn operate(&mut self, nth: usize, stale: bool, retry: bool) -> Checked {
        let id = self.put[nth].id.clone();
        let Some(known) = self.expected.jobs.get(&id) else {
            return Ok(());
        };
        let ended = matches!(known.state, State::Failed | State::Cancelled);
        if known.state == State::Done || ended != retry {
            return Ok(());
        }
        let decision = if retry { retried(known) } else { cancelled(known) };
        let wanted = match known.state {
            State::Running => Operated::Stale,
            _ if stale => Operated::Stale,
            _ if retry && known.replaced_by.is_some() => Operated::Replaced,
            _ => Operated::Moved,
        };
        let units = known.units;
        let job = read(&self.bed.job(&id).await, stale);
        let transition = decision.written(&job, units);
        let from = self.bed.now_ms().await;
        let answer = self.bed.store.operate(&[(&job, transition)]).await.unwrap();
        let now = self.since(from).await;
        self.note(format!("{id}: {answer:?}"));
        if wanted == Operated::Moved {
            let known = self.expected.job(&id);
            known.deaths = 0;
            known.alone = false;
            self.expected.decide(&id, &decision, now, now);
        }
        must("operate", answer, vec![wanted])
    }

    pub(super) async fn park(&mut self, scope: usize, hold: bool) -> Checked {
        let name = SCOPES[scope];
        let scope = name.parse().unwrap();
        let from = self.bed.now_ms().await;
        if hold {
            self.bed.store.hold(&scope, "an operator").await.unwrap();
        } else {
            self.bed.store.park(&scope, "a fault").await.unwrap();
        }
        let now = self.since(from).await;
        self.expected.park(name, hold, now);
        Ok(())
    }

    pub(super) async fn resume(&mut self, scope: usize) -> Checked {
        let name = SCOPES[scope];
        let answer = self.bed.store.resume(&name.parse().unwrap()).await.unwrap();
        let was = self.expected.resume(name);
        must("resume", answer, was)
    }

    /// As if the time of one finished job were over; the others have theirs before them.
    pub(super) async fn expire(&mut self, nth: usize) -> Checked {
        let ended = self.expected.jobs.iter().filter(|(_, job)| job.state.is_final());
        let ids: Vec<String> = ended.map(|(id, _)| id.clone()).collect();
        if let Some(id) = ids.get(nth % ids.len().max(1)) {
            let job = self.expected.job(id);
            job.score = Span::PAST;
            let set = format!("~{}", job.state);
            let _: i64 = self.bed.raw(&["ZADD", &set, "1", id]).await;
            self.expected.jobs.remove(id);
            self.note(format!("{id} is removed"));
        }
        let more = self.bed.store.expire().await.unwrap();
        must("expire", more, false)
    }
}
