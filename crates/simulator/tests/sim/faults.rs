//! Faults as a client sees them, before and after the effect.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::wire::{Vendor, body_of, call};

fn send(tid: &str) -> Value {
    json!({"shop_id": "7", "tid": tid, "out_sid": "YT1", "company_code": "YTO"})
}

async fn struck(when: &str, fault: Value) -> (Vendor, Vec<u8>) {
    let vendor = Vendor::start().await;
    let rule = json!([{"endpoint": "send", "when": when, "fault": fault}]);
    let left = vendor.steer("/sim/faults", rule).await;
    assert_eq!(left["rules"].as_array().map(Vec::len), Some(1), "{left}");
    let reply = vendor.raw(&call("send", &send("1"))).await;
    (vendor, reply)
}

async fn shipments(vendor: &Vendor) -> Value {
    vendor.get("/sim/ledger").await["shipments_per_trade"].clone()
}

#[tokio::test]
async fn a_cut_before_leaves_nothing_and_a_cut_after_leaves_the_effect() {
    let (vendor, reply) = struck("before", json!({"cut": true})).await;
    assert!(reply.is_empty());
    assert_eq!(shipments(&vendor).await, json!({}));
    let (vendor, reply) = struck("after", json!({"cut": true})).await;
    assert!(reply.is_empty());
    assert_eq!(shipments(&vendor).await, json!({"1": 1}));
    let calls = vendor.get("/sim/calls").await;
    assert_eq!(
        (&calls[0]["fault"], &calls[0]["code"], &calls[0]["effect"]),
        (&json!("cut"), &Value::Null, &json!(true))
    );
    assert_eq!(calls[0]["ended"], true);
}

#[tokio::test]
async fn a_code_takes_the_place_of_the_answer() {
    let fault = json!({"code": 204, "msg": "请求异常:无该接口权限", "data": {"url": "x"}});
    let (vendor, reply) = struck("after", fault).await;
    let envelope: Value = serde_json::from_slice(body_of(&reply)).expect("an envelope");
    assert_eq!(
        (&envelope["code"], &envelope["data"]),
        (&json!(204), &json!({"url": "x"}))
    );
    assert_eq!(shipments(&vendor).await, json!({"1": 1}));
    assert_eq!(vendor.get("/sim/ledger").await["faults"], json!({"code": 1}));
    let (vendor, reply) = struck("before", json!({"code": 101})).await;
    assert!(String::from_utf8_lossy(&reply).contains("请求超时,请重试"));
    assert_eq!(shipments(&vendor).await, json!({}));
}

#[tokio::test]
async fn a_hanging_call_is_cut_in_the_end() {
    let (vendor, reply) = struck("after", json!({"hang_ms": 20})).await;
    assert!(reply.is_empty());
    assert_eq!(shipments(&vendor).await, json!({"1": 1}));
}

