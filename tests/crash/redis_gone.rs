//! Redis is killed and started again: workers live on, and what was acknowledged is there.

use std::time::Duration;

use parceld_test_support::judge::{assert_all_done, clean_ledger, mixed_outlives_redis};
use parceld_test_support::{BOUND, Crew, PrivateRedis, Signal, World, acknowledged, jobs, wait_until};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::PARCELD;

/// How long Redis is away: longer than the first pauses of every loop that asks for it.
const AWAY: Duration = Duration::from_millis(700);

#[tokio::test(flavor = "multi_thread")]
async fn workers_outlive_two_kills_of_redis_and_no_effect_happens_twice() {
    const SIXES: usize = 15;
    let mut world = World::alone(PARCELD, &[]).await;
    let load = jobs::mixed(SIXES);
    world.enqueue(&load);
    let mut crew = Crew::of(&world, 2);
    for done in [load.len() / 4, load.len() / 2] {
        wait_until(&format!("{done} jobs are done"), BOUND, async || {
            let now = world.count("done");
            if now >= done {
                Ok(())
            } else {
                Err(format!("{now} are"))
            }
        })
        .await;
        world.redis.kill();
        sleep(AWAY).await;
        world.redis.restart().await;
    }
    mixed_outlives_redis(&world, &mut crew, SIXES, assert_all_done).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_acknowledged_line_is_there_after_redis_was_killed() {
    const LINES: usize = 6_000;
    const BEFORE_THE_KILL: usize = 1_000;
    let mut world = World::new(PARCELD).await;
    let lines: Vec<Value> = (0..LINES).map(jobs::taobao).collect();
    let enqueueing = world.start_enqueue(&lines);
    wait_until("some lines are in", BOUND, async || {
        let taken_in = world.redis.command(&["ZCARD", "parceld:jobs"]);
        let taken_in: usize = taken_in.parse().expect("a number");
        if taken_in >= BEFORE_THE_KILL {
            Ok(())
        } else {
            Err(format!("{taken_in} are"))
        }
    })
    .await;
    world.redis.kill();
    world.redis.restart().await;
    let output = enqueueing.join().expect("the command ends");
    let ids = acknowledged(&output);
    assert!(ids.len() >= BEFORE_THE_KILL / 2, "{} acknowledged", ids.len());
    for id in &ids {
        assert_eq!(world.field(id, "state"), "ready");
    }
    // What was not acknowledged is sent again, and what was is known.
    let again = acknowledged(&world.start_enqueue(&lines).join().expect("the command ends"));
    assert_eq!(again.len(), LINES);
    assert_eq!(again[..ids.len()], ids[..]);
    assert_eq!(world.ask(&["stats"])["accepted"], LINES);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_starts_without_redis_works_when_it_comes() {
    let mut world = World::new(PARCELD).await;
    let ids = world.enqueue(&[jobs::taobao(1)]);
    world.redis.kill();
    let mut worker = world.worker();
    worker.wait_for_line("waiting for Redis", BOUND).await;
    world.redis.restart().await;
    world.wait_for_done(&ids[0]).await;
    assert!(worker.exit_status().is_none(), "{:#?}", worker.stderr());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_while_redis_is_dead_ends_within_the_grace() {
    stop_without(PrivateRedis::kill).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_while_redis_stands_still_ends_within_the_grace() {
    stop_without(PrivateRedis::freeze).await;
}

/// Stops a worker that cannot settle its call; another one does, without repeating it.
async fn stop_without(strike: fn(&mut PrivateRedis)) {
    /// The grace, and room for the end of a process on a slow machine.
    const GRACE: Duration = Duration::from_millis(4_000 + 700);
    let mut world = World::with(PARCELD, &[("WORKER__SHUTDOWN_GRACE", "4s")]).await;
    world
        .simulator
        .inject(&json!([{"endpoint": "send", "when": "after", "fault": {"slow_ms": 500}}]))
        .await;
    let ids = world.enqueue(&[jobs::taobao(1)]);
    let mut worker = world.worker();
    let sent = |call: &Value| call["effect"] == true;
    world.wait_for_call("the shipment", sent).await;
    strike(&mut world.redis);
    worker.signal(Signal::Terminate);
    let status = worker.wait_for_exit(GRACE).await;
    assert_eq!(status.code(), Some(0), "{:#?}", worker.stderr());
    world.redis.kill();
    world.redis.restart().await;
    let _another = world.worker();
    world.wait_for_done(&ids[0]).await;
    let ledger = clean_ledger(&world).await;
    assert_eq!(ledger["by_endpoint"]["send"], 1, "{ledger:#}");
}
