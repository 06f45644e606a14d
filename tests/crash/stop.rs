//! SIGTERM: calls in flight end and settle, the rest is handed back, and nobody counts as dead.

use std::env;
use std::time::{Duration, Instant};

use parceld_test_support::judge::{assert_all_done, clean_ledger, clean_ledger_of_mixed, sums};
use parceld_test_support::{BOUND, Crew, Random, Signal, World, jobs};
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
async fn stops_at_random_instants_lose_nothing_and_count_no_death() {
    let stops = stops();
    // So many that workers are stopped amid them: a stop takes about as long as half a dozen of their calls.
    let sixes = stops * 2 / 3 + 5;
    let mut random = Random::seeded();
    let world = World::new(PARCELD).await;
    world
        .change_vendor(&json!({"options": {"latency_ms": 100, "ship_after_ms": 100}}))
        .await;
    let load = jobs::mixed(sixes);
    world.enqueue(&load);
    let mut crew = Crew::of(&world, 2);
    let mut longest = Duration::ZERO;
    for _ in 0..stops {
        sleep(random.pause(0, 400)).await;
        let mut stopped = crew.replace_any(&world, &mut random);
        // Before it listens to signals, one ends it as any program.
        stopped.wait_for_line("working", BOUND).await;
        let told = Instant::now();
        stopped.signal(Signal::Terminate);
        let status = stopped.wait_for_exit(STOP_BOUND).await;
        assert_eq!(status.code(), Some(0), "{:#?}", stopped.stderr());
        longest = longest.max(told.elapsed());
        assert_holds_nothing(&world, stopped.pid());
    }
    eprintln!("{stops} stops, the longest took {longest:?}");
    world.wait_for_ended(load.len()).await;
    assert_all_done(&world, load.len());
    let ledger = clean_ledger_of_mixed(&world, sixes).await;
    // A death is looked up or repeated, so each of these calls shows that there was none.
    let calls = sums(&ledger, "by_endpoint");
    assert_eq!(calls.get("detail"), None, "{ledger:#}");
    assert_eq!(calls.get("get-order-list"), None, "{ledger:#}");
    assert_eq!(calls["send"], 2 * sixes, "{ledger:#}");
    assert_eq!(calls["order-create"], sixes, "{ledger:#}");
    assert_eq!(calls["submit-payment"], sixes, "{ledger:#}");
    for (pair, calls) in sums(&ledger, "calls_per_douyin_pair") {
        assert_eq!(*calls, 1, "{pair}: {ledger:#}");
    }
    crew.assert_alive();
}

/// How many workers are stopped: enough to meet every phase of a call several times, or as many as the environment says.
fn stops() -> usize {
    const VARIABLE: &str = "PARCELD_TEST_STOPS";
    const USUALLY: usize = 200;
    env::var(VARIABLE).ok().map_or(USUALLY, |stops| {
        stops
            .parse()
            .unwrap_or_else(|_| panic!("{VARIABLE}={stops} is no whole number"))
    })
}

/// Fails if a job is still leased to the worker of this process id, which has gone.
fn assert_holds_nothing(world: &World, pid: u32) {
    let running = world.redis.command(&["EVAL", HOLDERS, "0"]);
    assert!(!running.contains(&format!("-{pid}-")), "{pid}: {running}");
}

/// The workers of all running jobs, in one atomic look.
const HOLDERS: &str = "local held = '' \
    for _, id in ipairs(redis.call('ZRANGE', 'parceld:running', 0, -1)) do \
    held = held .. id .. ' ' .. (redis.call('HGET', 'parceld:job:' .. id, 'worker') or '') .. ' ' end \
    return held";
