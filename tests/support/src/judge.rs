//! What the vendor's ledger must never show, whatever was killed.

use serde_json::{Map, Value};

use crate::jobs::mixed;
use crate::{Crew, World};

/// Sums of the ledger in which no effect may stand twice.
const ONCE: [&str; 6] = [
    "orders_per_remark",
    "paid_orders_per_remark",
    "payments_per_order",
    "shipments_per_trade",
    "shipments_per_douyin_pair",
    "cancels_per_package",
];

/// The ledger, once it is found clean: no effect twice, and never two payments of one order at a time.
pub async fn clean_ledger(world: &World) -> Value {
    let ledger = world.simulator.ledger().await;
    for name in ONCE {
        for (subject, times) in sums(&ledger, name) {
            assert_eq!(times, 1, "{name} of {subject}: {ledger:#}");
        }
    }
    for (order, at_once) in sums(&ledger, "concurrent_payments") {
        assert_eq!(*at_once, 1, "payments of {order} in flight together: {ledger:#}");
    }
    ledger
}

/// The ledger of a [`mixed`] load that has ended well: clean, and every effect is there.
pub async fn clean_ledger_of_mixed(world: &World, sixes: usize) -> Value {
    let ledger = clean_ledger(world).await;
    let expected = [
        ("shipments_per_trade", 2 * sixes),
        ("shipments_per_douyin_pair", 2 * sixes),
        ("orders_per_remark", sixes),
        ("paid_orders_per_remark", sixes),
    ];
    for (name, effects) in expected {
        assert_eq!(sums(&ledger, name).len(), effects, "{name}: {ledger:#}");
    }
    ledger
}

/// The end of a [`mixed`] load over which Redis was struck: awaited under workers that all live on, with a
/// clean ledger. `judge_jobs` is told how many jobs there are.
pub async fn mixed_outlives_redis(
    world: &World,
    crew: &mut Crew,
    sixes: usize,
    judge_jobs: fn(&World, usize),
) {
    let jobs = mixed(sixes).len();
    world.wait_for_ended(jobs).await;
    crew.assert_alive();
    judge_jobs(world, jobs);
    clean_ledger_of_mixed(world, sixes).await;
}

/// Every job has ended, and well.
pub fn assert_all_done(world: &World, jobs: usize) {
    assert_all_ended(world, jobs);
    assert_eq!(world.count("done"), jobs);
}

/// Every job has ended, and none badly but for one reason: Redis had lost the record of a shipment, and the vendor
/// refused to ship again.
pub fn assert_only_echoes_failed(world: &World, jobs: usize) {
    const ALREADY: [&str; 3] = ["不为新建状态", "已发货", "重复发货"];
    assert_all_ended(world, jobs);
    let failed = world.ask(&["jobs", "list", "--state", "failed", "--limit", "1000"]);
    for job in failed.as_array().expect("an array of jobs") {
        let msg = job["error"]["msg"].as_str().unwrap_or_default();
        assert!(ALREADY.iter().any(|words| msg.contains(words)), "{job:#}");
    }
    eprintln!("shipments refused as made already: {}", world.count("failed"));
    assert_eq!(world.count("done") + world.count("failed"), jobs);
}

/// `parceld stats` once everything has ended: every job in one state, none of them running.
pub fn assert_all_ended(world: &World, jobs: usize) {
    let stats = world.ask(&["stats"]);
    let states = stats["states"].as_object().expect("counts by state");
    let sum: u64 = states.values().filter_map(Value::as_u64).sum();
    assert_eq!(stats["accepted"], sum, "{stats:#}");
    assert_eq!(stats["accepted"], jobs, "{stats:#}");
    assert_eq!(stats["accepted_total"], jobs, "{stats:#}");
    for state in ["ready", "scheduled", "running", "waiting", "parked"] {
        assert_eq!(states[state], 0, "{stats:#}");
    }
}

/// A sum of the ledger by subject.
pub fn sums<'a>(ledger: &'a Value, name: &str) -> &'a Map<String, Value> {
    let sums = ledger[name].as_object();
    sums.unwrap_or_else(|| panic!("no {name} in {ledger:#}"))
}
