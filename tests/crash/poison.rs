//! A job that kills every worker that makes its call ends as poison; those who shared its calls go on.

use parceld_test_support::judge::{assert_all_ended, clean_ledger};
use parceld_test_support::{Crew, World, jobs};
use serde_json::{Value, json};

use crate::PARCELD;

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_kills_its_workers_ends_as_poison_and_its_batch_mates_are_shipped() {
    const MATES: usize = 3;
    const DEATHS: usize = 3;
    let world = World::new(PARCELD).await;
    // The first of the batch is the one whose calls kill.
    let hang = json!([{"endpoint": "dy-ship-free", "times": 100, "match": {"pair": jobs::pair(0)}, "fault": {"hang_ms": 60_000}}]);
    world.simulator.inject(&hang).await;
    let load: Vec<Value> = (0..=MATES).map(|number| jobs::douyin("2002", number)).collect();
    let ids = world.enqueue(&load);
    let mut crew = Crew::of(&world, 1);
    let mut last = 0;
    for _ in 0..DEATHS {
        let deadly = |call: &Value| call["n"].as_u64() > Some(last) && call["fault"] == "hang";
        let call = world.wait_for_call("the deadly call", deadly).await;
        last = call["n"].as_u64().expect("a number");
        crew.take_holder(&world, &ids[0]).kill();
        crew.hire(&world);
    }
    world.wait_for_ended(load.len()).await;
    let poisoned = world.job(&ids[0]);
    assert_eq!(poisoned["state"], "failed", "{poisoned:#}");
    assert_eq!(poisoned["error"]["class"], "poison", "{poisoned:#}");
    for id in &ids[1..] {
        let mate = world.job(id);
        assert_eq!(mate["state"], "done", "{mate:#}");
    }
    assert_all_ended(&world, load.len());
    let ledger = clean_ledger(&world).await;
    assert_eq!(
        ledger["calls_per_douyin_pair"][jobs::pair(0)],
        DEATHS,
        "{ledger:#}"
    );
}
