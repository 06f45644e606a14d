//! The jobs beside the vendor's list of orders: which of its rows are ours, and what both show together.

use std::collections::{BTreeMap, HashMap};

use parceld_domain::audit::{
    Finding, JobLook, KeyLook, ListedOrder, OrderLimits, OrderList, Reach, judge_absent, judge_key,
};
use parceld_domain::id::Id;
use parceld_domain::kind::Kind;
use parceld_domain::line::key_of_remark;

use super::Audit;
use super::scan::Cursor;
use crate::connect::Store;
use crate::error::StoreError;

/// Keys looked at in one go.
const KEYS_AT_ONCE: usize = 100;
/// Jobs that have replaced each other under one key, the latest first.
const GENERATIONS_MAX: usize = 10;

/// What the vendor's list showed beside the jobs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrdersAudit {
    /// Listed orders that bear a remark of ours.
    pub ours: u64,
    /// Keys that may yet come right by themselves, or may be too new to be shown rightly.
    pub unsettled: u64,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// Paid orders that no row showed, each with what is wrong if the vendor does not know its number either.
    pub absent: Vec<(Id, Finding)>,
}

impl Store {
    /// Compares the vendor's list with the jobs as they stand now, and changes nothing. A remark is ours if its key is known
    /// here; all other orders are somebody else's.
    ///
    /// # Errors
    /// As [`Store::audit`].
    pub async fn audit_orders(
        &self,
        list: &OrderList,
        limits: &OrderLimits,
    ) -> Result<OrdersAudit, StoreError> {
        let mut audit = OrdersAudit::default();
        let mut by_key: BTreeMap<&str, Vec<&ListedOrder>> = BTreeMap::new();
        for order in list.orders.values() {
            by_key
                .entry(key_of_remark(&order.remark))
                .or_default()
                .push(order);
        }
        by_key.remove("");
        let by_key: Vec<(&str, Vec<&ListedOrder>)> = by_key.into_iter().collect();
        for some in by_key.chunks(KEYS_AT_ONCE) {
            for look in self.look_at_keys(some).await? {
                audit.ours += look.orders.len() as u64;
                let judged = judge_key(&look, limits);
                audit.unsettled += u64::from(judged.is_unsettled);
                audit.findings.extend(judged.findings);
            }
        }
        if list.reach != Reach::Age(0) {
            for state in ["done", "failed"] {
                audit.absent.extend(self.absent(state, list, limits).await?);
            }
        }
        Ok(audit)
    }

    /// Those of the keys that are known, with every job that bears them or bore them.
    async fn look_at_keys(&self, keys: &[(&str, Vec<&ListedOrder>)]) -> Result<Vec<KeyLook>, StoreError> {
        let mut pipe = redis::pipe();
        for (key, _) in keys {
            pipe.get(self.key(&format!("key:{}:{key}", Kind::GiftOrder)));
        }
        let holders: Vec<Option<String>> = self.ask("GET", &pipe).await?;
        let mut looks = Vec::new();
        // Whose job it is, by the place of its key among the looks.
        let mut wanted: HashMap<String, usize> = HashMap::new();
        for ((key, orders), holder) in keys.iter().zip(holders) {
            let Some(holder) = holder else { continue };
            wanted.insert(holder, looks.len());
            looks.push(KeyLook {
                key: (*key).to_owned(),
                jobs: Vec::new(),
                orders: orders.iter().map(|order| (*order).clone()).collect(),
            });
        }
        for _ in 0..GENERATIONS_MAX {
            let ids: Vec<String> = wanted.keys().cloned().collect();
            let mut earlier = HashMap::new();
            for job in self.look_at_jobs(&ids).await? {
                let Some(place) = wanted.get(&job.id) else {
                    continue;
                };
                if !job.field("replaces").is_empty() {
                    earlier.insert(job.field("replaces").to_owned(), *place);
                }
                looks[*place].jobs.push(job);
            }
            wanted = earlier;
        }
        Ok(looks)
    }

    /// Jobs of this state whose paid order should be in the list and is not.
    async fn absent(
        &self,
        state: &str,
        list: &OrderList,
        limits: &OrderLimits,
    ) -> Result<Vec<(Id, Finding)>, StoreError> {
        let mut absent = BTreeMap::new();
        let mut cursor = Cursor::START;
        while !cursor.is_at_end() {
            let ids = self.scan_sorted(state, &mut cursor).await?;
            let jobs: Vec<JobLook> = self.look_at_jobs(&ids).await?;
            absent.extend(jobs.iter().filter_map(|job| judge_absent(job, list, limits)));
        }
        Ok(absent.into_iter().collect())
    }
}

impl Audit {
    /// Adds what was found elsewhere; the worst are kept.
    pub fn add(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.findings.extend(findings);
        self.findings.sort();
        self.findings.dedup();
        let beyond = self.findings.len().saturating_sub(super::FINDINGS_MAX);
        self.findings.truncate(super::FINDINGS_MAX);
        self.left_out += beyond as u64;
    }
}
