//! Answers that are whole and mislead: parts, shifted and doubled rows, lists that lag, clocks that are wrong.

use serde_json::{Value, json};

use crate::wire::{Vendor, body_of, call};

fn ship(numbers: &[&str]) -> Value {
    let params: Vec<Value> = numbers
        .iter()
        .map(|number| json!({"order_id": number, "logistics_code": "x", "waybill_code": format!("SF{number}")}))
        .collect();
    json!({"shop_id": "7", "params": params})
}

fn order(remark: &str) -> Value {
    let recipient = json!({
        "consignee": "马云", "mobile": "1", "province": "浙江", "city": "杭州", "district": "余杭区", "address": "x",
    });
    json!({"product_id": 11, "warehouse_id": 23, "source": "tmall", "remark": remark, "consignees": [recipient]})
}

async fn with_orders(remarks: &[&str]) -> Vendor {
    let vendor = Vendor::start().await;
    for remark in remarks {
        assert_eq!(vendor.call("order-create", order(remark)).await["code"], 0);
    }
    vendor
}

/// The remarks on a page of two rows.
async fn page(vendor: &Vendor, number: u64) -> Vec<Value> {
    let reply = vendor.call("get-order-list", json!({"range": [number, 2]})).await;
    let rows = reply["data"]["list"].as_array().expect("a list").clone();
    rows.iter().map(|row| row["remark"].clone()).collect()
}

#[tokio::test]
async fn a_part_of_a_batch_is_worked_off_and_the_rest_not_named() {
    let vendor = Vendor::start().await;
    let rules = json!([
        {"endpoint": "dy-ship-free", "fault": {"partial": 1}},
        {"endpoint": "dy-ship-free", "fault": {"partial": 2, "cut": true}},
        {"endpoint": "mpaging-orders", "fault": {"partial": 1}},
    ]);
    vendor.steer("/sim/faults", rules).await;
    let reply = vendor.call("dy-ship-free", ship(&["1A", "2A", "3A"])).await;
    assert_eq!(
        reply["data"]["result"].as_array().map(Vec::len),
        Some(1),
        "{reply}"
    );
    let nothing = vendor
        .raw(&call("dy-ship-free", &ship(&["1A", "2A", "3A"])))
        .await;
    assert!(nothing.is_empty());
    let ledger = vendor.get("/sim/ledger").await;
    assert_eq!(
        ledger["shipments_per_douyin_pair"],
        json!({"1A/SF1A": 1, "2A/SF2A": 1})
    );
    let numbers = json!({"owner_id": "7", "type": 1, "orderSns": ["a", "b"]});
    let reply = vendor.call("mpaging-orders", numbers).await;
    assert_eq!(
        reply["data"]["content"].as_array().map(Vec::len),
        Some(1),
        "{reply}"
    );
}

#[tokio::test]
async fn a_page_is_shifted_or_doubled_once() {
    let vendor = with_orders(&["1", "2", "3", "4", "5"]).await;
    let rules = json!([
        {"endpoint": "get-order-list", "fault": {"shift": 1}},
        {"endpoint": "get-order-list", "fault": {"shift": -1}},
        {"endpoint": "get-order-list", "fault": {"duplicate": true}},
    ]);
    assert_eq!(page(&vendor, 1).await, ["5", "4"]);
    vendor.steer("/sim/faults", rules).await;
    assert_eq!(page(&vendor, 2).await, ["2", "1"], "a row is left out");
    assert_eq!(page(&vendor, 2).await, ["4", "3"], "a row comes again");
    assert_eq!(page(&vendor, 2).await, ["3", "3", "2", "2"]);
    assert_eq!(page(&vendor, 2).await, ["3", "2"]);
}

#[tokio::test]
async fn packages_may_show_later_than_their_orders() {
    let vendor = with_orders(&["1"]).await;
    vendor
        .steer("/sim/state", json!({"options": {"packages_lag_ms": 3_600_000}}))
        .await;
    let packages = vendor.call("get-package-list", json!({"range": [1, 9]})).await;
    assert_eq!(packages["data"], json!({"list": [], "total": "0"}));
    assert_eq!(page(&vendor, 1).await, ["1"]);
}

