//! Gift orders that the catalogue shows to be doomed: refused before they cost a call.

use parceld_domain::state::State;
use serde_json::{Value, json};

use crate::gift_orders::world_that_ships_after;
use crate::lines::gift;

fn changed(key: &str, change: impl FnOnce(&mut Value)) -> Value {
    let mut line = gift(key);
    change(&mut line["payload"]);
    line
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_products_and_warehouses_and_forbidden_areas_are_refused_without_a_create() {
    let world = world_that_ships_after(100).await;
    world.start_worker().await;
    let refused = [
        (
            changed("no-product", |order| order["product_id"] = json!(999)),
            "10402",
            "999",
        ),
        (
            changed("no-warehouse", |order| order["warehouse_id"] = json!(998)),
            "10403",
            "998",
        ),
        (
            changed("no-way", |order| {
                order["consignees"][0]["province"] = json!("北京");
                order["consignees"][0]["city"] = json!("北京市");
            }),
            "",
            "北京市",
        ),
    ];
    for (line, code, words) in refused {
        let id = world.enqueue(&line).await;
        let job = world.wait_for(&id, State::Failed).await;
        assert_eq!(job.fields["code"], code, "{job:?}");
        assert_eq!(job.fields["class"], "terminal");
        assert!(job.fields["msg"].contains(words), "{job:?}");
        assert_eq!(job.fields["attempts"], "0");
    }
    let ledger = world.judged().await;
    assert_eq!(ledger["by_endpoint"]["order-create"], Value::Null, "{ledger}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_that_is_newer_than_the_catalogue_is_fetched_and_ordered() {
    let world = world_that_ships_after(100).await;
    world.start_worker().await;
    let id = world.enqueue(&gift("G-old")).await;
    world.wait_for(&id, State::Done).await;
    let products = json!([
        {"id": 28, "name": "丝滑纸巾", "sale_price": "0.6", "shipping_fee": 185, "warehouse_id": 23},
        {"id": 77, "name": "新品", "sale_price": "1.2", "shipping_fee": 185, "warehouse_id": 23},
    ]);
    world.change_vendor(json!({"products": products})).await;
    let id = world
        .enqueue(&changed("G-new", |order| order["product_id"] = json!(77)))
        .await;
    world.wait_for(&id, State::Done).await;
    let ledger = world.judged().await;
    assert_eq!(ledger["by_endpoint"]["get-product-list"], 2, "{ledger}");
    assert_eq!(ledger["paid_orders_per_remark"], json!({"G-old": 1, "G-new": 1}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_that_the_vendor_refuses_after_all_fails_with_its_code_and_frees_the_key() {
    let world = world_that_ships_after(100).await;
    world
        .inject(json!([{"endpoint": "order-create", "fault": {"code": 10_402}}]))
        .await;
    world.start_worker().await;
    let id = world.enqueue(&gift("G-1")).await;
    let job = world.wait_for(&id, State::Failed).await;
    assert_eq!(job.fields["code"], "10402", "{job:?}");
    // Nothing of it can be paid, so another payload may take the key over, under a remark of its own.
    let second = world
        .enqueue(&changed("G-1", |order| {
            order["consignees"][0]["address"] = json!("余杭街道2号")
        }))
        .await;
    assert_ne!(second, id);
    world.wait_for(&second, State::Done).await;
    assert_eq!(
        world.judged().await["paid_orders_per_remark"],
        json!({"G-1#2": 1})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_behind_the_first_page_is_known_and_may_be_listed_beside_another_warehouse() {
    let world = world_that_ships_after(100).await;
    world.set_option("page_size_cap", 1).await;
    let products = json!([
        {"id": 77, "name": "新品", "sale_price": "1.2", "shipping_fee": 185, "warehouse_id": 23},
        {"id": 28, "name": "丝滑纸巾", "sale_price": "0.6", "shipping_fee": 185, "warehouse_id": 13},
    ]);
    world.change_vendor(json!({"products": products})).await;
    world.start_worker().await;
    let id = world.enqueue(&gift("G-1")).await;
    world.wait_for(&id, State::Done).await;
    let ledger = world.judged().await;
    assert_eq!(ledger["by_endpoint"]["get-product-list"], 2, "{ledger}");
}