#[tokio::test]
async fn a_slow_answer_is_the_usual_one() {
    for when in ["before", "after"] {
        let (vendor, reply) = struck(when, json!({"slow_ms": 20})).await;
        assert!(String::from_utf8_lossy(&reply).contains(r#""success":true"#));
        assert_eq!(shipments(&vendor).await, json!({"1": 1}));
    }
}

#[tokio::test]
async fn an_http_error_brings_a_page_or_the_answer_under_its_status() {
    let (vendor, reply) = struck("before", json!({"http": 502, "html": true})).await;
    let text = String::from_utf8_lossy(&reply).into_owned();
    assert!(
        text.starts_with("HTTP/1.1 502 ") && text.contains("<html>"),
        "{text}"
    );
    assert_eq!(shipments(&vendor).await, json!({}));
    let (_, reply) = struck("after", json!({"http": 500})).await;
    let text = String::from_utf8_lossy(&reply).into_owned();
    assert!(
        text.starts_with("HTTP/1.1 500 ") && text.contains(r#""success":true"#),
        "{text}"
    );
}

#[tokio::test]
async fn a_truncated_answer_promises_more_than_it_brings() {
    let (vendor, reply) = struck("after", json!({"truncate": true})).await;
    let text = String::from_utf8_lossy(&reply).into_owned();
    let promised: usize = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .and_then(|length| length.parse().ok())
        .expect("a promised length");
    let body = body_of(&reply);
    assert_eq!(body.len(), promised / 2);
    assert!(body.starts_with(b"{") && serde_json::from_slice::<Value>(body).is_err());
    assert_eq!(shipments(&vendor).await, json!({"1": 1}));
}

#[tokio::test]
async fn mistyped_and_foreign_json_parse_and_are_no_envelope() {
    let (_, reply) = struck("before", json!({"mistype": true})).await;
    let document: Value = serde_json::from_slice(body_of(&reply)).expect("JSON");
    assert!(document["msg"].is_number() && document["data"].is_string());
    let (_, reply) = struck("before", json!({"not_envelope": true})).await;
    let document: Value = serde_json::from_slice(body_of(&reply)).expect("JSON");
    assert!(document.get("code").is_none());
}

#[tokio::test]
async fn a_huge_answer_has_all_its_bytes() {
    let (_, reply) = struck("before", json!({"huge_bytes": 300_000})).await;
    assert_eq!(reply.iter().filter(|byte| **byte == b'x').count(), 300_000);
}

#[tokio::test]
async fn a_dripping_answer_goes_on_until_its_reader_goes() {
    let vendor = Vendor::start().await;
    vendor
        .steer("/sim/faults", json!([{"fault": {"drip": true}}]))
        .await;
    let mut stream = vendor.connect().await;
    stream
        .write_all(call("send", &send("1")).as_bytes())
        .await
        .expect("the request is taken");
    let mut seen = Vec::new();
    while seen.iter().filter(|byte| **byte == b' ').count() < 20 {
        assert!(stream.read_buf(&mut seen).await.expect("more comes") > 0);
    }
    drop(stream);
    assert_eq!(vendor.call("send", send("2")).await["code"], 0);
}

#[tokio::test]
async fn an_effect_may_come_after_the_caller_has_gone() {
    let vendor = Vendor::start().await;
    vendor
        .steer(
            "/sim/faults",
            json!([{"when": "before", "fault": {"slow_ms": 300}}]),
        )
        .await;
    let mut stream = vendor.connect().await;
    stream
        .write_all(call("send", &send("1")).as_bytes())
        .await
        .expect("the request is taken");
    vendor
        .until("/sim/calls", |calls| calls[0]["fault"] == "slow")
        .await;
    assert_eq!(shipments(&vendor).await, json!({}));
    drop(stream);
    vendor
        .until("/sim/ledger", |ledger| ledger["shipments_per_trade"]["1"] == 1)
        .await;
}

#[tokio::test]
async fn a_rule_finds_an_order_by_its_remark_in_every_call() {
    let vendor = Vendor::start().await;
    let recipient = json!({
        "consignee": "马云", "mobile": "1", "province": "浙江", "city": "杭州", "district": "余杭区", "address": "x",
    });
    for remark in ["A", "B"] {
        let order = json!({
            "product_id": 11, "warehouse_id": 23, "source": "tmall", "remark": remark, "consignees": [recipient],
        });
        vendor.call("order-create", order).await;
    }
    let rules = json!([
        {"endpoint": "submit-payment", "match": {"remark": "B"}, "fault": {"code": 202}},
        {"endpoint": "get-package-cancel", "match": {"remark": "B"}, "fault": {"code": 101}},
    ]);
    vendor.steer("/sim/faults", rules).await;
    assert_eq!(
        vendor.call("submit-payment", json!({"order_id": 375})).await["code"],
        0
    );
    assert_eq!(
        vendor.call("submit-payment", json!({"order_id": 376})).await["code"],
        202
    );
    assert_eq!(
        vendor
            .call("get-package-cancel", json!({"package_id": 1672}))
            .await["code"],
        101
    );
}

#[tokio::test]
async fn a_seeded_schedule_is_the_same_in_every_run() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let vendor = Vendor::start().await;
        let schedule =
            json!({"seed": 42, "rate": 0.4, "kinds": ["code", "cut", "mistype"], "endpoints": ["send"]});
        vendor.steer("/sim/faults", schedule).await;
        for tid in 0..40 {
            vendor.raw(&call("send", &send(&tid.to_string()))).await;
        }
        let calls = vendor.get("/sim/calls").await;
        let faults: Vec<String> = calls
            .as_array()
            .expect("calls")
            .iter()
            .map(|call| format!("{} {}", call["fault"], call["effect"]))
            .collect();
        runs.push(faults);
    }
    assert_eq!(runs[0], runs[1]);
    let struck = runs[0].iter().filter(|fault| !fault.starts_with("null")).count();
    assert!((6..30).contains(&struck), "{struck}");
}

#[tokio::test]
async fn faults_are_listed_and_lifted() {
    let vendor = Vendor::start().await;
    vendor
        .steer(
            "/sim/faults",
            json!({"fault": {"cut": true}, "times": 3, "skip": 1}),
        )
        .await;
    vendor.call("send", send("1")).await;
    let left = vendor.get("/sim/faults").await;
    let rule = json!({"endpoint": "*", "when": "before", "times": 3, "skip": 0, "fault": {"cut": true}});
    assert_eq!(left, json!({"rules": [rule], "seeded": null}));
    vendor
        .raw("DELETE /sim/faults HTTP/1.1\r\nHost: sim\r\nConnection: close\r\n\r\n")
        .await;
    assert_eq!(vendor.call("send", send("2")).await["code"], 0);
}
