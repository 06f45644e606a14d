//! What the ledger says about what was seen.

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::wire::{Vendor, call};

fn send(tid: u64) -> Value {
    json!({"shop_id": "7", "tid": tid, "out_sid": "YT1", "company_code": "YTO"})
}

async fn unpaid_order(vendor: &Vendor) {
    let recipient = json!({
        "consignee": "马云", "mobile": "15568822288", "province": "浙江", "city": "杭州", "district": "余杭区",
        "address": "梦想小镇",
    });
    let order = json!({
        "product_id": 11, "warehouse_id": 23, "source": "tmall", "remark": "ERP-1", "consignees": [recipient],
    });
    vendor.call("order-create", order).await;
}

/// Pays, and waits until the points are taken; the answer will not come while the stream lives.
async fn hanging_payment(vendor: &Vendor) -> TcpStream {
    let hang = json!([{"endpoint": "submit-payment", "when": "after", "fault": {"hang_ms": 60_000}}]);
    vendor.steer("/sim/faults", hang).await;
    let mut stream = vendor.connect().await;
    let payment = call("submit-payment", &json!({"order_id": 375}));
    stream
        .write_all(payment.as_bytes())
        .await
        .expect("the request is taken");
    vendor
        .until("/sim/calls?after=1", |calls| calls[0]["effect"] == true)
        .await;
    stream
}

#[tokio::test]
async fn calls_are_counted_and_control_is_not() {
    let vendor = Vendor::start().await;
    let mut calls = JoinSet::new();
    for tid in 0..12 {
        calls.spawn(async move { vendor.call("send", send(tid)).await });
    }
    calls.join_all().await;
    let ledger = vendor.get("/sim/ledger").await;
    assert_eq!(
        (&ledger["calls"], &ledger["by_endpoint"]),
        (&json!(12), &json!({"send": 12}))
    );
    assert_eq!(
        (&ledger["effects"], &ledger["in_flight"]),
        (&json!(12), &json!(0))
    );
    assert_eq!(ledger["points_withheld"], 12);
    let calls = vendor.get("/sim/calls").await;
    let arrivals: Vec<f64> = calls
        .as_array()
        .expect("calls")
        .iter()
        .filter_map(|call| call["at_ms"].as_f64())
        .collect();
    let within = |from: f64| {
        arrivals
            .iter()
            .filter(|at| (from..from + 1_000.0).contains(*at))
            .count()
    };
    assert_eq!(
        ledger["worst_second"],
        arrivals.iter().map(|from| within(*from)).max().expect("calls")
    );
}

#[tokio::test]
async fn two_calls_over_one_connection_are_two_calls() {
    let vendor = Vendor::start().await;
    let first = call("send", &send(1)).replace("Connection: close\r\n", "");
    let replies = vendor.raw(&format!("{first}{}", call("send", &send(2)))).await;
    assert_eq!(
        String::from_utf8_lossy(&replies)
            .matches("\"success\":true")
            .count(),
        2
    );
    assert_eq!(
        vendor.get("/sim/ledger").await["shipments_per_trade"],
        json!({"1": 1, "2": 1})
    );
}

#[tokio::test]
async fn a_call_arrives_with_its_head_and_not_with_its_body() {
    let vendor = Vendor::start().await;
    let request = call("send", &send(1));
    let (head, body) = request.split_at(request.find("\r\n\r\n").expect("a head ends") + 4);
    let mut stream = vendor.connect().await;
    stream
        .write_all(head.as_bytes())
        .await
        .expect("the head is taken");
    let calls = vendor.until("/sim/calls", |calls| calls[0]["n"] == 1).await;
    assert_eq!(
        (&calls[0]["ended"], &calls[0]["facts"]),
        (&json!(false), &json!({}))
    );
    stream
        .write_all(body.as_bytes())
        .await
        .expect("the body is taken");
    let calls = vendor
        .until("/sim/calls", |calls| calls[0]["ended"] == true)
        .await;
    let facts = json!({"shop": "7", "tid": "1", "out_sid": "YT1"});
    assert_eq!((&calls[0]["facts"], &calls[0]["code"]), (&facts, &json!(0)));
}

#[tokio::test]
async fn payments_in_flight_together_are_seen() {
    let vendor = Vendor::start().await;
    unpaid_order(&vendor).await;
    let _hanging = hanging_payment(&vendor).await;
    vendor.call("submit-payment", json!({"order_id": 375})).await;
    let ledger = vendor.get("/sim/ledger").await;
    assert_eq!(ledger["concurrent_payments"], json!({"375": 2}));
    assert_eq!(ledger["payments_per_order"], json!({"375": 1}));
}

#[tokio::test]
async fn a_payment_whose_caller_has_gone_is_in_flight_only_until_its_effect() {
    let vendor = Vendor::start().await;
    unpaid_order(&vendor).await;
    let stream = hanging_payment(&vendor).await;
    assert_eq!(
        vendor.get("/sim/ledger").await["payments_in_flight"],
        json!({"375": 1})
    );
    drop(stream);
    vendor
        .until("/sim/ledger", |ledger| {
            ledger["payments_in_flight"] == json!({"375": 0})
        })
        .await;
    vendor.call("submit-payment", json!({"order_id": 375})).await;
    assert_eq!(
        vendor.get("/sim/ledger").await["concurrent_payments"],
        json!({"375": 1})
    );
}

#[tokio::test]
async fn the_ledger_and_the_state_hold_no_personal_data() {
    let vendor = Vendor::start().await;
    unpaid_order(&vendor).await;
    let page = json!({"filter": {"mobile": "15568822288"}, "range": [1, 10]});
    assert_eq!(vendor.call("get-package-list", page).await["data"]["total"], "1");
    for path in ["/sim/calls", "/sim/ledger", "/sim/state"] {
        let text = vendor.get(path).await.to_string();
        for personal in ["马云", "15568822288", "梦想小镇"] {
            assert!(!text.contains(personal), "{path}: {personal}");
        }
    }
    let calls = vendor.get("/sim/calls?endpoint=get-package-list&limit=1").await;
    assert_eq!(calls[0]["facts"], json!({"page": "1/10"}));
}

#[tokio::test]
async fn a_reset_forgets_everything_but_the_numbering() {
    let vendor = Vendor::start().await;
    vendor.call("send", send(1)).await;
    vendor
        .steer("/sim/state", json!({"balance": 1, "options": {"latency_ms": 1}}))
        .await;
    vendor
        .steer("/sim/faults", json!([{"fault": {"cut": true}}]))
        .await;
    vendor.steer("/sim/reset", json!({})).await;
    let ledger = vendor.get("/sim/ledger").await;
    assert_eq!((&ledger["calls"], &ledger["first_ms"]), (&json!(0), &Value::Null));
    assert_eq!(
        vendor.call("get-user-balance", json!({})).await["data"]["balance"],
        1_000_000
    );
    assert_eq!(vendor.call("send", send(1)).await["code"], 0);
    let calls = vendor.get("/sim/calls?after=1").await;
    assert_eq!(
        (&calls[0]["n"], &calls[1]["n"], &calls[2]),
        (&json!(2), &json!(3), &Value::Null)
    );
}
