//! Putting jobs in: new ones, the same once more, the same key with something else.

use parceld_domain::private::Private;
use parceld_domain::state::State;
use parceld_store::{Enqueued, NewJob};

use super::{Checked, LATER_MS, Run, must};
use crate::bed::{douyin, gift, payment, sync, taobao};
use crate::model::act::{Again, What};

/// What of a call of 50 order numbers one fetch takes.
const FETCH_UNITS: u32 = 20;

impl Run {
    pub(super) async fn put(&mut self, what: What, shop: u8, later: bool) -> Checked {
        let id = self.next_id();
        let shop = shop.to_string();
        let mut job = match what {
            What::Taobao => taobao(&id, &shop),
            What::Douyin => douyin(&id, &shop),
            What::Gift => gift(&id),
            What::Payment => payment(&id),
            What::Sync => sync(&id, &shop, FETCH_UNITS),
        };
        if later {
            job.due_ms = Some(self.bed.now_ms().await + LATER_MS);
        }
        self.enqueue(job).await
    }

    fn next_id(&self) -> String {
        format!("j{:02}", self.put.len())
    }

    pub(super) async fn put_again(&mut self, job: usize, how: Again) -> Checked {
        let mut again = self.put[job].clone();
        let new_id = self.next_id();
        match how {
            Again::SameId => {}
            Again::SamePayload => again.id = new_id,
            Again::OtherPayload => {
                again.payload = Private::new(format!(r#"{{"tid":"{new_id}"}}"#));
                again.id = new_id;
            }
        }
        self.enqueue(again).await
    }

    async fn enqueue(&mut self, job: NewJob) -> Checked {
        let from = self.bed.now_ms().await;
        let wanted = self.wanted(&job);
        let answer = self.bed.store.enqueue(&job).await.unwrap();
        self.note(format!("{} {}: {answer:?}", job.id, job.kind));
        let now = self.since(from).await;
        if let Enqueued::Accepted { replaces, .. } = &wanted {
            self.expected.put(&job, now, replaces.as_deref());
        }
        self.put.push(job);
        must("enqueue", answer, wanted)
    }

    /// The answer that the contract demands.
    fn wanted(&self, job: &NewJob) -> Enqueued {
        let jobs = &self.expected.jobs;
        let duplicate = |id: &str| Enqueued::Duplicate {
            id: id.to_owned(),
            state: jobs
                .get(id)
                .map_or("gone".to_owned(), |job| job.state.to_string()),
        };
        if jobs.contains_key(&job.id) {
            return duplicate(&job.id);
        }
        let mut replaces = None;
        if let Some(holder) = self.expected.keys.get(&(job.kind, job.key.clone())) {
            match jobs.get(holder) {
                None => return duplicate(holder),
                Some(held) if held.payload == *job.payload.expose() => return duplicate(holder),
                Some(held) => {
                    let ended = matches!(held.state, State::Failed | State::Cancelled);
                    if !ended || !held.hold.is_empty() {
                        return Enqueued::Conflict {
                            id: holder.clone(),
                            state: held.state.to_string(),
                            hold: held.hold.clone(),
                        };
                    }
                }
            }
            replaces = Some(holder.clone());
        }
        Enqueued::Accepted {
            id: job.id.clone(),
            state: job.due_ms.map_or("ready", |_| "scheduled").to_owned(),
            replaces,
        }
    }
}
