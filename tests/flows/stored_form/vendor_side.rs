//! What the vendor knew when a fixture was taken, made anew at a fresh simulator by the same calls.

use std::time::Duration;

use parceld_domain::id::Id;
use parceld_domain::kind::Kind;
use parceld_domain::payload::Payload;
use serde_json::{Value, json};
use tokio::time::{Interval, interval};

use super::fixture::Fixture;
use crate::lines::{gift_for, gift_order};
use crate::world::World;

/// The ledger counts these calls as well.
const PACE: Duration = Duration::from_millis(110);
const UNPAID: u64 = 1;
const CANCELLED: u64 = 4;

/// Makes the fixture's orders and shipments. The simulator numbers orders and packages as they come, so these are the
/// same again; an order's `order_sn` has the time in it, and the fixture takes over the new one.
pub(super) async fn repeat(world: &World, fixture: &mut Fixture) {
    let mut pace = interval(PACE);
    world
        .change_vendor(json!({"logistics": {"8": 100, "9": 3}, "options": {"ship_after_ms": 600_000, "page_size_cap": 40}}))
        .await;
    let orders = fixture.vendor["orders"]
        .as_array()
        .expect("the vendor's orders")
        .clone();
    for order in &orders {
        make_order(world, fixture, order, &mut pace).await;
    }
    let kept = fixture.keys_of("gift.cancel");
    for package in orders.iter().flat_map(packages) {
        let id = package["package_id"].to_string();
        if package["status"].as_u64() > Some(UNPAID) && !kept.contains(&id) {
            world.change_vendor(json!({"packages": {id: "ship"}})).await;
        }
    }
    for (tid, trade) in fixture.vendor["trades"].as_object().expect("the vendor's trades") {
        let shipments = trade["shipments"].as_object().expect("shipments by their part");
        for shipment in shipments.values() {
            pace.tick().await;
            ship(world, tid, trade, shipment).await;
        }
    }
    world.set_option("ship_after_ms", 100).await;
}

fn packages(order: &Value) -> &[Value] {
    order["packages"].as_array().expect("the packages of an order")
}

async fn make_order(world: &World, fixture: &mut Fixture, order: &Value, pace: &mut Interval) {
    let vendor = world.vendor();
    let remark = order["remark"].as_str().expect("every order has a remark");
    pace.tick().await;
    let asked = gift_order(&gift_for(remark, packages(order).len()));
    let made = vendor.order_create(&asked, remark).await.expect("an order");
    assert_eq!(
        made.order_id.to_string(),
        order["order_id"].to_string(),
        "{remark}"
    );
    fixture.replace(
        order["order_sn"].as_str().expect("its number"),
        &made.order_sn.to_string(),
    );
    if packages(order).iter().all(|package| package["status"] == UNPAID) {
        return;
    }
    pace.tick().await;
    vendor
        .submit_payment(&made.order_id, None)
        .await
        .expect("its payment");
    for package in packages(order)
        .iter()
        .filter(|package| package["status"] == CANCELLED)
    {
        pace.tick().await;
        let id: Id = serde_json::from_value(package["package_id"].clone()).expect("a package's id");
        vendor.get_package_cancel(&id).await.expect("its cancellation");
    }
}

async fn ship(world: &World, tid: &str, trade: &Value, shipment: &Value) {
    let payload = json!({
        "shop_id": trade["shop"], "tid": tid,
        "out_sid": shipment["out_sid"], "company_code": shipment["company_code"],
    });
    let Ok(Payload::TaobaoShip(payload)) = Payload::decode(Kind::TaobaoShip, &payload.to_string()) else {
        panic!("no shipment: {payload}");
    };
    world.vendor().send(&payload).await.expect("its shipment");
}
