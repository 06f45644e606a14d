//! Workers killed at random instants under load: everything ends, nothing twice, never more than the limit.

use std::time::{Duration, Instant};

use parceld_test_support::judge::{assert_all_done, clean_ledger, clean_ledger_of_mixed};
use parceld_test_support::{Arrivals, Crew, Random, World, jobs};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::PARCELD;

#[tokio::test(flavor = "multi_thread")]
async fn twenty_kills_at_random_instants_lose_nothing_and_repeat_no_effect() {
    const SIXES: usize = 25;
    const KILLS: usize = 20;
    let mut random = Random::seeded();
    let world = World::new(PARCELD).await;
    let load = jobs::mixed(SIXES);
    world.enqueue(&load);
    let mut crew = Crew::of(&world, 3);
    for _ in 0..KILLS {
        sleep(random.pause(200, 900)).await;
        crew.replace_any(&world, &mut random).kill();
    }
    world.wait_for_ended(load.len()).await;
    retry_the_poisoned(&world).await;
    world.wait_for_ended(load.len()).await;
    assert_all_done(&world, load.len());
    clean_ledger_of_mixed(&world, SIXES).await;
    crew.assert_alive();
}

#[tokio::test(flavor = "multi_thread")]
async fn four_saturated_workers_killed_in_between_never_exceed_ten_calls_in_any_second() {
    const TRADES: usize = 140;
    const KILLS: usize = 5;
    const AT_LEAST: Duration = Duration::from_secs(12);
    let mut random = Random::seeded();
    let world = World::alone(PARCELD, &[]).await;
    let load: Vec<Value> = (0..TRADES).map(jobs::taobao).collect();
    world.enqueue(&load);
    let begun = Instant::now();
    let mut crew = Crew::of(&world, 4);
    for _ in 0..KILLS {
        sleep(random.pause(1_500, 2_500)).await;
        crew.replace_any(&world, &mut random).kill();
    }
    world.wait_for_ended(TRADES).await;
    assert!(
        begun.elapsed() >= AT_LEAST,
        "saturated for {:?} only",
        begun.elapsed()
    );
    let ledger = clean_ledger(&world).await;
    Arrivals::of(&world.calls().await).assert_within_the_limit();
    // A full second shows that the limit was reached at all.
    assert!(ledger["worst_second"].as_u64() >= Some(9), "{ledger:#}");
    assert_eq!(
        ledger["shipments_per_trade"]
            .as_object()
            .map(|trades| trades.len()),
        Some(TRADES)
    );
}

/// A job that three random kills have met counts as poison, rightly; retried, it begins with its look-up.
pub(crate) async fn retry_the_poisoned(world: &World) {
    let failed = world.ask(&["jobs", "list", "--state", "failed", "--limit", "1000"]);
    let failed = failed.as_array().expect("an array of jobs");
    for job in failed {
        assert_eq!(job["error"]["class"], "poison", "{job:#}");
    }
    if !failed.is_empty() {
        let retried = world.ask(&["jobs", "retry", "--state", "failed"]);
        assert_eq!(retried, json!({"retried": failed.len()}));
    }
}
