//! Three hosts, each with a Redis and a Sentinel, and plugs that are pulled: no connection ends, nothing answers any more.

use std::env;
use std::time::Instant;

use parceld_test_support::judge::{assert_only_echoes_failed, mixed_outlives_redis};
use parceld_test_support::{Crew, Lan, World, jobs};

use crate::PARCELD;
use crate::redis_failover::{
    FAILOVER_BOUND, WORK_AGAIN, assert_looked_up_before_money, assert_unused_until_demoted, move_money,
    wait_for_effects,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_master_that_drops_off_the_network_with_its_last_writes_is_left_and_pays_nothing_twice() {
    const SIXES: usize = 20;
    let Some(lan) = network_of_three() else { return };
    let hosts = lan.hosts().first_chunk().expect("there are three");
    let (mut group, mut world) = World::watched_across(PARCELD, hosts).await;
    let load = jobs::mixed(SIXES);
    let (first, second) = load.split_at(load.len() / 2);
    world.enqueue(first);
    group.wait_until_in_step(&world.redis).await;
    let mut crew = Crew::of(&world, 2);
    wait_for_effects(&world, "order-create", 3).await;

    // What the master does from here on, it alone knows.
    lan.pull(1);
    lan.pull(2);
    move_money(&world).await;
    lan.pull(0);
    let pulled = Instant::now();
    lan.put_back(1);
    lan.put_back(2);
    let promoted = group.wait_for_failover(FAILOVER_BOUND).await;
    let failover = world.calls().await.len();
    let old = std::mem::replace(&mut world.redis, promoted);
    let silence = world.wait_for_further_calls(1).await;
    let outage = pulled.elapsed();
    eprintln!(
        "the master's plug was pulled: another took over, and calls were made again after {outage:.1?}"
    );
    assert!(silence < WORK_AGAIN, "{silence:?}");
    crew.assert_alive();

    world.enqueue(second);
    lan.put_back(0);
    assert_unused_until_demoted(&old).await;
    mixed_outlives_redis(&world, &mut crew, SIXES, assert_only_echoes_failed).await;
    assert_looked_up_before_money(&world, failover).await;
}

/// Nothing where this machine allows no such network; where the project is checked it has to.
fn network_of_three() -> Option<Lan> {
    const CHECKED: &str = "CI";
    match Lan::of(3) {
        Ok(lan) => Some(lan),
        Err(why) if env::var_os(CHECKED).is_none() => {
            eprintln!("not run, for it takes Linux, root and iproute2: {why}");
            None
        }
        Err(why) => panic!("no network: {why}"),
    }
}
