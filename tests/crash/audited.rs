//! An audit beside workers at work: a job that moves while it is looked at is no finding.

use parceld_test_support::{Crew, World, jobs};
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
