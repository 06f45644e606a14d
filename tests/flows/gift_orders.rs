//! Gift orders: create, pay, poll; at most one vendor order is ever paid.

use parceld_domain::state::State;
use serde_json::{Value, json};

use crate::world::World;

pub(crate) fn gift(key: &str) -> Value {
    json!({"kind": "gift.order", "key": key, "payload": {
        "product_id": 28, "warehouse_id": 23, "source": "taobao",
        "consignees": [{"consignee": "张三", "mobile": "15568821111", "province": "浙江", "city": "杭州",
            "district": "余杭区", "address": "余杭街道1号", "platform_order_sn": format!("P-{key}")}],
    }})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gift_order_is_created_paid_and_polled_until_its_waybill_is_known() {
    let world = World::new().await;
    world
        .change_vendor(json!({"options": {"ship_after_ms": 100}}))
        .await;
    world.start_worker().await;
    let id = world.enqueue(&gift("G-1")).await;
    let job = world.wait_for(&id, State::Done).await;
    let result: Value = serde_json::from_str(&job.fields["result"]).unwrap();
    assert!(
        !result["packages"][0]["express_no"].as_str().unwrap().is_empty(),
        "{result}"
    );
    let ledger = world.ledger().await;
    assert_eq!(ledger["orders_per_remark"], json!({"G-1": 1}));
    assert_eq!(ledger["paid_orders_per_remark"], json!({"G-1": 1}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_cut_off_after_its_effect_is_looked_up_and_not_repeated() {
    let world = World::new().await;
    world
        .change_vendor(json!({"options": {"ship_after_ms": 100}}))
        .await;
    world
        .inject(json!([{"endpoint": "submit-payment", "when": "after", "times": 1, "fault": {"cut": true}}]))
        .await;
    world.start_worker().await;
    let id = world.enqueue(&gift("G-2")).await;
    world.wait_for(&id, State::Done).await;
    let ledger = world.ledger().await;
    assert_eq!(ledger["by_endpoint"]["submit-payment"], 1, "{ledger}");
    assert_eq!(ledger["paid_orders_per_remark"], json!({"G-2": 1}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_cut_off_after_its_effect_is_found_by_its_remark_and_not_repeated() {
    let world = World::new().await;
    world
        .change_vendor(json!({"options": {"ship_after_ms": 100}}))
        .await;
    world
        .inject(json!([{"endpoint": "order-create", "when": "after", "times": 1, "fault": {"cut": true}}]))
        .await;
    world.start_worker().await;
    let id = world.enqueue(&gift("G-3")).await;
    world.wait_for(&id, State::Done).await;
    let ledger = world.ledger().await;
    assert_eq!(ledger["orders_per_remark"], json!({"G-3": 1}));
    assert_eq!(ledger["paid_orders_per_remark"], json!({"G-3": 1}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_cut_off_before_its_effect_is_looked_for_twice_and_made_once() {
    let world = World::new().await;
    world
        .change_vendor(json!({"options": {"ship_after_ms": 100}}))
        .await;
    world
        .inject(json!([{"endpoint": "order-create", "when": "before", "times": 1, "fault": {"cut": true}}]))
        .await;
    world.start_worker().await;
    let id = world.enqueue(&gift("G-4")).await;
    world.wait_for(&id, State::Done).await;
    let ledger = world.ledger().await;
    assert_eq!(ledger["orders_per_remark"], json!({"G-4": 1}));
    assert!(
        ledger["by_endpoint"]["get-order-list"].as_u64().unwrap() >= 2,
        "{ledger}"
    );
}
