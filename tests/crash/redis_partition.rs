//! A cut through the middle: on one side a worker, the master and one Sentinel, on the other a worker, the replicas and
//! most Sentinels, which make another master.

use std::time::Duration;

use parceld_test_support::judge::{assert_only_echoes_failed, mixed_outlives_redis};
use parceld_test_support::{BOUND, Crew, PrivateRedis, Proxy, World, jobs, wait_until};
use tokio::time::{Instant, sleep_until};

use crate::PARCELD;

const SIXES: usize = 30;
/// What deploy/README.md has Sentinels wait for a master that is silent.
const DOWN_AFTER: Duration = Duration::from_secs(5);
/// How long a master is used at most that nobody confirms, and a second for calls that were granted by then.
const LEFT_WITHIN: Duration = Duration::from_secs(6);
/// The least silence of a new master.
const SILENCE: Duration = Duration::from_secs(2);
/// How soon after the failover calls are made again, its silence included.
const WORK_AGAIN: Duration = Duration::from_secs(10);
const FAILOVER_BOUND: Duration = Duration::from_secs(30);
/// What the master's other side asks of it: refused, it is as good as cut off.
const FROM_REPLICAS: [&str; 2] = ["psync", "sync"];
const FROM_SENTINELS: [&str; 2] = ["slaveof", "replicaof"];
/// The account of the worker on the other side.
const FAR: &str = "far";
const NODES: &str = "PARCELD__REDIS__SENTINEL__NODES";

#[tokio::test(flavor = "multi_thread")]
async fn two_sides_that_cannot_see_each_other_never_spend_one_second_twice_nor_money() {
    let (mut group, mut world) = World::watched(PARCELD).await;
    let group = &mut group;
    for redis in group.replicas.iter().chain([&world.redis]) {
        redis.command(&[
            "ACL",
            "SETUSER",
            FAR,
            "on",
            "nopass",
            "allkeys",
            "allchannels",
            "allcommands",
        ]);
    }
    world.enqueue(&jobs::mixed(SIXES));
    group.wait_until_in_step(&world.redis).await;
    let ports = group.sentinel_ports();
    // The first Sentinel is on the master's side.
    let (to_near, to_far) = (
        [Proxy::to(ports[0]).await],
        [Proxy::to(ports[1]).await, Proxy::to(ports[2]).await],
    );
    let near_nodes = nodes([ports[0], to_far[0].port(), to_far[1].port()]);
    let far_nodes = nodes([to_near[0].port(), ports[1], ports[2]]);
    let mut crew = Crew::default();
    crew.add(world.worker_with(&[(NODES, &near_nodes)]));
    crew.add(world.worker_with(&[
        (NODES, &far_nodes),
        ("PARCELD__REDIS__URL", &format!("redis://{FAR}:any@unused/0")),
    ]));
    world.wait_for_further_calls(20).await;

    let cut = Instant::now();
    part(&world.redis, to_near.iter().chain(&to_far));
    // What is done from here on, the other side cannot know.
    world.wait_for_further_calls(20).await;
    sleep_until(cut + DOWN_AFTER).await;
    group.fail_over();
    let promoted = group.wait_for_failover(FAILOVER_BOUND).await;
    let begun = Instant::now();
    let old = std::mem::replace(&mut world.redis, promoted);
    sleep_until(cut + LEFT_WITHIN).await;
    let made = old.moves();
    world.wait_for_further_calls(1).await;
    let silence = begun.elapsed();
    eprintln!("a new master on the other side: calls again after {silence:.1?}");
    assert!(silence > SILENCE && silence < WORK_AGAIN, "{silence:?}");
    world.wait_for_further_calls(20).await;
    assert_eq!(
        old.role().as_deref(),
        Some("master"),
        "it has heard of the other one"
    );
    assert_eq!(
        old.moves(),
        made,
        "a worker went on with a master that nobody confirmed"
    );

    heal(&old, to_near.iter().chain(&to_far));
    wait_until("the old master is a replica", BOUND, async || {
        let role = old.role();
        if role.as_deref() == Some("slave") {
            Ok(())
        } else {
            Err(format!("{role:?}"))
        }
    })
    .await;
    mixed_outlives_redis(&world, &mut crew, SIXES, assert_only_echoes_failed).await;
}

/// Parts the master from its replicas, from the Sentinels' orders and from the worker on the other side, and each worker
/// from the Sentinels beyond the cut.
fn part<'a>(master: &PrivateRedis, ways: impl Iterator<Item = &'a Proxy>) {
    for command in FROM_REPLICAS.iter().chain(&FROM_SENTINELS) {
        master.command(&["ACL", "SETUSER", "default", &format!("-{command}")]);
    }
    master.command(&["CLIENT", "KILL", "TYPE", "replica"]);
    master.command(&["ACL", "SETUSER", FAR, "off"]);
    master.command(&["CLIENT", "KILL", "USER", FAR]);
    ways.for_each(Proxy::close);
}

fn heal<'a>(old: &PrivateRedis, ways: impl Iterator<Item = &'a Proxy>) {
    ways.for_each(Proxy::open);
    for command in FROM_REPLICAS.iter().chain(&FROM_SENTINELS) {
        old.command(&["ACL", "SETUSER", "default", &format!("+{command}")]);
    }
    old.command(&["ACL", "SETUSER", FAR, "on"]);
}

fn nodes(ports: [u16; 3]) -> String {
    ports.map(|port| format!("127.0.0.1:{port}")).join(",")
}
