//! An operator's move of jobs: read, decided, carried out in chunks; told what did not move and why.

use std::collections::{BTreeMap, HashSet};

use parceld_domain::flow;
use parceld_domain::job::Job;
use parceld_domain::outcome::Outcome;
use parceld_domain::payload::Payload;
use parceld_domain::transition::Transition;
use parceld_store::{Operated, Unreadable};
use serde::Serialize;

use crate::cli::connect::PatientStore;
use crate::cli::failure::Failure;

/// What became of the jobs that were named.
#[derive(Default)]
pub(crate) struct Moved {
    /// How many moved.
    pub(crate) count: u64,
    /// Those that did not.
    pub(crate) refused: Vec<Refused>,
    /// Whether some id names no job.
    pub(crate) is_any_unknown: bool,
}

/// A job that did not move.
#[derive(Serialize)]
pub(crate) struct Refused {
    pub(crate) id: String,
    pub(crate) reason: String,
}

/// Jobs of one move; the script holds everybody else up meanwhile.
const CHUNK: usize = 100;
/// What to do when Redis goes away in the middle.
pub(crate) const AGAIN: &str = "what has moved stays so, and the same command again moves the rest";

/// Moves the jobs as `decide` says from the job and its payload; a reason instead of an outcome leaves one where it is.
pub(crate) async fn operate(
    store: &PatientStore,
    ids: &[String],
    mut decide: impl FnMut(&Job, &Payload) -> Result<Outcome, String>,
) -> Result<Moved, Failure> {
    let mut moved = Moved::default();
    let mut named = HashSet::new();
    let ids: Vec<String> = ids.iter().filter(|id| named.insert(*id)).cloned().collect();
    for ids in ids.chunks(CHUNK) {
        let loaded = store.ask(async |store| store.load(ids).await).await?;
        let mut jobs: BTreeMap<String, Job> =
            loaded.jobs.into_iter().map(|job| (job.id.clone(), job)).collect();
        let mut unreadable: BTreeMap<String, Unreadable> = loaded.unreadable.into_iter().collect();
        let mut moves = Vec::new();
        for id in ids {
            match jobs.remove(id) {
                None => match unreadable.remove(id) {
                    Some(why @ (Unreadable::Newer | Unreadable::Spoilt(_))) => {
                        moved.refuse(id, format!("its stored record cannot be read: {why}"));
                    }
                    Some(Unreadable::Gone) | None => {
                        moved.is_any_unknown = true;
                        moved.refuse(id, "there is no job of this id");
                    }
                },
                Some(job) => match transition(&job, &mut decide) {
                    Ok(transition) => moves.push((job, transition)),
                    Err(reason) => moved.refuse(id, reason),
                },
            }
        }
        let borrowed: Vec<(&Job, Transition)> = moves.iter().map(|(job, to)| (job, to.clone())).collect();
        let operated = if borrowed.is_empty() {
            Vec::new()
        } else {
            // A move whose reply was lost has made what was read stale.
            store.once(async |store| store.operate(&borrowed).await).await?
        };
        for ((job, _), operated) in moves.iter().zip(operated) {
            match operated {
                Operated::Moved => moved.count += 1,
                Operated::Stale => {
                    moved.refuse(&job.id, "it moved on in this moment; look at it and try again")
                }
                Operated::Replaced => {
                    moved.refuse(&job.id, "its key belongs to a newer job, which replaced it")
                }
            }
        }
    }
    Ok(moved)
}

impl Moved {
    fn refuse(&mut self, id: &str, reason: impl Into<String>) {
        self.refused.push(Refused {
            id: id.to_owned(),
            reason: reason.into(),
        });
    }
}

fn transition(
    job: &Job,
    decide: &mut impl FnMut(&Job, &Payload) -> Result<Outcome, String>,
) -> Result<Transition, String> {
    let payload = Payload::decode(job.kind, job.payload.expose())
        .map_err(|_| "its stored payload is not what this version writes".to_owned())?;
    let outcome = decide(job, &payload)?;
    let lane = flow::lane(&payload, outcome.step);
    let memory = outcome.memory.as_deref().unwrap_or(&job.memory);
    let units = flow::units(&payload, outcome.step, memory);
    Ok(Transition::new(job, outcome, lane.as_ref(), units))
}
