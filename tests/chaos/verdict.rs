//! What must be true once everything has ended.

use std::collections::{BTreeMap, BTreeSet};

use parceld_test_support::World;
use parceld_test_support::judge::clean_ledger;
use serde_json::Value;

use crate::excuse::Evidence;

/// What the run itself knows.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// Jobs that were acknowledged, and never lost.
    pub(crate) owed: BTreeSet<String>,
    /// Jobs that an operator asked to cancel.
    pub(crate) cancelled: BTreeSet<String>,
    /// Whether Redis lost acknowledged writes.
    pub(crate) loses: bool,
}

/// Fails unless all is well; answers what happened in one line.
pub(crate) async fn judge(world: &World, told: &Told) -> String {
    for id in &told.owed {
        let known = world.redis.command(&["EXISTS", &format!("parceld:job:{id}")]);
        assert_eq!(known, "1", "{id} was acknowledged and is gone");
    }
    let stats = world.ask(&["stats"]);
    let states = stats["states"].as_object().expect("counts by state");
    let sum: u64 = states.values().filter_map(Value::as_u64).sum();
    assert_eq!(stats["accepted"], sum, "{stats:#}");
    assert_eq!(stats["accepted"], stats["accepted_total"], "{stats:#}");
    assert!(
        sum >= told.owed.len() as u64,
        "{} acknowledged: {stats:#}",
        told.owed.len()
    );
    let audit = world.ask(&["audit"]);
    assert_eq!(audit["findings"], serde_json::json!([]), "{audit:#}");
    let ledger = clean_ledger(world).await;
    let evidence = Evidence::gather(world, ledger, told.loses).await;
    let excused = excused(world, &evidence);
    for job in list(world, "cancelled") {
        let id = job["id"].as_str().unwrap_or_default();
        assert!(told.cancelled.contains(id), "nobody cancelled {job:#}");
    }
    effects_of_done_jobs(world, &evidence);
    format!(
        "{} done, {} cancelled, failed {excused:?}, {} calls, worst second {}",
        states["done"],
        states["cancelled"],
        evidence.ledger["by_endpoint"]
            .as_object()
            .map_or(0, |calls| calls.values().filter_map(Value::as_u64).sum()),
        evidence.ledger["worst_second"],
    )
}

/// How many jobs failed of what; fails with one that had no reason to.
fn excused(world: &World, evidence: &Evidence) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for job in list(world, "failed") {
        let id = job["id"].as_str().unwrap_or_default();
        let excuse = evidence.excuse(&job);
        let Some(excuse) = excuse else {
            panic!(
                "nothing was done to this job that it may fail of: {:#}",
                world.job(id)
            );
        };
        *counts.entry(excuse).or_default() += 1;
    }
    counts
}

/// What the ERP is told is done, the vendor has seen.
fn effects_of_done_jobs(world: &World, evidence: &Evidence) {
    for job in &list(world, "done") {
        let payload = &job["payload"];
        let text = |name: &str| payload[name].as_str().unwrap_or_default().to_owned();
        let (sum, subject) = match job["kind"].as_str() {
            Some("taobao.ship") => ("shipments_per_trade", text("tid")),
            Some("douyin.ship") => (
                "shipments_per_douyin_pair",
                format!("{}/{}", text("order_id"), text("waybill_code")),
            ),
            Some("gift.order") => {
                let remark = job["key"].as_str().unwrap_or_default().to_owned();
                ("paid_orders_per_remark", remark)
            }
            Some("gift.cancel") if !evidence.was_cancelled_in_vain(&text("package_id")) => {
                ("cancels_per_package", text("package_id"))
            }
            _ => continue,
        };
        let ledger = &evidence.ledger;
        assert_eq!(ledger[sum][&subject], 1, "{job:#} is done: {ledger:#}");
    }
}

/// Jobs that have not ended, for a failing test to show.
pub(crate) fn open_jobs(world: &World) -> Vec<Value> {
    let states = ["ready", "scheduled", "running", "waiting", "parked"];
    let jobs = states.iter().flat_map(|state| list(world, state));
    jobs.map(|job| world.job(job["id"].as_str().unwrap_or_default()))
        .collect()
}

fn list(world: &World, state: &str) -> Vec<Value> {
    let jobs = world.ask(&["jobs", "list", "--state", state, "--limit", "10000"]);
    jobs.as_array().expect("an array of jobs").clone()
}
