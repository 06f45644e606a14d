//! The job lines of the flows, and the ways in which an answer can break.

use parceld_domain::line::JobLine;
use parceld_domain::payload::{GiftOrder, Payload};
use serde_json::{Value, json};

pub(crate) fn tid(number: u64) -> String {
    (1_692_089_714_634_374_000 + number).to_string()
}

pub(crate) fn taobao(number: u64) -> Value {
    taobao_of("1001", number)
}

pub(crate) fn taobao_of(shop: &str, number: u64) -> Value {
    json!({"kind": "taobao.ship", "payload": {
        "shop_id": shop, "tid": tid(number), "out_sid": format!("YT{number:04}"), "company_code": "YTO",
    }})
}

pub(crate) fn douyin(shop: &str, number: u64) -> Value {
    douyin_named(shop, &format!("48399435156799{number:05}A"), number)
}

pub(crate) fn douyin_named(shop: &str, order_id: &str, number: u64) -> Value {
    json!({"kind": "douyin.ship", "payload": {
        "shop_id": shop, "order_id": order_id,
        "logistics_code": "shentong", "waybill_code": format!("SF{number:08}"),
    }})
}

pub(crate) fn gift(key: &str) -> Value {
    gift_for(key, 1)
}

/// A gift order of so many recipients.
pub(crate) fn gift_for(key: &str, recipients: usize) -> Value {
    let consignees: Vec<Value> = (1..=recipients)
        .map(|number| {
            json!({"consignee": "张三", "mobile": "15568821111", "province": "浙江", "city": "杭州",
                "district": "余杭区", "address": "余杭街道1号", "platform_order_sn": format!("P-{key}-{number}")})
        })
        .collect();
    json!({"kind": "gift.order", "key": key, "payload": {
        "product_id": 28, "warehouse_id": 23, "source": "taobao", "consignees": consignees,
    }})
}

/// The order that a gift line asks for.
pub(crate) fn gift_order(line: &Value) -> GiftOrder {
    match JobLine::parse(line.to_string().as_bytes()) {
        Ok(JobLine {
            payload: Payload::GiftOrder(order),
            ..
        }) => order,
        other => panic!("no gift order: {other:?}"),
    }
}

pub(crate) fn cancel(package_id: &str) -> Value {
    json!({"kind": "gift.cancel", "payload": {"package_id": package_id}})
}

pub(crate) fn sync(owner: &str, order_sns: &[String]) -> Value {
    json!({"kind": "orders.sync", "payload": {"owner_id": owner, "order_sns": order_sns}})
}

pub(crate) fn logistics(shop: &str) -> Value {
    json!({"kind": "logistics.sync", "payload": {"shop_id": shop}})
}

/// Every way in which an answer can be lost or be no answer, by a name.
pub(crate) fn breakages() -> Vec<(&'static str, Value)> {
    vec![
        ("101", json!({"code": 101})),
        ("202", json!({"code": 202})),
        ("cut", json!({"cut": true})),
        ("hang", json!({"hang_ms": 1_500})),
        // Beyond the deadline, within the settle time: the effect comes late, whoever waits for it.
        ("slow", json!({"slow_ms": 1_000})),
        ("html", json!({"http": 502, "html": true})),
        ("truncated", json!({"truncate": true})),
        ("mistyped", json!({"mistype": true})),
        ("no-envelope", json!({"not_envelope": true})),
        ("huge", json!({"huge_bytes": 10 << 20})),
        ("drip", json!({"drip": true})),
    ]
}
