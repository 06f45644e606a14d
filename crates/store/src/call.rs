//! The moves of one call's life: begin, renew, settle, or hand back unused.

use parceld_domain::lane::Lane;
use parceld_domain::scope::Scope;
use parceld_domain::transition::Transition;
use redis::Value;

use crate::claim::Grant;
use crate::connect::Store;
use crate::error::StoreError;
use crate::reply::Reply;

/// What `begin` writes down about one job before the first byte leaves.
#[derive(Debug, Clone)]
pub struct Begin {
    /// The job.
    pub id: String,
    /// What is about to be done, a JSON object without personal data; it becomes a line of the history.
    pub intent: String,
    /// What becomes of the job should the worker die before it settles.
    pub on_death: Transition,
    /// Whether the call counts as an attempt.
    pub counts: bool,
    /// Whether the call may only be made under the Redis that the step was entered under.
    pub guarded: bool,
}

/// The answer of the last gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// The call may leave.
    Granted,
    /// The lease is another's by now: drop the claim without a word.
    Lost,
    /// Too little of the lease is left for the call's deadline: hand back.
    Short,
    /// A scope of the lane was parked since the claim: hand back.
    Parked(Scope),
    /// These jobs entered their step under another Redis, which may have known more: look them up first.
    Failover(Vec<String>),
}

impl Store {
    /// Puts the intent of a call on record; without `Granted` nothing may be sent.
    ///
    /// `lease_left_ms` is what the call needs at most.
    ///
    /// # Errors
    /// `Unreachable` or `Full`: nothing may be sent; the intent may or may not stand.
    pub async fn begin(
        &self,
        grant: &Grant,
        lane: &Lane,
        lease_left_ms: u64,
        jobs: &[Begin],
    ) -> Result<Begun, StoreError> {
        let [scope, _] = tried(grant);
        let mut args = vec![
            grant.fence.to_string(),
            lease_left_ms.to_string(),
            lane.to_string(),
            scope,
        ];
        let flag = |set: bool| if set { "1" } else { "0" }.to_owned();
        for job in jobs {
            args.push(job.id.clone());
            args.push(job.intent.clone());
            args.push(written(&job.on_death));
            args.push(flag(job.counts));
            args.push(flag(job.guarded));
        }
        let items: Vec<Value> = self.moves().begin.run(self, &args).await?;
        let ids = items.len().saturating_sub(1);
        let mut reply = Reply::new("begin", items);
        Ok(match reply.text()?.as_str() {
            "granted" => Begun::Granted,
            "short" => Begun::Short,
            "parked" => Begun::Parked(reply.word()?),
            "failover" => Begun::Failover((0..ids).map(|_| reply.text()).collect::<Result<_, _>>()?),
            _ => Begun::Lost,
        })
    }

    /// Extends the lease; answers how many of `ids` (and the errand) are still ours.
    ///
    /// # Errors
    /// `Unreachable`: the lease may or may not be longer.
    pub async fn renew(
        &self,
        grant: &Grant,
        errand: Option<&str>,
        ids: &[String],
    ) -> Result<u64, StoreError> {
        let mut args = vec![
            grant.fence.to_string(),
            self.settings().lease_ms.to_string(),
            errand.unwrap_or_default().to_owned(),
        ];
        args.extend_from_slice(ids);
        self.moves().renew.run(self, &args).await
    }

    /// Ends the claim of these jobs; answers for each whether it moved (false: the lease was lost, or the settle
    /// had been made before and only its reply was lost).
    ///
    /// # Errors
    /// `Unreachable`: settle again until it answers.
    pub async fn settle(
        &self,
        grant: &Grant,
        jobs: &[(String, Transition)],
    ) -> Result<Vec<bool>, StoreError> {
        let [scope, lease_until_ms] = tried(grant);
        let mut args = vec![grant.fence.to_string(), scope, lease_until_ms];
        for (id, transition) in jobs {
            args.push(id.clone());
            args.push(written(transition));
        }
        let moved: Vec<i64> = self.moves().settle.run(self, &args).await?;
        Ok(moved.into_iter().map(|moved| moved == 1).collect())
    }

    /// Gives a claim back of which nothing was sent; answers how many jobs went back to the head of their lane.
    ///
    /// # Errors
    /// `Unreachable`: hand back again, or let the lease run out.
    pub async fn hand_back(
        &self,
        grant: &Grant,
        errand: Option<&str>,
        ids: &[String],
    ) -> Result<u64, StoreError> {
        let [scope, lease_until_ms] = tried(grant);
        let mut args = vec![
            grant.fence.to_string(),
            errand.unwrap_or_default().to_owned(),
            scope,
            lease_until_ms,
        ];
        args.extend_from_slice(ids);
        self.moves().hand_back.run(self, &args).await
    }
}

/// What ends a claim's probe: the scope that it was to try, empty where none, and the end of its lease as granted.
pub(crate) fn tried(grant: &Grant) -> [String; 2] {
    let scope = grant.probe.as_ref().map(ToString::to_string);
    [scope.unwrap_or_default(), grant.lease_until_ms.to_string()]
}

/// A transition as its script reads it.
pub(crate) fn written(transition: &Transition) -> String {
    serde_json::to_string(transition).expect("a transition holds nothing but text, numbers and flags")
}