#[tokio::test]
async fn a_payment_may_show_later_than_its_order() {
    let vendor = with_orders(&["1"]).await;
    vendor
        .steer(
            "/sim/state",
            json!({"options": {"changes_lag_ms": 3_600_000, "ship_after_ms": 0}}),
        )
        .await;
    vendor.call("submit-payment", json!({"order_id": 375})).await;
    for (lag_ms, status) in [(3_600_000, "1"), (0, "3")] {
        vendor
            .steer("/sim/state", json!({"options": {"changes_lag_ms": lag_ms}}))
            .await;
        for list in ["get-order-list", "get-package-list"] {
            let shown = vendor.call(list, json!({"range": [1, 9]})).await;
            let row = &shown["data"]["list"][0];
            assert_eq!(row["status"], status, "{list}: {row}");
            assert!(list != "get-package-list" || row["express_no"].is_null() == (status == "1"));
        }
    }
}

#[tokio::test]
async fn every_time_is_printed_by_the_clock_that_is_wrong() {
    let vendor = with_orders(&["1"]).await;
    let mut printed = Vec::new();
    for skew_ms in [0, -8 * 3_600_000_i64] {
        vendor
            .steer("/sim/state", json!({"options": {"clock_skew_ms": skew_ms}}))
            .await;
        let orders = vendor.call("get-order-list", json!({"range": [1, 9]})).await;
        let packages = vendor.call("get-package-list", json!({"range": [1, 9]})).await;
        let times = [&orders, &packages].map(|reply| reply["data"]["list"][0]["create_time"].clone());
        printed.push((times, orders["time"].as_i64().expect("a time")));
    }
    let hour = |time: &Value| -> u32 {
        let time = time.as_str().expect("a time");
        time[11..13].parse().expect("an hour")
    };
    for place in [0, 1] {
        let (right, wrong) = (&printed[0].0[place], &printed[1].0[place]);
        assert_eq!(hour(right), (hour(wrong) + 8) % 24, "{right} {wrong}");
    }
    let apart = printed[0].1 - printed[1].1;
    assert!((8 * 3_600 - 60..=8 * 3_600).contains(&apart), "{apart}");
}

#[tokio::test]
async fn a_redirect_leads_to_the_path_that_was_called() {
    let vendor = with_orders(&["1"]).await;
    let rule = json!([{"endpoint": "submit-payment", "when": "after", "fault": {"redirect": 307}}]);
    vendor.steer("/sim/faults", rule).await;
    let reply = vendor
        .raw(&call("submit-payment", &json!({"order_id": 375})))
        .await;
    let text = String::from_utf8_lossy(&reply).into_owned();
    assert!(text.starts_with("HTTP/1.1 307 "), "{text}");
    assert!(text.contains("location: /shop/apis/submit-payment\r\n"), "{text}");
    assert_eq!(
        vendor.get("/sim/ledger").await["payments_per_order"],
        json!({"375": 1})
    );
}

#[tokio::test]
async fn an_answer_may_come_empty_or_under_another_content_type() {
    let vendor = with_orders(&["1"]).await;
    let rules = json!([
        {"endpoint": "submit-payment", "fault": {"empty": true}},
        {"endpoint": "submit-payment", "when": "after", "fault": {"content_type": "text/html"}},
    ]);
    vendor.steer("/sim/faults", rules).await;
    let pay = call("submit-payment", &json!({"order_id": 375}));
    let reply = vendor.raw(&pay).await;
    assert!(reply.starts_with(b"HTTP/1.1 200 ") && body_of(&reply).is_empty());
    assert_eq!(vendor.get("/sim/ledger").await["payments_per_order"], json!({}));
    let reply = vendor.raw(&pay).await;
    let text = String::from_utf8_lossy(&reply).into_owned();
    assert!(text.contains("content-type: text/html\r\n"), "{text}");
    assert!(text.contains(r#""code":0"#), "{text}");
    assert_eq!(
        vendor.get("/sim/ledger").await["payments_per_order"],
        json!({"375": 1})
    );
}
