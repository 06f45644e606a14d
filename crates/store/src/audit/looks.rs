//! One look each: the scripts that read, and what their replies say.

use std::collections::{BTreeMap, HashMap};

use parceld_domain::audit::{BucketLook, CountsLook, ErrandLook, JobLook, LaneLook, ScopeLook};
use parceld_domain::private::Private;
use parceld_domain::state::State;
use redis::Value;

use super::{Auditor, unreadable};
use crate::connect::Store;
use crate::error::StoreError;
use crate::reply::{Reply, is_newer};

/// Jobs of one script; each is some fifteen commands.
const JOBS_MAX: usize = 25;
/// Hints, lanes and scopes of one script; each may read a hundred members.
const OTHERS_MAX: usize = 5;

/// The counters at one instant.
#[derive(Debug)]
pub(super) struct Counts {
    pub(super) look: CountsLook,
    pub(super) bucket: BucketLook,
    pub(super) codes: BTreeMap<String, i64>,
    pub(super) signature: String,
    pub(super) codes_signature: String,
}

/// Ready jobs in their lanes.
#[derive(Debug, Default)]
pub(super) struct HintsLook {
    /// Those that stand nowhere in their lane, with the lane.
    pub(super) lost: Vec<(String, String)>,
    /// Whether one's lane was too long to be searched.
    pub(super) is_unsettled: bool,
}

impl Store {
    /// These jobs and all that should know of them.
    pub(super) async fn look_at_jobs(&self, ids: &[String]) -> Result<Vec<JobLook>, StoreError> {
        let mut looks = Vec::with_capacity(ids.len());
        while looks.len() < ids.len() {
            let end = ids.len().min(looks.len() + JOBS_MAX);
            let moves = &self.moves().audit_jobs;
            let items: Vec<Value> = moves.run(self, &ids[looks.len()..end]).await?;
            let seen = items.len().saturating_sub(1);
            let mut reply = Reply::new("audit_jobs", items);
            let now_ms = reply.number()?;
            if seen == 0 {
                return Err(reply.wrong("no job"));
            }
            for _ in 0..seen {
                looks.push(job_look(reply.inner()?, now_ms)?);
            }
        }
        Ok(looks)
    }
}

