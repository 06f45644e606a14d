//! The way in for jobs.

use parceld_domain::flow;
use parceld_domain::line::JobLine;
use parceld_store::{Enqueued, NewJob, Store, StoreError};
use ulid::{Generator, Ulid};

use crate::answer::{Answer, EnqueueError, Refusal};
use crate::job::Job;

/// Puts jobs into one store; cheap to clone.
#[derive(Debug, Clone)]
pub struct Producer {
    store: Store,
}

/// Jobs to enqueue together, with their ids: sent again after a lost reply, they are the same jobs.
#[derive(Debug, Clone)]
pub struct Batch(Vec<Result<NewJob, Refusal>>);

/// Jobs of one round trip; more would hold up everybody else's moves.
const CHUNK: usize = 500;
/// Why an answer about a job that comes from a caller always stands.
const NEVER_GONE: &str = "only an inbox line can be gone";

impl Producer {
    /// A producer for this store.
    #[must_use]
    pub const fn new(store: Store) -> Self {
        Producer { store }
    }

    /// Enqueues one job.
    ///
    /// # Errors
    /// When the job is refused, or Redis does not answer.
    pub async fn enqueue(&self, job: Job) -> Result<Answer, EnqueueError> {
        let line = job.check().map_err(Refusal::from)?;
        let job = new_job(Ulid::generate(), &line);
        let enqueued = self.store.enqueue(&job).await?;
        Ok(told(&job, enqueued).expect(NEVER_GONE)?)
    }

    /// Enqueues many jobs in their order, a few hundred a round trip; refused ones hold nobody up.
    ///
    /// # Errors
    /// When Redis does not answer: jobs before may be in, and the same jobs again tell which.
    pub async fn enqueue_many(
        &self,
        jobs: impl IntoIterator<Item = Job>,
    ) -> Result<Vec<Result<Answer, Refusal>>, StoreError> {
        let lines = jobs.into_iter().map(|job| job.check().map_err(Refusal::from));
        self.enqueue_batch(&Batch::new(lines)).await
    }

    /// Enqueues a batch; the answers stand in the order of its lines.
    ///
    /// # Errors
    /// As [`Producer::enqueue_many`]; the same batch again enqueues nothing twice, and answers as if nothing had been
    /// lost.
    pub async fn enqueue_batch(&self, batch: &Batch) -> Result<Vec<Result<Answer, Refusal>>, StoreError> {
        let sound: Vec<NewJob> = batch
            .0
            .iter()
            .filter_map(|job| job.as_ref().ok())
            .cloned()
            .collect();
        let mut enqueued = Vec::with_capacity(sound.len());
        for chunk in sound.chunks(CHUNK) {
            enqueued.extend(self.store.enqueue_many(chunk).await?);
        }
        let mut enqueued = enqueued.into_iter();
        let answer = |job: &Result<NewJob, Refusal>| {
            let job = job.as_ref().map_err(Clone::clone)?;
            let enqueued = enqueued.next().expect("the store answers once for each job");
            told(job, enqueued).expect(NEVER_GONE)
        };
        Ok(batch.0.iter().map(answer).collect())
    }

    pub(crate) const fn store(&self) -> &Store {
        &self.store
    }
}

impl Batch {
    /// Lines that were parsed already, refused ones among them; each job has its id from now on.
    pub fn new(lines: impl IntoIterator<Item = Result<JobLine, Refusal>>) -> Self {
        // Ids of one batch ascend, so that jobs taken in within one millisecond are listed in their order.
        let mut ids = Generator::new();
        let mut id = || ids.generate().unwrap_or_else(|_| Ulid::generate());
        let jobs = lines
            .into_iter()
            .map(|line| line.map(|line| new_job(id(), &line)));
        Batch(jobs.collect())
    }
}

/// The job with its id and its place in line.
pub(crate) fn new_job(id: Ulid, line: &JobLine) -> NewJob {
    let start = flow::start(&line.payload);
    NewJob {
        id: id.to_string(),
        kind: line.kind,
        key: line.key.clone(),
        payload: line.normalised.clone(),
        step: start.step,
        lane: start.lane,
        units: start.units,
        memory: start.memory,
        due_ms: line.due_ms,
    }
}

/// What the caller is told; `None` if the inbox line of the job was gone. A job that finds itself in line was taken in by a call whose reply was lost.
pub(crate) fn told(job: &NewJob, enqueued: Enqueued) -> Option<Result<Answer, Refusal>> {
    let key = Some(job.key.clone()).filter(|key| !key.is_empty());
    let (id, state, duplicate, replaces) = match enqueued {
        Enqueued::Accepted { id, state, replaces } => (id, state, false, replaces),
        Enqueued::Duplicate { id, state } => {
            let is_other = id != job.id;
            (id, state, is_other, None)
        }
        Enqueued::Conflict { id, state, hold } => {
            let key = job.key.clone();
            return Some(Err(Refusal::Conflict { key, id, state, hold }));
        }
        Enqueued::Gone => return None,
    };
    Some(Ok(Answer {
        id,
        kind: job.kind,
        key,
        state,
        duplicate,
        replaces,
    }))
}
