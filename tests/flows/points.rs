//! Points that do not suffice for calls other than payments: the balance tells nothing about those.

use parceld_domain::state::State;
use serde_json::json;

use crate::lines::{douyin, taobao};
use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn shipments_that_the_points_do_not_cover_wait_for_a_probe_of_their_own() {
    let world = World::new().await;
    let fault = json!({"code": 204, "msg": "免费次数或点券余额不足,请充值"});
    world
        .inject(json!([{"endpoint": "send", "times": 3, "fault": fault}]))
        .await;
    let ids = world.enqueue_all((0..10).map(taobao)).await;
    world.start_worker_of(1).await;
    world.wait_for_parked("endpoint:send").await;
    let free = world.enqueue(&douyin("9", 1)).await;
    world.wait_for(&free, State::Done).await;
    for id in &ids {
        world.wait_for(id, State::Done).await;
    }
    // The first call, two probes that were refused, and then each shipment once; nobody asked for the balance.
    let ledger = world.judged().await;
    assert_eq!(
        ledger["by_endpoint"],
        json!({"send": 3 + 10, "dy-ship-free": 1}),
        "{ledger}"
    );
    assert_eq!(world.stats().await.parked, []);
}
