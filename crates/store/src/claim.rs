//! Claiming: permission for one vendor call, with the work it serves.

use std::time::Instant;

use parceld_domain::errand::Errand;
use parceld_domain::job::Job;
use parceld_domain::lane::Lane;
use parceld_domain::money::Points;
use parceld_domain::scope::Scope;
use redis::Value;

use crate::clock::Reading;
use crate::connect::Store;
use crate::error::StoreError;
use crate::pace::{Pace, Spread, millis};
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
    /// Until when it may leave, as it stands on record; before its slot if the clocks are less certain by now.
    pub leave_by: Instant,
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
    /// # Errors
    /// `Unreachable` or `Full`: ask again with the same token.
    pub async fn claim(&self, token: &str, worker: &str, pace: Pace) -> Result<Claimed, StoreError> {
        let settings = self.settings();
        let spread_us = match self.spread(pace).await? {
            Spread::Known(spread_us) => spread_us,
            Spread::NotBefore(wait_ms) => return Ok(Claimed::Nothing { wait_ms }),
        };
        let args = [
            token.to_owned(),
            worker.to_owned(),
            settings.lease_ms.to_string(),
            settings.per_second.to_string(),
            pace.lead_us.to_string(),
            spread_us.to_string(),
            settings.errand_gap_ms.to_string(),
            settings.catalogue_age_ms.to_string(),
            pairs(&settings.weights),
            pairs(&settings.batch_units),
        ];
        let sent = Instant::now();
        let items: Vec<Value> = self.moves().claim.run(self, &args).await?;
        let mut reply = Reply::new("claim", items);
        let kind = reply.text()?;
        let now_us = reply.number()?;
        let reading = self.clock().learn(sent, now_us);
        if kind == "wait" {
            return Ok(Claimed::Nothing {
                wait_ms: reply.number()?,
            });
        }
        let slot = self.clock().instant(reply.number()?);
        let spread_us = reply.number()?;
        let made = self.clock().instant(now_us);
        let grant = Grant {
            made,
            slot,
            leave_by: self.leave_by(slot, spread_us),
            now_ms: now_us / 1000,
            fence: reply.number()?,
            lease_until_ms: reply.number()?,
            probe: Some(reply.text()?)
                .filter(|scope| !scope.is_empty())
                .and_then(|scope| scope.parse().ok()),
        };
        reply.number()?;
        let claimed = if kind == "jobs" {
            job_claim(grant, reply)?
        } else {
            errand_claim(grant, reply)?
        };
        match self.clock().silence() {
            // Calls of the time before leave closer to this one than Redis's record says.
            Some(silence) if reading == Reading::SetForward => {
                self.give_back(claimed).await?;
                Ok(Claimed::Nothing {
                    wait_ms: millis(silence),
                })
            }
            _ => Ok(claimed),
        }
    }

    /// Gives back all that was claimed, of which nothing was sent.
    ///
    /// # Errors
    /// `Unreachable`: give back again, or let the lease run out.
    pub async fn give_back(&self, claimed: Claimed) -> Result<(), StoreError> {
        match claimed {
            Claimed::Nothing { .. } => {}
            Claimed::Jobs(claim) => {
                let broken = claim.broken.into_iter().map(|(id, _)| id);
                let ids: Vec<String> = claim.jobs.into_iter().map(|job| job.id).chain(broken).collect();
                self.hand_back(&claim.grant, None, &ids).await?;
            }
            Claimed::Errand(claim) => {
                let errand = claim.errand.to_string();
                self.hand_back(&claim.grant, Some(&errand), &[]).await?;
            }
        }
        Ok(())
    }
}

/// `name=number,…`, as claim.lua reads it.
fn pairs<T: std::fmt::Display>(pairs: &[(T, u32)]) -> String {
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, number)| format!("{name}={number}"))
        .collect();
    pairs.join(",")
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
    let oldest = reply.number()?;
    let need = reply.number()?;
    Ok(Claimed::Errand(ErrandClaim {
        errand,
        page: u32::try_from(number(&fields, "page")).unwrap_or(1).max(1),
        began_ms: number(&fields, "began_ms"),
        faulted: number(&fields, "faulted") == 1,
        oldest_since_ms: Some(oldest).filter(|ms| *ms > 0),
        need: i64::try_from(need).ok().filter(|need| *need > 0).map(Points),
        kept: fields.remove("kept").unwrap_or_default(),
        grant,
    }))
}
