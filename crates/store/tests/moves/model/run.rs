//! The acts carried out on a real Redis, each answer held against what may be answered.

mod calls;
mod entry;
mod errands;
mod operators;

use std::time::Duration;

use parceld_store::{ErrandClaim, Grant, JobClaim, NewJob};

use super::act::Act;
use super::compare::compare;
use super::expected::{Expected, Span};
use crate::bed::Bed;

/// A job that is to come later.
const LATER_MS: u64 = 60_000;
/// What falls due within this time is waited for, so that no move has it fall due amid its way.
const CLOSE_MS: u64 = 30;
/// Claims that may answer "ask again" before one must have found something.
const ASKS_MAX: usize = 50;

/// One sequence under way.
pub(super) struct Run {
    pub(super) bed: Bed,
    expected: Expected,
    lease_ms: u64,
    put: Vec<NewJob>,
    /// Granted claims, the newest last.
    claims: Vec<Held>,
    /// What was done and answered, for whoever reads a failure.
    trace: Vec<String>,
}

/// A claim as it was answered.
struct Held {
    token: String,
    answer: Answer,
    /// Its token still gets the same answer.
    repeats: bool,
}

enum Answer {
    Jobs(JobClaim),
    Errand(ErrandClaim),
}

impl Answer {
    fn grant(&self) -> &Grant {
        match self {
            Answer::Jobs(claim) => &claim.grant,
            Answer::Errand(claim) => &claim.grant,
        }
    }
}

impl Held {
    /// What moves of the whole claim name: grant, errand, jobs.
    fn parts(&self) -> Parts {
        let (errand, ids) = match &self.answer {
            Answer::Jobs(claim) => (None, claim.jobs.iter().map(|job| job.id.clone()).collect()),
            Answer::Errand(claim) => (Some(claim.errand.to_string()), Vec::new()),
        };
        (self.answer.grant().clone(), errand, ids)
    }
}

/// Of a claim: its grant, its errand and its jobs.
type Parts = (Grant, Option<String>, Vec<String>);
type Checked = Result<(), String>;

fn must<T: PartialEq + std::fmt::Debug>(what: &str, answered: T, expected: T) -> Checked {
    if answered == expected {
        return Ok(());
    }
    Err(format!("{what} answered {answered:?}, expected {expected:?}"))
}

impl Run {
    pub(super) async fn new(lease_ms: u64) -> Self {
        let bed = Bed::with(|settings| {
            settings.lease_ms = lease_ms;
            settings.errand_gap_ms = 0;
            settings.batch_units = calls::batch_units();
        })
        .await;
        Run {
            bed,
            expected: Expected::default(),
            lease_ms,
            put: Vec::new(),
            claims: Vec::new(),
            trace: Vec::new(),
        }
    }

    /// Does one thing and looks at everything; panics with the whole story when something is not as it should be.
    pub(super) async fn does(&mut self, act: &Act) {
        self.trace.push(format!("{act:?}"));
        let mut wrong = Vec::new();
        if let Err(reason) = self.act(act).await {
            wrong.push(reason);
        } else {
            wrong = compare(&self.bed, &mut self.expected).await;
        }
        assert!(
            wrong.is_empty(),
            "\n  {}\n\n  WRONG: {}\n",
            self.trace.join("\n  "),
            wrong.join("\n  WRONG: ")
        );
    }

    async fn act(&mut self, act: &Act) -> Checked {
        match act {
            Act::Put { what, shop, later } => self.put(*what, *shop, *later).await,
            Act::PutAgain { job, how } => self.put_again(*job, *how).await,
            Act::Claim => self.claim().await,
            Act::ClaimAgain { claim } => self.claim_again(*claim).await,
            Act::Begin {
                claim,
                counts,
                on_death,
            } => self.begin(*claim, *counts, on_death).await,
            Act::Settle { claim, moves } => self.settle(*claim, moves).await,
            Act::HandBack { claim } => self.hand_back(*claim).await,
            Act::Renew { claim } => self.renew(*claim).await,
            Act::LeaseEnds { claim } => self.lease_ends(*claim).await,
            Act::Dies { claim, on_death } => {
                self.begin(*claim, true, on_death).await?;
                self.lease_ends(*claim).await
            }
            Act::ComesDue { nth } => self.comes_due(*nth).await,
            Act::Observe { nth, stale, sees } => self.observe(*nth, *stale, sees.as_ref()).await,
            Act::Turn { claim, turn } => self.turn(*claim, *turn).await,
            Act::Release { errand } => self.release(*errand).await,
            Act::Retry { job, stale } => self.operate(*job, *stale, true).await,
            Act::Cancel { job, stale } => self.operate(*job, *stale, false).await,
            Act::Park { scope, hold } => self.park(*scope, *hold).await,
            Act::Resume { scope } => self.resume(*scope).await,
            Act::Expire { nth } => self.expire(*nth).await,
            Act::Wait => {
                tokio::time::sleep(Duration::from_millis(self.lease_ms)).await;
                Ok(())
            }
        }
    }

    /// The claim before which so many newer ones stand.
    fn claimed(&self, newer: usize) -> Option<&Held> {
        self.claims.iter().rev().nth(newer)
    }

    fn note(&mut self, line: String) {
        self.trace.push(format!("    {line}"));
    }

    /// Redis's time, at a moment at which nothing is about to fall due.
    async fn quiet_ms(&self) -> u64 {
        loop {
            let now = self.bed.now_ms().await;
            let jobs = self.expected.jobs.values().filter(|job| !job.state.is_final());
            let times = jobs.map(|job| job.score.to);
            let errands = self.expected.errands.values().filter_map(|errand| errand.due);
            let next = times
                .chain(errands.map(|due| due.to))
                .filter(|at| *at >= now)
                .min();
            match next {
                Some(at) if at - now < CLOSE_MS => {
                    tokio::time::sleep(Duration::from_millis(at - now + 1)).await;
                }
                _ => return now,
            }
        }
    }

    /// The time between then and now.
    async fn since(&self, from: u64) -> Span {
        Span {
            from,
            to: self.bed.now_ms().await,
        }
    }
}
