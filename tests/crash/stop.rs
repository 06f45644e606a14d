//! SIGTERM: calls in flight end and settle, the rest is handed back, and nobody counts as dead.

use std::time::Duration;

use parceld_test_support::judge::{assert_all_ended, clean_ledger, sums};
use parceld_test_support::{Crew, Random, Signal, World, jobs};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::PARCELD;

/// The longest that a stop may take here: a call's deadline, and room for a slow machine.
const STOP_BOUND: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_worker_settles_its_call_and_hands_the_rest_back() {
    const TRADES: usize = 20;
    let world = World::new(PARCELD).await;
    world
        .simulator
        .inject(&json!([{"endpoint": "send", "when": "after", "skip": 2, "fault": {"slow_ms": 800}}]))
        .await;
    let load: Vec<Value> = (0..TRADES).map(jobs::taobao).collect();
    let ids = world.enqueue(&load);
    let mut worker = world.worker();
    let slow = |call: &Value| call["fault"] == "slow";
    let call = world.wait_for_call("a slow call", slow).await;
    worker.signal(Signal::Terminate);
    let status = worker.wait_for_exit(STOP_BOUND).await;
    assert_eq!(status.code(), Some(0), "{:#?}", worker.stderr());

    let states = &world.ask(&["stats"])["states"];
    let ledger = clean_ledger(&world).await;
    assert_eq!(
        states["done"], ledger["by_endpoint"]["send"],
        "{states:#} {ledger:#}"
    );
    let done = states["done"].as_u64().expect("a number");
    assert_eq!(states["ready"], TRADES as u64 - done, "{states:#}");
    let slow_job = ids.iter().map(|id| world.job(id));
    let slow_job = slow_job
        .into_iter()
        .find(|job| job["payload"]["tid"] == call["facts"]["tid"])
        .expect("the call was for one of them");
    assert_eq!(slow_job["state"], "done", "{slow_job:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_stops_at_random_instants_lose_nothing_and_count_no_death() {
    const TRADES: usize = 90;
    const GIFTS: usize = 10;
    const STOPS: usize = 30;
    let mut random = Random::seeded();
    let world = World::new(PARCELD).await;
    world
        .change_vendor(&json!({"options": {"latency_ms": 100, "ship_after_ms": 100}}))
        .await;
    let trades = (0..TRADES).map(jobs::taobao);
    let gifts = (0..GIFTS).map(|number| jobs::gift(&format!("G-{number}")));
    let load: Vec<Value> = trades.chain(gifts).collect();
    world.enqueue(&load);
    let mut crew = Crew::of(&world, 2);
    for _ in 0..STOPS {
        sleep(random.pause(100, 500)).await;
        let mut stopped = crew.replace_any(&world, &mut random);
        stopped.signal(Signal::Terminate);
        let status = stopped.wait_for_exit(STOP_BOUND).await;
        assert_eq!(status.code(), Some(0), "{:#?}", stopped.stderr());
    }
    world.wait_for_ended(load.len()).await;
    assert_all_ended(&world, load.len());
    assert_eq!(world.count("done"), load.len());
    // A death is looked up, so none of these calls shows that there was none.
    let ledger = clean_ledger(&world).await;
    let calls = sums(&ledger, "by_endpoint");
    assert_eq!(calls.get("detail"), None, "{ledger:#}");
    assert_eq!(calls.get("get-order-list"), None, "{ledger:#}");
    assert_eq!(calls["send"], TRADES, "{ledger:#}");
    assert_eq!(calls["order-create"], GIFTS, "{ledger:#}");
    assert_eq!(calls["submit-payment"], GIFTS, "{ledger:#}");
}
