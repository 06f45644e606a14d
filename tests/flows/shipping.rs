//! Shipments: Taobao one by one, Douyin in batches.

use parceld_domain::state::State;
use serde_json::{Value, json};

use crate::world::World;

fn taobao(number: u64) -> Value {
    json!({"kind": "taobao.ship", "payload": {
        "shop_id": "1001", "tid": (1_692_089_714_634_374_000 + number).to_string(),
        "out_sid": format!("YT{number:04}"), "company_code": "YTO",
    }})
}

fn douyin(shop: &str, number: u64) -> Value {
    json!({"kind": "douyin.ship", "payload": {
        "shop_id": shop, "order_id": format!("48399435156799{number:05}A"),
        "logistics_code": "shentong", "waybill_code": format!("SF{number:08}"),
    }})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taobao_trade_is_shipped_once_and_its_charge_recorded() {
    let world = World::new().await;
    world.start_worker().await;
    let id = world.enqueue(&taobao(1)).await;
    let job = world.wait_for(&id, State::Done).await;
    assert_eq!(job.fields["result"], r#"{"withholding_money":1}"#);
    assert_eq!(
        world.ledger().await["shipments_per_trade"]["1692089714634374001"],
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_douyin_orders_of_four_shops_share_few_calls() {
    let world = World::new().await;
    for number in 0..200 {
        world
            .enqueue(&douyin(&format!("shop-{}", number % 4), number))
            .await;
    }
    world.start_worker().await;
    world.wait_for_count(State::Done, 200).await;
    assert_eq!(world.ledger().await["calls"], 4);
}
