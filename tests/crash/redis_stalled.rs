//! Redis stands still for a while: nobody leaves, and no call in flight is given up.

use std::time::Duration;

use parceld_test_support::judge::clean_ledger;
use parceld_test_support::{BOUND, Crew, World, jobs, wait_until};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::PARCELD;

const STALLS: [Duration; 2] = [Duration::from_millis(800), Duration::from_secs(3)];
const TRADES: usize = 60;
/// Calls that are in flight when Redis stops.
const IN_FLIGHT: u64 = 3;

#[tokio::test(flavor = "multi_thread")]
async fn a_stall_within_the_lease_cancels_no_call_and_repeats_none() {
    let ledger = stall(&[("WORKER__LEASE", "10s")]).await;
    assert_eq!(ledger["by_endpoint"], json!({"send": TRADES}), "{ledger:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stall_beyond_the_lease_costs_look_ups_and_no_second_effect() {
    stall(&[("WORKER__LEASE", "2s")]).await;
}

/// Stops Redis twice amid calls, until every trade is shipped; answers the clean ledger.
async fn stall(settings: &[(&str, &str)]) -> Value {
    let mut world = World::with(PARCELD, settings).await;
    world
        .change_vendor(&json!({"options": {"latency_ms": 500}}))
        .await;
    let load: Vec<Value> = (0..TRADES).map(jobs::taobao).collect();
    world.enqueue(&load);
    let mut crew = Crew::of(&world, 2);
    for stall in STALLS {
        wait_until("calls are in flight", BOUND, async || {
            let in_flight = world.simulator.ledger().await["in_flight"].as_u64();
            if in_flight >= Some(IN_FLIGHT) {
                Ok(())
            } else {
                Err(format!("{in_flight:?}"))
            }
        })
        .await;
        world.redis.freeze();
        sleep(stall).await;
        world.redis.thaw();
    }
    world.wait_for_ended(TRADES).await;
    crew.assert_alive();
    assert_eq!(world.count("done"), TRADES);
    clean_ledger(&world).await
}
