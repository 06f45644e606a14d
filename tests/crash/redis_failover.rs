//! Sentinels make a replica the master that lacks the last writes, and later an old master comes back.

use std::collections::BTreeSet;
use std::time::Duration;

use parceld_test_support::judge::{assert_only_echoes_failed, mixed_outlives_redis};
use parceld_test_support::{BOUND, Crew, PrivateRedis, WatchedRedis, World, jobs, wait_until};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::PARCELD;

/// How soon after a replica was made the master calls are made again, its silence included.
pub(crate) const WORK_AGAIN: Duration = Duration::from_secs(10);
/// The least silence of a new master.
const SILENCE: Duration = Duration::from_secs(2);
/// Workers ask every second whether the master still is. Sentinels give an old one eight before they demote it.
const LEFT_WITHIN: Duration = Duration::from_secs(2);
/// Sentinels need 1.5 s to miss a master, and a vote.
pub(crate) const FAILOVER_BOUND: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn a_failover_that_loses_the_last_writes_pays_nothing_twice_and_a_frozen_master_is_left() {
    const SIXES: usize = 20;
    let (mut group, mut world) = World::watched(PARCELD).await;
    let group = &mut group;
    let load = jobs::mixed(SIXES);
    let (first, second) = load.split_at(load.len() / 2);
    let enqueued = world.start_enqueue(first).join().expect("the command ends");
    let told = String::from_utf8_lossy(&enqueued.stderr);
    assert!(told.contains("set min-replicas-to-write 1"), "{told}");
    group.wait_until_in_step(&world.redis).await;
    let mut crew = Crew::of(&world, 2);
    let (old, failover) = lose_the_last_writes(&mut world, group).await;
    crew.assert_alive();
    bring_back(old, group).await;
    world.enqueue(second);
    group.wait_until_in_step(&world.redis).await;
    world.wait_for_further_calls(1).await;
    freeze_the_master(&mut world, group).await;
    mixed_outlives_redis(&world, &mut crew, SIXES, assert_only_echoes_failed).await;
    assert_looked_up_before_money(&world, failover).await;
    // The Sentinels were there all the time, so nobody may have missed their word.
    let told = crew.stderr();
    let missed = |line: &String| line.contains("most Sentinels have not confirmed");
    assert!(!told.iter().any(missed), "{told:#?}");
}

/// Kills the master when the replicas lack what it did last, money included; answers it when another has taken over,
/// and how many calls were made before.
async fn lose_the_last_writes(world: &mut World, group: &mut WatchedRedis) -> (PrivateRedis, usize) {
    // Money is on the way, so that there are steps of it that the replicas know and ends that they do not.
    wait_for_effects(world, "order-create", 3).await;
    group.cut_replicas_off(&world.redis);
    move_money(world).await;
    world.redis.kill();
    group.let_replicas_go_on();
    let promoted = group.wait_for_failover(FAILOVER_BOUND).await;
    let before = world.calls().await.len();
    let old = std::mem::replace(&mut world.redis, promoted);
    let silence = world.wait_for_further_calls(1).await;
    eprintln!("a lagging replica became the master: calls again after {silence:.1?}");
    assert!(silence > SILENCE && silence < WORK_AGAIN, "{silence:?}");
    (old, before)
}

/// Awaits creates and payments, and one payment whose end nobody knows.
pub(crate) async fn move_money(world: &World) {
    let (creates, payments) = (
        effects(world, "order-create").await,
        effects(world, "submit-payment").await,
    );
    wait_for_effects(world, "order-create", creates + 3).await;
    wait_for_effects(world, "submit-payment", payments + 3).await;
    // One that has to be made again, for no answer tells of it.
    let cut = json!({"endpoint": "submit-payment", "when": "before", "fault": {"cut": true}});
    world.simulator.inject(&cut).await;
    world
        .wait_for_call("a payment that is cut off", |call| call["fault"] == "cut")
        .await;
}

