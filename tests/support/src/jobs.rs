//! Job lines as an ERP writes them.

use serde_json::{Value, json};

/// A shipment of the trade [`tid`] in one shop.
pub fn taobao(number: usize) -> Value {
    json!({"kind": "taobao.ship", "payload": {
        "shop_id": "1001", "tid": tid(number), "out_sid": format!("YT{number:04}"), "company_code": "YTO",
    }})
}

/// The trade that [`taobao`] ships.
pub fn tid(number: usize) -> String {
    (1_692_089_714_634_374_000 + number).to_string()
}

/// A shipment of the pair [`pair`] in a shop.
pub fn douyin(shop: &str, number: usize) -> Value {
    json!({"kind": "douyin.ship", "payload": {
        "shop_id": shop, "order_id": format!("48399435156799{number:05}A"),
        "logistics_code": "shentong", "waybill_code": format!("SF{number:08}"),
    }})
}

/// What the ledger calls the shipment of [`douyin`].
pub fn pair(number: usize) -> String {
    format!("48399435156799{number:05}A/SF{number:08}")
}

/// A gift order of one parcel under this key.
pub fn gift(key: &str) -> Value {
    json!({"kind": "gift.order", "key": key, "payload": {
        "product_id": 28, "warehouse_id": 23, "source": "taobao",
        "consignees": [{"consignee": "张三", "mobile": "15568821111", "province": "浙江", "city": "杭州",
            "district": "余杭区", "address": "余杭街道1号", "platform_order_sn": format!("P-{key}")}],
    }})
}

/// A cancellation of a package.
pub fn gift_cancel(package_id: &str) -> Value {
    json!({"kind": "gift.cancel", "payload": {"package_id": package_id}})
}

/// A look at two orders of an owner.
pub fn orders_sync(owner: &str, number: usize) -> Value {
    json!({"kind": "orders.sync", "payload": {
        "owner_id": owner, "order_sns": [format!("sn-{number}-a"), format!("sn-{number}-b")],
    }})
}

/// A look at the shippings of a shop.
pub fn logistics_sync(shop: &str) -> Value {
    json!({"kind": "logistics.sync", "payload": {"shop_id": shop}})
}

/// What an ERP sends in an hour, all kinds mixed: so many times six jobs.
pub fn mixed(sixes: usize) -> Vec<Value> {
    let six = |number: usize| {
        [
            taobao(2 * number),
            douyin(&format!("shop-{}", number % 3), 2 * number),
            gift(&format!("G-{number}")),
            taobao(2 * number + 1),
            douyin(&format!("shop-{}", number % 3), 2 * number + 1),
            orders_sync(&format!("owner-{}", number % 2), number),
        ]
    };
    (0..sixes).flat_map(six).collect()
}
