//! Probes: one call tries whether a parked scope has healed, with growing pauses; parked time costs nothing else.

use parceld_domain::state::State;
use serde_json::{Value, json};

use crate::gift_orders::world_that_ships_after;
use crate::lines::{gift, taobao, taobao_of};
use crate::world::World;

/// When calls of this endpoint arrived, milliseconds.
async fn arrivals(world: &World, endpoint: &str) -> Vec<f64> {
    let calls = world.calls(endpoint).await;
    calls.iter().map(|call| call["at_ms"].as_f64().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn probes_are_the_only_calls_of_a_parked_scope_and_their_pauses_grow() {
    let world = World::new().await;
    world.set_option("access_token", "renewed").await;
    world.enqueue_all((0..3).map(taobao)).await;
    world.start_worker_of(1).await;
    world
        .wait_for_ledger("two probes were made", |ledger| {
            ledger["by_endpoint"]["get-user-balance"] == 2
        })
        .await;
    assert_eq!(world.calls("send").await.len(), 1);
    let probes = arrivals(&world, "get-user-balance").await;
    let parked = arrivals(&world, "send").await[0];
    let pauses = [probes[0] - parked, probes[1] - probes[0]];
    assert!(pauses[0] > 1_500.0 && pauses[1] > 1.5 * pauses[0], "{pauses:?}");
    world.judged().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_has_authorised_is_found_out_by_a_probe() {
    let world = World::new().await;
    world.change_vendor(json!({"shops": {"7": "unauthorised"}})).await;
    let ids = world
        .enqueue_all((0..20).map(|number| taobao_of("7", number)))
        .await;
    world.start_worker_of(1).await;
    world.wait_for_parked("shop:7").await;
    world.change_vendor(json!({"shops": {"7": "authorised"}})).await;
    for id in &ids {
        let job = world.wait_for(id, State::Done).await;
        let attempts: u32 = job.fields["attempts"].parse().unwrap();
        assert!(attempts <= 1, "{job:?}");
    }
    // Probe by probe they would take a quarter of an hour.
    assert_eq!(world.stats().await.parked, []);
    let ledger = world.judged().await;
    assert_eq!(ledger["calls"], 21, "{ledger}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_sweep_whose_endpoint_is_parked_goes_on_when_a_probe_succeeds() {
    let world = world_that_ships_after(100).await;
    world
        .inject(json!([{"endpoint": "get-package-list", "fault": {"code": 203}},
            {"endpoint": "get-product-list", "fault": {"http": 404, "html": true}}]))
        .await;
    world.start_worker().await;
    let id = world.enqueue(&gift("G-1")).await;
    world.wait_for_parked("endpoint:get-product-list").await;
    world.wait_for(&id, State::Done).await;
    let ledger = world.judged().await;
    assert_eq!(ledger["paid_orders_per_remark"], json!({"G-1": 1}));
    assert_eq!(world.stats().await.parked, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_of_a_look_up_whose_shop_is_parked_heals_it() {
    let world = World::new().await;
    let refused = json!({"code": 302});
    world
        .inject(
            json!([{"endpoint": "send", "when": "after", "fault": {"cut": true}},
            {"endpoint": "detail", "fault": refused}]),
        )
        .await;
    world.start_worker().await;
    let id = world.enqueue(&taobao(1)).await;
    world.wait_for_parked("shop:1001").await;
    let job = world.wait_for(&id, State::Done).await;
    let result: Value = serde_json::from_str(&job.fields["result"]).unwrap();
    assert_eq!(result["settled_by"], "look-up");
    assert_eq!(world.judged().await["by_endpoint"]["send"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_of_a_shop_that_meets_an_invalid_token_says_nothing_about_the_shop() {
    let world = World::new().await;
    world.change_vendor(json!({"shops": {"7": "unauthorised"}})).await;
    world.enqueue(&taobao_of("7", 1)).await;
    world.start_worker_of(1).await;
    world.wait_for_parked("shop:7").await;
    world.set_option("access_token", "renewed").await;
    world.wait_for_parked("account").await;
    world
        .wait_for_ledger("the account was probed", |ledger| {
            ledger["by_endpoint"]["get-user-balance"] == 1
        })
        .await;
    let mut parked: Vec<String> = world
        .stats()
        .await
        .parked
        .into_iter()
        .map(|parked| parked.scope)
        .collect();
    parked.sort();
    assert_eq!(parked, ["account", "shop:7"]);
    world.judged().await;
}
