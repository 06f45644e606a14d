//! What must be true once everything has ended.

use std::collections::{BTreeMap, BTreeSet};

use parceld_test_support::World;
use parceld_test_support::judge::{assert_no_crowd, clean_ledger};
use serde_json::Value;

/// What a job may still have failed of when it was tried again without any fault: a person has to look at it, or its
/// own answer forbids another try.
const FAILED_OF: [&str; 3] = ["human", "terminal", "unknown"];

/// Fails unless all is well; answers what happened in one line.
pub(crate) async fn judge(world: &World, ids: &[String]) -> String {
    let ids: BTreeSet<&String> = ids.iter().collect();
    for id in &ids {
        let known = world.redis.command(&["EXISTS", &format!("parceld:job:{id}")]);
        assert_eq!(known, "1", "{id} was acknowledged and is gone");
    }
    let stats = world.ask(&["stats"]);
    let states = stats["states"].as_object().expect("counts by state");
    let sum: u64 = states.values().filter_map(Value::as_u64).sum();
    assert_eq!(stats["accepted"], sum, "{stats:#}");
    assert_eq!(stats["accepted"], stats["accepted_total"], "{stats:#}");
    assert!(sum >= ids.len() as u64, "{} acknowledged: {stats:#}", ids.len());
    let audit = world.ask(&["audit"]);
    assert_eq!(audit["findings"], serde_json::json!([]), "{audit:#}");
    let ledger = clean_ledger(world).await;
    let failed = failed_by_class(world);
    for (class, jobs) in &failed {
        let why: Vec<String> = jobs
            .iter()
            .map(|job| format!("{} {} {}", job["kind"], job["step"], job["error"]))
            .collect();
        eprintln!("chaos: failed as {class}: {why:#?}");
        assert!(FAILED_OF.contains(&class.as_str()), "{class}: {jobs:#?}");
    }
    effects_of_done_jobs(world, &ledger);
    let crowd = ledger["worst_second"].as_u64();
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    eprintln!(
        "chaos: worst second {crowd:?}, load of the machine {}",
        load.trim()
    );
    assert_no_crowd(world).await;
    let counts: BTreeMap<&String, usize> = failed.iter().map(|(class, jobs)| (class, jobs.len())).collect();
    format!(
        "{} done, {} cancelled, failed {counts:?}, {} calls, worst second {crowd:?}",
        states["done"],
        states["cancelled"],
        ledger["by_endpoint"]
            .as_object()
            .map_or(0, |calls| calls.values().filter_map(Value::as_u64).sum()),
    )
}

/// What the ERP is told is done, the vendor has seen.
fn effects_of_done_jobs(world: &World, ledger: &Value) {
    let done = list(world, "done");
    for job in &done {
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
            _ => continue,
        };
        assert_eq!(ledger[sum][&subject], 1, "{job:#} is done: {ledger:#}");
    }
}

fn failed_by_class(world: &World) -> BTreeMap<String, Vec<Value>> {
    let mut failed: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for job in list(world, "failed") {
        let class = job["error"]["class"].as_str().unwrap_or_default().to_owned();
        failed.entry(class).or_default().push(job);
    }
    failed
}

/// Jobs that have not ended, for a failing test to show.
pub(crate) fn open_jobs(world: &World) -> Vec<Value> {
    let states = ["ready", "scheduled", "running", "waiting", "parked"];
    let jobs = states.iter().flat_map(|state| list(world, state));
    jobs.map(|job| world.job(job["id"].as_str().unwrap_or_default()))
        .collect()
}

fn list(world: &World, state: &str) -> Vec<Value> {
    let jobs = world.ask(&["jobs", "list", "--state", state, "--limit", "1000"]);
    jobs.as_array().expect("an array of jobs").clone()
}
