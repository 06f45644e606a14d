//! Claiming: permission for one vendor call, with the work it serves.

use std::time::Instant;

use parceld_domain::errand::Errand;
use parceld_domain::job::Job;
use parceld_domain::lane::Lane;
use parceld_domain::money::Points;
use parceld_domain::scope::Scope;
use redis::Value;

use crate::connect::Store;
use crate::error::StoreError;
use crate::reply::{self, Reply};

/// The answer to a claim.
#[derive(Debug)]
pub enum Claimed {
    /// No slot or no work: ask again after this time, or when woken.
    Nothing {
        /// Until something is due.
        wait_ms: u64,
    },
    /// Jobs of one lane that one call can serve.
    Jobs(JobClaim),
    /// One page of an errand.
    Errand(ErrandClaim),
}

/// What every claim comes with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Every move of the claim carries it; an older one moves nothing.
    pub fence: u64,
    /// When Redis made the claim, on this machine's monotonic clock.
    pub made: Instant,
    /// When the call may leave, on this machine's monotonic clock.
    pub slot: Instant,
    /// Redis's time of the claim, Unix milliseconds.
    pub now_ms: u64,
    /// When the lease ends unless renewed, Unix milliseconds on Redis's clock.
    pub lease_until_ms: u64,
    /// The parked scope that this call tries.
    pub probe: Option<Scope>,
}

/// Jobs under one lease.
#[derive(Debug)]
pub struct JobClaim {
    /// Slot, lease and fence.
    pub grant: Grant,
    /// The lane they come from.
    pub lane: Lane,
    /// Most units that the call may carry.
    pub units_max: u32,
    /// The jobs, in the order of the lane.
    pub jobs: Vec<Job>,
    /// Leased jobs whose hash does not decode, with what is wrong.
    pub broken: Vec<(String, String)>,
}

/// One page of an errand under one lease.
#[derive(Debug)]
pub struct ErrandClaim {
    /// Slot, lease and fence.
    pub grant: Grant,
    /// Which errand.
    pub errand: Errand,
    /// The page to read, from 1.
    pub page: u32,
    /// When this pass over the pages began, Unix milliseconds on Redis's clock.
    pub began_ms: u64,
    /// Whether a page of this pass failed, so that absence proves nothing.
    pub faulted: bool,
    /// How many jobs wait for it.
    pub waiting: u64,
    /// Since when the oldest of them waits for something to exist, Unix milliseconds.
    pub oldest_since_ms: Option<u64>,
    /// Probe of the balance: the smallest sum that a payment was short of.
    pub need: Option<Points>,
    /// What an earlier page left for this one.
    pub kept: String,
}

impl Store {
    /// Asks for one call. The same `token` gets the same answer until the lease ends, so a lost reply loses nothing.
    ///
    /// `lead_us` is how long the worker needs between the answer and its first byte.
    ///
    /// # Errors
    /// `Unreachable` or `Full`: ask again with the same token.
    pub async fn claim(&self, token: &str, worker: &str, lead_us: u64) -> Result<Claimed, StoreError> {
        let settings = self.settings();
        let weights = list(
            settings
                .weights
                .iter()
                .map(|(class, weight)| format!("{class}={weight}")),
        );
        let units = list(
            settings
                .batch_units
                .iter()
                .map(|(endpoint, units)| format!("{endpoint}={units}")),
        );
        let args = [
            token.to_owned(),
            worker.to_owned(),
            settings.lease_ms.to_string(),
            settings.per_second.to_string(),
            lead_us.to_string(),
            settings.errand_gap_ms.to_string(),
            settings.catalogue_age_ms.to_string(),
            weights,
            units,
        ];
        let sent = Instant::now();
        let items: Vec<Value> = self.moves().claim.run(self, &args).await?;
        let mut reply = Reply::new("claim", items);
        let kind = reply.text()?;
        let now_us = reply.number()?;
        self.clock().learn(sent, now_us);
        if kind == "wait" {
            return Ok(Claimed::Nothing {
                wait_ms: reply.number()?,
            });
        }
        let slot_us = reply.number()?;
        let grant = Grant {
            made: self.clock().instant(now_us),
            slot: self.clock().instant(slot_us),
            now_ms: now_us / 1000,
            fence: reply.number()?,
            lease_until_ms: reply.number()?,
            probe: Some(reply.text()?)
                .filter(|scope| !scope.is_empty())
                .and_then(|scope| scope.parse().ok()),
        };
        reply.number()?;
        if kind == "jobs" {
            job_claim(grant, reply)
        } else {
            errand_claim(grant, reply)
        }
    }
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(",")
}

fn job_claim(grant: Grant, mut reply: Reply) -> Result<Claimed, StoreError> {
    let lane = reply.word()?;
    let units_max = reply.number()? as u32;
    let (mut jobs, mut broken) = (Vec::new(), Vec::new());
    for fields in reply.list()? {
        let Value::Array(mut fields) = fields else {
            continue;
        };
        let id = Reply::new("claim", vec![fields.remove(0)]).text()?;
        match reply::job(id.clone(), fields) {
            Ok(job) => jobs.push(job),
            // One job that cannot be read must not hold up its batch mates.
            Err(error) => broken.push((id, error.to_string())),
        }
    }
    Ok(Claimed::Jobs(JobClaim {
        grant,
        lane,
        units_max,
        jobs,
        broken,
    }))
}

fn errand_claim(grant: Grant, mut reply: Reply) -> Result<Claimed, StoreError> {
    let errand = reply.word()?;
    let mut fields = reply.pairs()?;
    let number = |fields: &std::collections::HashMap<String, String>, name: &str| {
        fields
            .get(name)
            .and_then(|text| text.parse().ok())
            .unwrap_or_default()
    };
    let waiting = reply.number()?;
    let oldest = reply.number()?;
    let need = reply.number()?;
    Ok(Claimed::Errand(ErrandClaim {
        errand,
        page: u32::try_from(number(&fields, "page")).unwrap_or(1).max(1),
        began_ms: number(&fields, "began_ms"),
        faulted: number(&fields, "faulted") == 1,
        waiting,
        oldest_since_ms: Some(oldest).filter(|ms| *ms > 0),
        need: i64::try_from(need).ok().filter(|need| *need > 0).map(Points),
        kept: fields.remove("kept").unwrap_or_default(),
        grant,
    }))
}
