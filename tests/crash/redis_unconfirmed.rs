//! The master lives on and most Sentinels fall silent: by then they may have made another one where we cannot see it.

use std::time::Duration;

use parceld_test_support::judge::clean_ledger;
use parceld_test_support::{World, jobs};
use serde_json::Value;
use tokio::time::{Instant, sleep, sleep_until};

use crate::PARCELD;

/// More than can be sent before the master is given up.
const TRADES: usize = 75;
/// How long an unconfirmed master is used at most, and a second for calls that were granted by then.
const STOPPED_WITHIN: Duration = Duration::from_secs(6);
/// At ten calls a second a worker that goes on is seen in this.
const LOOKED_FOR: Duration = Duration::from_secs(1);
/// The longest pause between two claims, and what asking the Sentinels takes.
const WORK_AGAIN: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
async fn without_most_sentinels_calls_stop_within_seconds_and_go_on_when_these_answer() {
    let (mut group, world) = World::watched(PARCELD).await;
    let group = &mut group;
    let load: Vec<Value> = (0..TRADES).map(jobs::taobao).collect();
    world.enqueue(&load);
    let worker = world.worker();
    world.wait_for_further_calls(1).await;

    group.freeze_most_sentinels();
    let frozen = Instant::now();
    world.wait_for_further_calls(1).await;
    sleep_until(frozen + STOPPED_WITHIN).await;
    let sent = world.calls().await.len();
    sleep(LOOKED_FOR).await;
    let later = world.calls().await.len();
    group.thaw_sentinels();
    assert!(sent < TRADES, "the load was over before");
    assert_eq!(
        later, sent,
        "calls went on that nobody had confirmed the master for"
    );

    let silence = world.wait_for_further_calls(1).await;
    eprintln!("{sent} calls until they stopped, again after {silence:.1?}");
    assert!(silence < WORK_AGAIN, "{silence:?}");
    world.wait_for_ended(TRADES).await;
    assert_eq!(world.count("done"), TRADES);
    let ledger = clean_ledger(&world).await;
    // What could not be settled within its lease was looked up, and not sent again.
    assert_eq!(ledger["by_endpoint"]["send"], TRADES, "{ledger:#}");
    let told = worker.stderr();
    let warnings = told
        .iter()
        .filter(|line| line.contains("most Sentinels have not confirmed"));
    assert_eq!(warnings.count(), 1, "{told:#?}");
}