/// Starts the old master as it was: it thinks that it is the master, until the Sentinels demote it.
async fn bring_back(mut old: PrivateRedis, group: &mut WatchedRedis) {
    old.restart().await;
    wait_until_demoted(&old).await;
    assert_eq!(
        old.moves(),
        0,
        "a worker claimed from a master that was none any more"
    );
    group.replicas.push(old);
}

/// Stops the master until another has taken over, and lets it go on with its clients' connections still open.
async fn freeze_the_master(world: &mut World, group: &mut WatchedRedis) {
    world.redis.freeze();
    let frozen = Instant::now();
    let promoted = group.wait_for_failover(FAILOVER_BOUND).await;
    let failover = frozen.elapsed();
    let mut old = std::mem::replace(&mut world.redis, promoted);
    old.thaw();
    let silence = world.wait_for_further_calls(1).await;
    eprintln!("the master froze, failed over in {failover:.1?}, thawed: calls again after {silence:.1?}");
    assert!(silence < WORK_AGAIN, "{silence:?}");
    sleep(LEFT_WITHIN.saturating_sub(silence)).await;
    assert_unused_until_demoted(&old).await;
}

/// From now on no worker makes a move there, until the Sentinels have demoted it.
pub(crate) async fn assert_unused_until_demoted(old: &PrivateRedis) {
    let made = old.moves();
    wait_until_demoted(old).await;
    assert_eq!(old.moves(), made, "a worker used a master that was none any more");
}

async fn wait_until_demoted(old: &PrivateRedis) {
    wait_until("the old master is a replica", BOUND, async || {
        let role = old.role();
        if role.as_deref() == Some("slave") {
            Ok(())
        } else {
            Err(format!("{role:?}"))
        }
    })
    .await;
}

/// Each order for which money was on the way before a failover is looked for in the whole list that shows it, as it is
/// since then, before its next call for money.
pub(crate) async fn assert_looked_up_before_money(world: &World, failover: usize) {
    /// Its number, and how many rows it has: as few are read whole by it.
    const FIRST_PAGE: &str = "1/100";
    const PAGE_ROWS: usize = 100;
    let calls = world.calls().await;
    let (before, since) = calls.split_at(failover);
    let open: BTreeSet<&str> = before.iter().filter_map(remark_of_money).collect();
    let mut repeated = 0;
    for remark in open {
        let next = since
            .iter()
            .position(|call| remark_of_money(call) == Some(remark));
        let Some(next) = next else { continue };
        let list = match since[next]["endpoint"].as_str() {
            Some("order-create") => "get-order-list",
            _ => "get-package-list",
        };
        let is_whole_read = |call: &Value| {
            call["endpoint"] == list && call["facts"]["page"] == FIRST_PAGE && call["code"] == 0
        };
        assert!(
            since[..next].iter().any(is_whole_read),
            "{remark} was not looked for in {list} after call {failover}: {:#}",
            json!(calls)
        );
        repeated += 1;
    }
    eprintln!("orders with money on the way before and after the failover: {repeated}");
    assert!(repeated > 0, "{:#}", json!(since));
    let state = world.simulator.state().await;
    let orders = state["orders"].as_array().expect("an array of orders");
    assert!(orders.len() < PAGE_ROWS, "{} orders", orders.len());
}

/// Whose money a call moves, if any's.
fn remark_of_money(call: &Value) -> Option<&str> {
    let moves_money = call["endpoint"] == "order-create" || call["endpoint"] == "submit-payment";
    call["facts"]["remark"].as_str().filter(|_| moves_money)
}

pub(crate) async fn wait_for_effects(world: &World, endpoint: &str, count: usize) {
    wait_until(&format!("{count} effects of {endpoint}"), BOUND, async || {
        let seen = effects(world, endpoint).await;
        if seen >= count {
            Ok(())
        } else {
            Err(format!("{seen}"))
        }
    })
    .await;
}

async fn effects(world: &World, endpoint: &str) -> usize {
    let calls = world.calls().await;
    let is_effect = |call: &&Value| call["endpoint"] == endpoint && call["effect"] == true;
    calls.iter().filter(is_effect).count()
}
