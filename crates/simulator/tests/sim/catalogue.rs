//! What can be ordered: products and warehouses.

use serde_json::{Value, json};

use crate::gift::created;
use crate::wire::Vendor;

#[tokio::test]
async fn the_catalogue_prices_goods_in_yuan_and_freight_in_points() {
    let vendor = Vendor::start().await;
    let list = vendor.call("get-product-list", json!({"range": [1, 2]})).await["data"].clone();
    assert_eq!(list["total"], 4);
    assert_eq!(list["list"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        (&list["list"][0]["sale_price"], &list["list"][0]["shipping_fee"]),
        (&json!(0.6), &json!(185))
    );
    let info = vendor.call_form("get-shop-info", &[("id", "28")]).await["data"].clone();
    assert_eq!(
        (&info["name"], &info["shipping_fee"]),
        (&json!("丝滑纸巾"), &json!("185"))
    );
    assert_eq!(
        vendor.call("get-shop-info", json!({"id": 1})).await["code"],
        10402
    );
    let products =
        json!([{"id": 5, "name": "x", "sale_price": "1.5", "shipping_fee": 3, "warehouse_id": 23}]);
    vendor.steer("/sim/state", json!({ "products": products })).await;
    assert_eq!(
        vendor.call("get-product-list", json!({})).await["data"]["list"][0]["sale_price"],
        json!(1.5)
    );
}

#[tokio::test]
async fn a_warehouse_names_the_areas_it_does_not_serve_today() {
    let vendor = Vendor::start().await;
    let warehouses = vendor.call("list-warehouse", json!({})).await["data"].clone();
    let bans = &warehouses[0]["forbidSend"];
    assert_eq!(bans[0]["district"], json!(["北京市"]));
    assert_eq!(bans[1]["district"], json!(["黑龙江省/伊春市"]));
    let now = present(&vendor).await;
    let time = |ban: &Value, name: &str| ban[name].as_str().expect("a time").to_owned();
    assert!(time(&bans[0], "startTime") < now && now < time(&bans[0], "endTime"));
    let past = &warehouses[1]["forbidSend"][0];
    assert!(time(past, "endTime") < now);
}

/// The vendor's present time, as it stands in the row of a new order.
async fn present(vendor: &Vendor) -> String {
    created(vendor, "now").await;
    let list = vendor.call("get-order-list", json!({"range": [1, 1]})).await;
    list["data"]["list"][0]["create_time"]
        .as_str()
        .expect("a time")
        .to_owned()
}
