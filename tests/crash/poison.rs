//! A job that kills every worker that makes its call ends as poison; those who shared its calls go on.

use parceld_test_support::judge::{assert_all_done, assert_all_ended, clean_ledger, sums};
use parceld_test_support::{Crew, World, jobs};
use serde_json::{Value, json};

use crate::PARCELD;

/// So many workers a job kills before it counts as poison.
const DEATHS: usize = 3;
/// Longer than a worker lives here.
const HANG_MS: u64 = 60_000;
/// The gift order whose calls kill, and one that has nothing to do with it.
const DEADLY: &str = "G-1";
const OTHER: &str = "G-2";

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_kills_its_workers_ends_as_poison_and_its_batch_mates_are_shipped() {
    const MATES: usize = 3;
    let world = World::new(PARCELD).await;
    // The first of the batch is the one whose calls kill.
    let of_first = json!({"pair": jobs::pair(0)});
    let deadly =
        json!([{"endpoint": "dy-ship-free", "times": 100, "match": of_first, "fault": {"hang_ms": HANG_MS}}]);
    let load: Vec<Value> = (0..=MATES).map(|number| jobs::douyin("2002", number)).collect();
    poisoned_by(&world, &deadly, &load).await;
    let ledger = clean_ledger(&world).await;
    let calls = &ledger["calls_per_douyin_pair"][jobs::pair(0)];
    assert_eq!(*calls, DEATHS, "{ledger:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_kills_its_workers_ends_as_poison_and_is_looked_up_when_it_is_retried() {
    gift_order_poisoned_by("submit-payment").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_that_kills_its_workers_ends_as_poison_and_is_looked_up_when_it_is_retried() {
    gift_order_poisoned_by("order-create").await;
}

/// The last of the deadly calls has its effect, of which nobody hears before an operator has the job retried.
async fn gift_order_poisoned_by(endpoint: &str) {
    let world = World::new(PARCELD).await;
    let deadly = |when: &str, times: usize| json!({"endpoint": endpoint, "when": when, "times": times, "match": {"remark": DEADLY}, "fault": {"hang_ms": HANG_MS}});
    let deadly = json!([deadly("before", DEATHS - 1), deadly("after", 1)]);
    let load = [jobs::gift(DEADLY), jobs::gift(OTHER), jobs::taobao(1)];
    let id = poisoned_by(&world, &deadly, &load).await;
    let retried = world.ask(&["jobs", "retry", &id]);
    assert_eq!(retried, json!({"retried": 1}));
    let _worker = world.worker();
    world.wait_for_done(&id).await;
    assert_all_done(&world, load.len());
    let ledger = clean_ledger(&world).await;
    let once = json!({DEADLY: 1, OTHER: 1});
    assert_eq!(ledger["paid_orders_per_remark"], once, "{ledger:#}");
    let calls = sums(&ledger, "by_endpoint");
    assert_eq!(calls[endpoint], DEATHS + 1, "{ledger:#}");
}

/// Has such calls kill their workers until the first job of the load is poison and all others are done; answers its id.
async fn poisoned_by(world: &World, deadly: &Value, load: &[Value]) -> String {
    world.simulator.inject(deadly).await;
    let ids = world.enqueue(load);
    let mut crew = Crew::of(world, 1);
    let mut last = 0;
    for _ in 0..DEATHS {
        let is_deadly = |call: &Value| call["n"].as_u64() > Some(last) && call["fault"] == "hang";
        let call = world.wait_for_call("the deadly call", is_deadly).await;
        last = call["n"].as_u64().expect("a number");
        crew.take_holder(world, &ids[0]).kill();
        crew.hire(world);
    }
    world.wait_for_ended(load.len()).await;
    let poisoned = world.job(&ids[0]);
    assert_eq!(poisoned["state"], "failed", "{poisoned:#}");
    assert_eq!(poisoned["error"]["class"], "poison", "{poisoned:#}");
    for id in &ids[1..] {
        let other = world.job(id);
        assert_eq!(other["state"], "done", "{other:#}");
    }
    assert_all_ended(world, load.len());
    crew.assert_alive();
    ids[0].clone()
}
