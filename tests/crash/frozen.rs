//! A worker is frozen beyond its lease, as a paused virtual machine is, and wakes when its work is another's.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use parceld_test_support::judge::{assert_all_done, clean_ledger, clean_ledger_of_mixed, sums};
use parceld_test_support::{BOUND, Crew, Process, Random, Signal, World, jobs, wait_until};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::PARCELD;
use crate::load::retry_the_poisoned;

/// What a worker says when its settle moves nothing.
const NOT_OURS: &str = "settled already or belongs to another worker";
/// What it says when it drops a call that never left.
const LEASE_SPENT: &str = "too little of its lease was left at its slot";

const THAW_BOUND: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_answered_after_the_lease_settles_nothing_and_is_not_repeated() {
    let world = World::new(PARCELD).await;
    world
        .change_vendor(&json!({"options": {"ship_after_ms": 100}}))
        .await;
    world
        .simulator
        .inject(&json!([{"endpoint": "submit-payment", "when": "after", "fault": {"slow_ms": 400}}]))
        .await;
    let mut crew = Crew::of(&world, 2);
    let ids = world.enqueue(&[jobs::gift("G-1")]);
    let paid = |call: &Value| call["endpoint"] == "submit-payment" && call["effect"] == true;
    world.wait_for_call("the payment", paid).await;
    let mut frozen = crew.take_holder(&world, &ids[0]);
    frozen.signal(Signal::Stop);
    wait_until("the lease is over", BOUND, async || {
        let step = world.field(&ids[0], "step");
        if step == "pay" { Err(step) } else { Ok(()) }
    })
    .await;
    // Its answer is a success, and its job is on the way to a look-up.
    frozen.signal(Signal::Continue);
    frozen.wait_for_line(NOT_OURS, THAW_BOUND).await;
    world.wait_for_done(&ids[0]).await;
    let ledger = clean_ledger(&world).await;
    assert_eq!(ledger["by_endpoint"]["submit-payment"], 1, "{ledger:#}");
    let history = world.job(&ids[0])["history"].to_string();
    assert!(history.contains("worker-lost"), "{history}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_was_not_sent_before_the_lease_ran_out_never_leaves() {
    const TRADES: usize = 60;
    let world = World::new(PARCELD).await;
    let mut frozen = world.worker();
    let load: Vec<Value> = (0..TRADES).map(jobs::taobao).collect();
    let ids = world.enqueue(&load);
    let unsent = wait_until("calls that are begun and have not left", BOUND, async || {
        let seen = world.calls().await.len();
        if seen == 0 {
            return Err("no call yet".to_owned());
        }
        frozen.signal(Signal::Stop);
        let unsent = begun_and_unsent(&world, &ids).await;
        if unsent.is_empty() {
            frozen.signal(Signal::Continue);
            return Err("every call had left".to_owned());
        }
        Ok(unsent)
    })
    .await;
    let mut crew = Crew::of(&world, 1);
    wait_until("the leases are over", BOUND, async || {
        let held = unsent.iter().filter(|id| world.field(id, "step") == "send");
        let held = held.count();
        if held == 0 {
            Ok(())
        } else {
            Err(format!("{held} are held"))
        }
    })
    .await;
    frozen.signal(Signal::Continue);
    frozen.wait_for_line(LEASE_SPENT, THAW_BOUND).await;
    world.wait_for_ended(TRADES).await;
    assert_eq!(world.count("done"), TRADES);
    let ledger = clean_ledger(&world).await;
    for (trade, calls) in sums(&ledger, "send_calls_per_trade") {
        assert_eq!(*calls, 1, "{trade}: {ledger:#}");
    }
    crew.assert_alive();
    assert_runs(&mut frozen);
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_frozen_beyond_their_leases_at_random_instants_settle_nothing_and_repeat_no_effect() {
    const SIXES: usize = 20;
    const FREEZES: usize = 16;
    /// Longer than the lease of these worlds, and than a call may take.
    const FROZEN: Duration = Duration::from_millis(2_600);
    let mut random = Random::seeded();
    let world = World::new(PARCELD).await;
    world
        .change_vendor(&json!({"options": {"latency_ms": 60, "ship_after_ms": 100}}))
        .await;
    let load = jobs::mixed(SIXES);
    world.enqueue(&load);
    let mut crew = Crew::of(&world, 3);
    let mut frozen: VecDeque<(Instant, Process)> = VecDeque::new();
    let mut thawed = Vec::new();
    for _ in 0..FREEZES {
        sleep(random.pause(100, 500)).await;
        let mut worker = crew.replace_any(&world, &mut random);
        worker.signal(Signal::Stop);
        frozen.push_back((Instant::now() + FROZEN, worker));
        while frozen.front().is_some_and(|(thaw, _)| *thaw <= Instant::now()) {
            thawed.extend(frozen.pop_front().map(|(_, worker)| awake(worker)));
        }
    }
    // The last ones wake when all is over: their work has long been others'.
    world.wait_for_ended(load.len()).await;
    thawed.extend(frozen.into_iter().map(|(_, worker)| awake(worker)));
    retry_the_poisoned(&world).await;
    world.wait_for_ended(load.len()).await;
    for mut worker in thawed {
        // Whatever it held when it froze has come to an end before it leaves.
        worker.signal(Signal::Terminate);
        let status = worker.wait_for_exit(THAW_BOUND).await;
        assert_eq!(status.code(), Some(0), "{:#?}", worker.stderr());
    }
    assert_all_done(&world, load.len());
    clean_ledger_of_mixed(&world, SIXES).await;
    crew.assert_alive();
}

fn awake(mut worker: Process) -> Process {
    worker.signal(Signal::Continue);
    worker
}

/// Jobs with an intent on record whose call the vendor has not seen.
async fn begun_and_unsent(world: &World, ids: &[String]) -> Vec<String> {
    let calls = world.calls().await;
    let is_unsent = |id: &&String| {
        if world.field(id, "state") != "running"
            || world
                .redis
                .command(&["HEXISTS", &format!("parceld:job:{id}"), "intent"])
                != "1"
        {
            return false;
        }
        let tid = &world.job(id)["payload"]["tid"];
        !calls.iter().any(|call| call["facts"]["tid"] == *tid)
    };
    ids.iter().filter(is_unsent).cloned().collect()
}

fn assert_runs(worker: &mut Process) {
    assert!(worker.exit_status().is_none(), "{:#?}", worker.stderr());
}
