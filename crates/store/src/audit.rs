//! The audit: reads everything in bounded pieces, beside workers at work, and names what contradicts the invariants.
//!
//! Whatever is found was seen at one instant: each job with its sets, each lane with its ring, the counters with the sizes
//! of the sets, by one script a look. Counts over all jobs are compared only where nothing moved that they count.

mod jobs;
mod keyspace;
mod lanes;
mod looks;
mod members;
mod mend;
mod orders;
mod scan;
mod stops;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use parceld_domain::audit::{Finding, Limits, Payments, judge_bucket, judge_counts, judge_recount};

use self::looks::Counts;
pub use self::mend::Repair;
pub use self::orders::OrdersAudit;
use crate::connect::Store;
use crate::error::StoreError;

/// What an audit saw.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audit {
    /// Jobs looked at.
    pub jobs: u64,
    /// Those of a later form among them: left to the version that wrote them.
    pub newer: u64,
    /// Keys of the idempotency index looked at.
    pub keys: u64,
    /// Lanes looked at.
    pub lanes: u64,
    /// Scopes looked at.
    pub scopes: u64,
    /// Errands looked at.
    pub errands: u64,
    /// What is wrong, the worst first; at most as many as [`FINDINGS_MAX`], and the others left out.
    pub findings: Vec<Finding>,
    /// Findings beyond those.
    pub left_out: u64,
    /// Counters that could not be compared, because work went on or jobs of a later form are there; `lanes` where one was
    /// too long to be searched for a ready job that had moved or was lost.
    pub unsettled: Vec<&'static str>,
}

/// Findings that an audit keeps; bounds the memory.
pub const FINDINGS_MAX: usize = 1_000;

/// An audit under way. Of each job it keeps a hash of its id; ids themselves only of gift orders with a vendor order, and
/// of what is suspicious.
struct Auditor<'a> {
    store: &'a Store,
    limits: &'a Limits,
    known: HashSet<u64>,
    hinted: HashSet<u64>,
    /// Ready jobs that no hint was seen of.
    suspects: Vec<String>,
    lanes: BTreeSet<String>,
    scopes: BTreeSet<String>,
    errands: BTreeSet<String>,
    kinds: BTreeMap<String, u64>,
    codes: BTreeMap<String, u64>,
    payments: Payments,
    /// The worst of them, so that what matters most is never left out.
    findings: BTreeSet<Finding>,
    audit: Audit,
}

impl Store {
    /// Looks at everything and changes nothing. Memory grows by some 40 bytes a job and some 150 more a gift order.
    ///
    /// # Errors
    /// `Unreachable` when Redis does not answer, `Refused` or `Corrupt` when it answers what cannot be read.
    pub async fn audit(&self, limits: &Limits) -> Result<Audit, StoreError> {
        let mut auditor = Auditor {
            store: self,
            limits,
            known: HashSet::new(),
            hinted: HashSet::new(),
            suspects: Vec::new(),
            lanes: BTreeSet::new(),
            scopes: BTreeSet::new(),
            errands: BTreeSet::new(),
            kinds: BTreeMap::new(),
            codes: BTreeMap::new(),
            payments: Payments::default(),
            findings: BTreeSet::new(),
            audit: Audit::default(),
        };
        auditor.run().await?;
        let mut audit = auditor.audit;
        audit.findings = auditor.findings.into_iter().collect();
        Ok(audit)
    }
}

impl Auditor<'_> {
    async fn run(&mut self) -> Result<(), StoreError> {
        let before = self.counts().await?;
        self.find_hints().await?;
        self.all_jobs().await?;
        self.all_members().await?;
        self.all_keys().await?;
        self.all_lanes().await?;
        self.all_stops().await?;
        let after = self.counts().await?;
        self.recount(&before, &after);
        if self.audit.newer == 0 {
            let findings = judge_counts(&after.look);
            self.found(findings);
        }
        let findings = judge_bucket(&after.bucket, self.limits);
        self.found(findings);
        Ok(())
    }

    /// Counts over all jobs hold only if nothing that they count has moved meanwhile, and if this version knows where each
    /// job counts.
    fn recount(&mut self, before: &Counts, after: &Counts) {
        let kinds = after.look.counters.iter();
        let kinds = kinds
            .filter(|(name, _)| name.starts_with("kind:"))
            .map(|(name, count)| (name.clone(), *count))
            .collect();
        let table = [
            ("counts", &before.signature, &after.signature, kinds, &self.kinds),
            (
                "failed:codes",
                &before.codes_signature,
                &after.codes_signature,
                after.codes.clone(),
                &self.codes,
            ),
        ];
        let mut findings = Vec::new();
        for (hash, before, after, held, counted) in table {
            if before == after && self.audit.newer == 0 {
                findings.extend(judge_recount(hash, after, &held, counted));
            } else {
                self.audit.unsettled.push(hash);
            }
        }
        self.found(findings);
    }

    fn found(&mut self, findings: Vec<Finding>) {
        for finding in findings {
            self.findings.insert(finding);
            if self.findings.len() > FINDINGS_MAX {
                self.findings.pop_last();
                self.audit.left_out += 1;
            }
        }
    }
}

fn unreadable(command: &str) -> StoreError {
    StoreError::Corrupt {
        what: format!("the reply of {command}"),
        found: "another type than expected".to_owned(),
    }
}
