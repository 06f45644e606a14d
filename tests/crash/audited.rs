//! An audit beside workers at work: a job that moves while it is looked at is no finding.

use parceld_test_support::judge::clean_ledger;
use parceld_test_support::{Arrivals, Crew, World, jobs};
use serde_json::json;

use crate::PARCELD;

#[tokio::test(flavor = "multi_thread")]
async fn audits_beside_two_workers_under_a_mixed_load_find_nothing() {
    const SIXES: usize = 12;
    const AUDITS_MIN: usize = 10;
    let world = World::new(PARCELD).await;
    let load = jobs::mixed(SIXES);
    world.enqueue(&load);
    let mut crew = Crew::of(&world, 2);
    let mut audits = 0;
    while world.count("done") + world.count("failed") < load.len() {
        let audit = world.ask(&["audit"]);
        assert_eq!(audit["looked_at"]["jobs"], load.len(), "{audit:#}");
        assert_eq!(audit["findings"], json!([]));
        audits += 1;
    }
    assert!(audits >= AUDITS_MIN, "{audits} audits only");
    crew.assert_alive();
}

#[tokio::test(flavor = "multi_thread")]
async fn audits_that_ask_the_vendor_beside_saturated_workers_find_nothing_and_keep_to_the_limit() {
    const SIXES: usize = 16;
    const AUDITS_MIN: usize = 2;
    let world = World::alone(PARCELD, &[]).await;
    let load = jobs::mixed(SIXES);
    world.enqueue(&load);
    let mut crew = Crew::of(&world, 2);
    let mut audits = 0;
    while world.count("done") + world.count("failed") < load.len() {
        let audit = world.ask(&["audit", "--vendor"]);
        assert_eq!(audit["findings"], json!([]), "{audit:#}");
        audits += 1;
    }
    assert!(audits >= AUDITS_MIN, "{audits} audits only");
    let audit = world.ask(&["audit", "--vendor"]);
    assert_eq!(audit["looked_at"]["vendor"]["ours"], SIXES, "{audit:#}");
    crew.assert_alive();
    let calls = world.calls().await;
    let pages = calls.iter().filter(|call| call["endpoint"] == "get-order-list");
    assert!(pages.count() > audits);
    clean_ledger(&world).await;
    Arrivals::of(&calls).assert_within_the_limit();
}
