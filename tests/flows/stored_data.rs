//! Stored data that was spoilt by hand: the job goes to a person, its neighbours go on.

use parceld_domain::audit::Fault;
use parceld_domain::state::State;
use serde_json::json;

use crate::gift_orders::{packages_of, world_that_ships_after};
use crate::lines::{cancel, douyin, gift, taobao};
use crate::world::World;

fn spoil(world: &World, id: &str, field: &str, value: &str) {
    world.redis(&["HSET", &format!("{{}}:job:{id}"), field, value]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_cannot_be_read_goes_to_a_person_and_its_batch_mates_go_on() {
    let world = World::new().await;
    let ids = world.enqueue_all((0..12).map(|number| douyin("7", number))).await;
    spoil(&world, &ids[3], "payload", r#"{"shop_id":"7","order_id""#);
    spoil(&world, &ids[4], "payload", r#"{"tid":"张三"}"#);
    spoil(&world, &ids[5], "kind", "douyin.ships");
    spoil(&world, &ids[6], "memory", "not JSON");
    world.start_worker().await;
    world.wait_for_count(State::Done, 8).await;
    for id in &ids[3..7] {
        let job = world.wait_for(id, State::Failed).await;
        assert_eq!(job.fields["class"], "human", "{job:?}");
        assert!(!job.fields["advice"].is_empty());
        assert!(!job.fields["msg"].contains("张三"), "{job:?}");
    }
    // A kind that nobody knows has no key and no counter.
    let spoilt = [Fault::JobUnreadable, Fault::KeyElsewhere, Fault::CountWrong];
    world.judged_but_for(&spoilt).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_that_cannot_be_read_does_not_stop_the_lane() {
    let world = World::new().await;
    let ids = world.enqueue_all((0..3).map(|number| douyin("7", number))).await;
    spoil(&world, &ids[0], "state", "redy");
    world.redis(&["DEL", &format!("{{}}:job:{}", ids[1])]);
    world.start_worker().await;
    world.wait_for(&ids[2], State::Done).await;
    let later = world.enqueue(&taobao(1)).await;
    world.wait_for(&later, State::Done).await;
    assert_eq!(world.ledger().await["calls"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_job_that_cannot_be_read_goes_to_a_person_and_the_sweep_goes_on() {
    let world = world_that_ships_after(60_000).await;
    world.start_worker().await;
    let ids = world.enqueue_all(["G-1", "G-2", "G-3"].map(gift)).await;
    let mut packages = Vec::new();
    for id in &ids {
        packages.extend(packages_of(&world, id).await);
    }
    spoil(&world, &ids[0], "payload", "{");
    spoil(&world, &ids[1], "memory", "{");
    for id in &ids[..2] {
        let job = world.wait_for(id, State::Failed).await;
        assert_eq!(job.fields["class"], "human", "{job:?}");
    }
    let cancelled = world.enqueue(&cancel(&packages[2])).await;
    world.wait_for(&cancelled, State::Done).await;
    world.wait_for(&ids[2], State::Done).await;
    let ledger = world.judged_but_for(&[Fault::JobUnreadable]).await;
    assert_eq!(ledger["cancels_per_package"], json!({(packages[2].as_str()): 1}));
}
