//! Stopping: calls in flight end and settle, the rest is handed back, nothing is left behind.

use std::time::Duration;

use parceld_domain::state::State;
use serde_json::json;

use crate::lines::{taobao, tid};
use crate::world::{Worker, World};

/// The slowest call takes less than one second, and the claim that a stop meets at most two more.
const STOP_BOUND: Duration = Duration::from_secs(5);

async fn stop(worker: Worker) {
    worker.stop.cancel();
    tokio::time::timeout(STOP_BOUND, worker.ended)
        .await
        .expect("a worker that is told to stop ends")
        .expect("a worker does not panic");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_call_ends_and_settles_before_its_worker_does() {
    let world = World::new().await;
    world
        .inject(json!([{"endpoint": "send", "when": "after", "times": 9, "fault": {"slow_ms": 600}}]))
        .await;
    let worker = world.start_worker().await;
    let ids = world.enqueue_all((0..3).map(taobao)).await;
    world
        .wait_for_ledger("three calls are in flight", |ledger| ledger["in_flight"] == 3)
        .await;
    stop(worker).await;
    for id in &ids {
        assert_eq!(world.job(id).await.fields["state"], "done");
    }
    let late = world.enqueue(&taobao(9)).await;
    assert_eq!(world.job(&late).await.fields["state"], "ready");
    assert!(world.stats().await.workers.is_empty());
    assert_eq!(world.judged().await["calls"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_claimed_and_not_sent_is_handed_back() {
    let world = World::limited().await;
    world.enqueue_all((0..40).map(taobao)).await;
    let worker = world.start_worker().await;
    world
        .wait_for_ledger("five calls were made", |ledger| {
            ledger["calls"].as_u64() >= Some(5)
        })
        .await;
    stop(worker).await;
    let stats = world.stats().await;
    let ledger = world.judged().await;
    assert_eq!(stats.states[&State::Running], 0, "{stats:?}");
    assert_eq!(Some(stats.states[&State::Done]), ledger["calls"].as_u64());
    assert_eq!(stats.states[&State::Ready] + stats.states[&State::Done], 40);
    assert!(stats.workers.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn work_that_one_worker_leaves_is_done_by_the_next() {
    let world = World::new().await;
    world
        .inject(json!([{"endpoint": "send", "when": "after", "match": {"tid": tid(0)}, "fault": {"slow_ms": 500}}]))
        .await;
    world.enqueue_all((0..30).map(taobao)).await;
    let first = world.start_worker_of(2).await;
    world
        .wait_for_ledger("a call was made", |ledger| ledger["calls"].as_u64() >= Some(1))
        .await;
    stop(first).await;
    world.start_worker().await;
    world.wait_for_count(State::Done, 30).await;
    assert_eq!(world.judged().await["calls"], 30);
}
