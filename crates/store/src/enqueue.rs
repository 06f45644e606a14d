//! Taking work in.

use parceld_domain::kind::Kind;
use parceld_domain::lane::Lane;
use parceld_domain::private::Private;
use parceld_domain::state::Step;
use redis::Value;

use crate::connect::Store;
use crate::error::StoreError;
use crate::reply::Reply;

/// A job to take in: validated, normalised, with where it starts.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// Its id for life; made once by the caller, so that a repeated enqueue is the same job.
    pub id: String,
    /// What it asks for.
    pub kind: Kind,
    /// The idempotency key; empty = every one is new.
    pub key: String,
    /// The normalised payload, JSON.
    pub payload: Private<String>,
    /// Its first step.
    pub step: Step,
    /// The lane of that step.
    pub lane: Lane,
    /// Its units in that step.
    pub units: u32,
    /// What its workflow starts with, JSON.
    pub memory: String,
    /// When it is due, Unix milliseconds; `None` = now.
    pub due_ms: Option<u64>,
}

/// What became of an enqueue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Enqueued {
    /// Taken in.
    Accepted {
        /// Its id.
        id: String,
        /// `ready` or `scheduled`.
        state: String,
        /// The failed or cancelled job that gave its key up.
        replaces: Option<String>,
    },
    /// The key is known with the same payload: nothing was done.
    Duplicate {
        /// The first job's id.
        id: String,
        /// Its state; `gone` when it was removed since.
        state: String,
    },
    /// The key is known with another payload, by a job that does not give it up: refused.
    Conflict {
        /// The job that holds the key.
        id: String,
        /// Its state.
        state: String,
        /// The vendor order that could still be paid, or `unknown`; empty if that is not the reason.
        hold: String,
    },
    /// The inbox line was no longer the next one: another worker took it.
    Gone,
}

impl Store {
    /// Takes one job in.
    ///
    /// # Errors
    /// `Unreachable` or `Full`: the job may or may not be in; the same call again tells.
    pub async fn enqueue(&self, job: &NewJob) -> Result<Enqueued, StoreError> {
        let reply = self.moves().enqueue.run(self, &arguments(job, b"")).await?;
        enqueued(reply)
    }

    /// Takes many jobs in, in order and in one round trip; give at most a few thousand a call.
    ///
    /// # Errors
    /// As [`Store::enqueue`]; jobs before the failure may be in, and the same call again tells which.
    pub async fn enqueue_many(&self, jobs: &[NewJob]) -> Result<Vec<Enqueued>, StoreError> {
        let calls: Vec<Vec<Vec<u8>>> = jobs.iter().map(|job| arguments(job, b"")).collect();
        let replies: Vec<Vec<Value>> = self.moves().enqueue.run_each(self, &calls).await?;
        replies.into_iter().map(enqueued).collect()
    }
}

/// The arguments of `enqueue.lua` behind the namespace.
pub(crate) fn arguments(job: &NewJob, inbox_line: &[u8]) -> Vec<Vec<u8>> {
    let due = job.due_ms.map(|ms| ms.to_string()).unwrap_or_default();
    vec![
        job.id.clone().into_bytes(),
        job.kind.as_str().into(),
        job.key.clone().into_bytes(),
        job.payload.expose().clone().into_bytes(),
        job.step.as_str().into(),
        job.lane.to_string().into_bytes(),
        job.units.to_string().into_bytes(),
        job.memory.clone().into_bytes(),
        due.into_bytes(),
        inbox_line.to_vec(),
    ]
}

pub(crate) fn enqueued(reply: Vec<Value>) -> Result<Enqueued, StoreError> {
    let mut reply = Reply::new("enqueue", reply);
    let word = reply.text()?;
    Ok(match word.as_str() {
        "accepted" => Enqueued::Accepted {
            id: reply.text()?,
            state: reply.text()?,
            replaces: Some(reply.text()?).filter(|id| !id.is_empty()),
        },
        "duplicate" => Enqueued::Duplicate {
            id: reply.text()?,
            state: reply.shown()?,
        },
        "conflict" => Enqueued::Conflict {
            id: reply.text()?,
            state: reply.shown()?,
            hold: reply.shown()?,
        },
        "gone" => Enqueued::Gone,
        _ => {
            return Err(StoreError::Corrupt {
                what: "the reply of enqueue".to_owned(),
                found: word,
            });
        }
    })
}
