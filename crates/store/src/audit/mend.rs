//! Repairs: each one move that sees for itself that something is wrong before it touches it.

use std::collections::BTreeMap;

use parceld_domain::audit::{Cure, Finding, Limits};

use super::Audit;
use crate::connect::Store;
use crate::error::StoreError;

/// Audits with repairs between them: a job that is back in its place may show a counter to be wrong.
const ROUNDS: usize = 4;

/// What a repair did, and what it left.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Repair {
    /// What is right again.
    pub mended: Vec<Finding>,
    /// What an audit finds after that.
    pub left: Audit,
}

impl Store {
    /// Mends what can be mended without any risk, beside workers at work.
    ///
    /// # Errors
    /// As [`Store::audit`]; what was mended before stays so.
    pub async fn repair(&self, limits: &Limits) -> Result<Repair, StoreError> {
        let mut repair = Repair {
            mended: Vec::new(),
            left: self.audit(limits).await?,
        };
        for _ in 0..ROUNDS {
            let mended = self.mend_some(&repair.left.findings, limits).await?;
            if mended.is_empty() {
                break;
            }
            repair.mended.extend(mended);
            repair.left = self.audit(limits).await?;
        }
        Ok(repair)
    }

    /// Counters are counted anew once what they count is in its place.
    async fn mend_some(&self, findings: &[Finding], limits: &Limits) -> Result<Vec<Finding>, StoreError> {
        let is_count = |cure: &Cure| {
            matches!(
                cure,
                Cure::CountStates | Cure::Recount { .. } | Cure::CountLane(_) | Cure::CountScope(_)
            )
        };
        let mut cures = findings.iter().filter_map(|finding| finding.cure.as_ref());
        let counts_only = cures.all(is_count);
        let mut tried: BTreeMap<&Cure, bool> = BTreeMap::new();
        let mut mended = Vec::new();
        for finding in findings {
            let Some(cure) = &finding.cure else { continue };
            if is_count(cure) != counts_only {
                continue;
            }
            let did = match tried.get(cure) {
                Some(did) => *did,
                None => self.mend(cure, limits).await?,
            };
            tried.insert(cure, did);
            if did {
                mended.push(finding.clone());
            }
        }
        Ok(mended)
    }

    /// Makes one repair; false when its reason does not hold any more.
    ///
    /// # Errors
    /// `Unreachable`: mend again.
    pub async fn mend(&self, cure: &Cure, limits: &Limits) -> Result<bool, StoreError> {
        let mended: i64 = self.moves().audit_mend.run(self, &words(cure, limits)).await?;
        Ok(mended == 1)
    }
}

/// The repair as its move reads it.
fn words(cure: &Cure, limits: &Limits) -> Vec<String> {
    let lease = limits.lease_ms.to_string();
    let ahead = Limits::AHEAD_MAX_MS.to_string();
    let about = |what: &str, rest: &[&str]| {
        let words = std::iter::once(what).chain(rest.iter().copied());
        words.map(str::to_owned).collect()
    };
    match cure {
        Cure::CountStates => about("count_states", &[]),
        Cure::Recount {
            hash,
            field,
            count,
            signature,
        } => about("recount", &[hash, field, &count.to_string(), signature]),
        Cure::CountLane(lane) => about("count_lane", &[lane]),
        Cure::CountScope(scope) => about("count_scope", &[scope]),
        Cure::Unlist { set, id } => about("unlist", &[set, id]),
        Cure::List { id, score_ms } => about("list", &[id, &score_ms.to_string(), &lease]),
        Cure::Hint(id) => about("hint", &[id]),
        Cure::Place(lane) => about("place", &[lane]),
        Cure::Shorten(id) => about("shorten", &[id, &lease, &ahead]),
        Cure::Watch(id) => about("watch", &[id]),
        Cure::Unblock(id) => about("unblock", &[id]),
        Cure::Probe(scope) => about("probe", &[scope]),
        Cure::Turn(errand) => about("turn", &[errand, &lease, &ahead]),
        Cure::Key(id) => about("key", &[id]),
    }
}