impl Auditor<'_> {
    /// Which of these ready jobs stand nowhere in their lane.
    pub(super) async fn look_for_hints(&self, ids: &[String]) -> Result<HintsLook, StoreError> {
        let mut look = HintsLook::default();
        let mut seen = 0;
        while seen < ids.len() {
            let end = ids.len().min(seen + OTHERS_MAX);
            let moves = &self.store.moves().audit_hints;
            let items: Vec<Vec<String>> = moves.run(self.store, &ids[seen..end]).await?;
            if items.is_empty() {
                return Err(unreadable("audit_hints"));
            }
            seen += items.len();
            for item in items {
                match <[String; 2]>::try_from(item) {
                    Ok([id, lane]) => look.lost.push((id, lane)),
                    Err(item) => look.is_unsettled |= !item.is_empty(),
                }
            }
        }
        Ok(look)
    }

    /// These lanes.
    pub(super) async fn look_at_lanes(&self, lanes: &[String]) -> Result<Vec<LaneLook>, StoreError> {
        let mut looks = Vec::with_capacity(lanes.len());
        for some in lanes.chunks(OTHERS_MAX) {
            let items: Vec<Value> = self.store.moves().audit_lanes.run(self.store, some).await?;
            let mut reply = Reply::new("audit_lanes", items);
            for _ in some {
                let mut item = reply.inner()?;
                looks.push(LaneLook {
                    lane: item.text()?,
                    hints: item.number()?,
                    ready: item.signed()?.unwrap_or_default(),
                    counted: item.signed()?.and_then(|count| u64::try_from(count).ok()),
                    place: item.text()?,
                    in_ring: item.number()?,
                    is_aside: item.flag()?,
                    is_stopped: item.flag()?,
                });
            }
        }
        Ok(looks)
    }

    /// These scopes.
    pub(super) async fn look_at_scopes(&self, scopes: &[String]) -> Result<Vec<ScopeLook>, StoreError> {
        let mut looks = Vec::with_capacity(scopes.len());
        for some in scopes.chunks(OTHERS_MAX) {
            let items: Vec<Value> = self.store.moves().audit_scopes.run(self.store, some).await?;
            let mut reply = Reply::new("audit_scopes", items);
            for _ in some {
                let mut item = reply.inner()?;
                looks.push(ScopeLook {
                    scope: item.text()?,
                    is_parked: item.flag()?,
                    is_listed: item.flag()?,
                    is_held: item.flag()?,
                    has_probe: item.flag()?,
                    jobs: item.signed()?.unwrap_or_default(),
                    counted: item.signed()?,
                });
            }
        }
        Ok(looks)
    }

    /// These errands.
    pub(super) async fn look_at_errands(&self, names: &[String]) -> Result<Vec<ErrandLook>, StoreError> {
        let mut looks = Vec::with_capacity(names.len());
        for some in names.chunks(JOBS_MAX) {
            let items: Vec<Value> = self.store.moves().audit_errands.run(self.store, some).await?;
            let mut reply = Reply::new("audit_errands", items);
            let now_ms = reply.number()?;
            for _ in some {
                let mut item = reply.inner()?;
                looks.push(ErrandLook {
                    name: item.text()?,
                    now_ms,
                    has_page: item.flag()?,
                    due_ms: item.signed()?.and_then(|due_ms| u64::try_from(due_ms).ok()),
                });
            }
        }
        Ok(looks)
    }

    /// The counters, the sizes of what they count, and the bucket.
    pub(super) async fn counts(&self) -> Result<Counts, StoreError> {
        let moves = &self.store.moves().audit_counts;
        let items: Vec<Value> = moves.run(self.store, &[] as &[&str]).await?;
        let mut reply = Reply::new("audit_counts", items);
        let now_us = reply.number()?;
        let counters = numbers(reply.pairs()?);
        let jobs = reply.number()?;
        let sets = scores(reply.inner()?)?;
        let look = CountsLook {
            counters,
            jobs,
            sets,
            ready_in_lanes: reply.signed()?,
            failed_by_code: reply.signed()?,
        };
        Ok(Counts {
            look,
            codes: numbers(reply.pairs()?),
            signature: reply.text()?,
            codes_signature: reply.text()?,
            bucket: BucketLook {
                now_us,
                log: reply.text()?,
                spread: reply.text()?,
            },
        })
    }
}

fn job_look(mut item: Reply, now_ms: u64) -> Result<JobLook, StoreError> {
    let id = item.text()?;
    let mut fields = item.pairs()?;
    let payload = fields.remove("payload").map(Private::new);
    let is_listed = item.flag()?;
    let sets = scores(item.inner()?)?;
    let is_newer = fields.get("format").is_some_and(|format| is_newer(format));
    Ok(JobLook {
        id,
        is_newer,
        payload,
        fields,
        is_listed,
        sets,
        key_holder: Some(item.text()?).filter(|holder| !holder.is_empty()),
        key_expires: item.flag()?,
        is_awaited: item.flag()?,
        watch_missing: item.number()?,
        is_blocked: item.flag()?,
        is_scope_stopped: item.flag()?,
        now_ms,
    })
}

/// A state and a number in turn.
fn scores(mut item: Reply) -> Result<BTreeMap<State, u64>, StoreError> {
    let mut scores = BTreeMap::new();
    while !item.is_at_end() {
        // A score by hand may be before 1970, or no whole number.
        let (state, score) = (item.word()?, item.signed()?.unwrap_or_default());
        scores.insert(state, u64::try_from(score).unwrap_or_default());
    }
    Ok(scores)
}

/// Counters; one that is no number counts as none.
fn numbers(pairs: HashMap<String, String>) -> BTreeMap<String, i64> {
    let number = |(name, text): (String, String)| (name, text.parse().unwrap_or_default());
    pairs.into_iter().map(number).collect()
}
