//! Job lines as an ERP writes them.

use serde_json::{Value, json};

pub(crate) fn taobao(number: usize) -> Value {
    json!({"kind": "taobao.ship", "payload": {
        "shop_id": "1001", "tid": tid(number), "out_sid": format!("YT{number:04}"), "company_code": "YTO",
    }})
}

/// The trade that [`taobao`] ships.
pub(crate) fn tid(number: usize) -> String {
    (1_692_089_714_634_374_000 + number).to_string()
}

pub(crate) fn douyin(shop: &str, number: usize) -> Value {
    json!({"kind": "douyin.ship", "payload": {
        "shop_id": shop, "order_id": format!("48399435156799{number:05}A"),
        "logistics_code": "shentong", "waybill_code": format!("SF{number:08}"),
    }})
}

/// What the ledger calls the shipment of [`douyin`].
pub(crate) fn pair(number: usize) -> String {
    format!("48399435156799{number:05}A/SF{number:08}")
}

pub(crate) fn gift(key: &str) -> Value {
    json!({"kind": "gift.order", "key": key, "payload": {
        "product_id": 28, "warehouse_id": 23, "source": "taobao",
        "consignees": [{"consignee": "张三", "mobile": "15568821111", "province": "浙江", "city": "杭州",
            "district": "余杭区", "address": "余杭街道1号", "platform_order_sn": format!("P-{key}")}],
    }})
}

pub(crate) fn gift_cancel(package_id: &str) -> Value {
    json!({"kind": "gift.cancel", "payload": {"package_id": package_id}})
}

pub(crate) fn orders_sync(owner: &str, number: usize) -> Value {
    json!({"kind": "orders.sync", "payload": {
        "owner_id": owner, "order_sns": [format!("sn-{number}-a"), format!("sn-{number}-b")],
    }})
}

pub(crate) fn logistics_sync(shop: &str) -> Value {
    json!({"kind": "logistics.sync", "payload": {"shop_id": shop}})
}

/// What an ERP sends in an hour, all kinds mixed: so many times six jobs.
pub(crate) fn mixed(sixes: usize) -> Vec<Value> {
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
