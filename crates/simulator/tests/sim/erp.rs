//! Taobao and Douyin shipments, logistics rows and order data.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::wire::{Vendor, path, post};

const TID: &str = "1692089714634374451";
const CHECK: &str = "tid,out_sid,company_name,status,seller_confirm,is_split,sub_tids,created";

fn send(tid: &str, out_sid: &str) -> Value {
    json!({"shop_id": "7", "tid": tid, "out_sid": out_sid, "company_code": "YTO"})
}

fn code(reply: &Value) -> (i64, &str) {
    (
        reply["code"].as_i64().expect("a code"),
        reply["msg"].as_str().expect("a message"),
    )
}

#[tokio::test]
async fn a_trade_is_shipped_once_and_then_refused() {
    let vendor = Vendor::start().await;
    let fields = [
        ("shop_id", "7"),
        ("tid", TID),
        ("out_sid", "YT1"),
        ("company_code", "YTO"),
    ];
    let first = vendor.call_form("send", &fields).await;
    assert_eq!(code(&first), (0, "成功"));
    assert_eq!(first["data"], json!([{"withholding_money": 1, "success": true}]));
    let second = vendor.call("send", send(TID, "YT2")).await;
    assert_eq!(code(&second), (614, "物流订单状态不为新建状态,无需发货处理"));
    assert_eq!(second["data"], json!([]));
    let detail = vendor
        .call("detail", json!({"shop_id": 7, "fields": CHECK, "tid": TID}))
        .await;
    assert_eq!(detail["data"][0]["out_sid"], "YT1");
    assert_eq!(detail["data"][0]["seller_confirm"], "yes");
    let ledger = vendor.get("/sim/ledger").await;
    assert_eq!(ledger["shipments_per_trade"], json!({TID: 1}));
    assert_eq!(ledger["send_calls_per_trade"], json!({TID: 2}));
}

#[tokio::test]
async fn what_is_wrong_with_a_shipment_is_said_in_its_own_words() {
    let vendor = Vendor::start().await;
    let wrong = [
        (
            json!({"tid": TID, "out_sid": "1", "company_code": "YTO"}),
            100,
            "请求参数错误",
        ),
        (
            json!({"shop_id": "7", "out_sid": "1", "company_code": "YTO"}),
            614,
            "参数为空",
        ),
        (
            json!({"shop_id": "7", "tid": TID, "company_code": "YTO"}),
            614,
            "运单号为空",
        ),
        (
            json!({"shop_id": "7", "tid": TID, "out_sid": "1"}),
            614,
            "没有选择物流公司",
        ),
        (
            json!({"shop_id": "7", "tid": TID, "out_sid": "1", "company_code": "other"}),
            614,
            "物流公司不存在或被禁用",
        ),
        (
            json!({"shop_id": "7", "tid": TID, "out_sid": "1", "company_code": "YTO", "is_split": 1}),
            614,
            "拆单标记 和子订单列表两者必须都填或者都不填",
        ),
    ];
    for (fields, wanted, words) in wrong {
        assert_eq!(code(&vendor.call("send", fields).await), (wanted, words));
    }
    assert_eq!(vendor.get("/sim/ledger").await["effects"], 0);
}

#[tokio::test]
async fn seeded_trades_are_closed_shipped_by_others_or_split() {
    let vendor = Vendor::start().await;
    let trades = json!({
        "1": {"standing": "closed"}, "2": {"out_sid": "ZT9"}, "3": {"split": ["31", "32"]}, "4": {"standing": "unknown"},
    });
    vendor.steer("/sim/state", json!({ "trades": trades })).await;
    assert_eq!(
        code(&vendor.call("send", send("1", "YT1")).await).1,
        "物流的订单状态为关闭状态,无需发货"
    );
    assert_eq!(
        code(&vendor.call("send", send("2", "YT1")).await).1,
        "物流订单状态不为新建状态,无需发货处理"
    );
    assert_eq!(
        code(&vendor.call("send", send("3", "YT1")).await).1,
        "订单已拆单,必须传入子交易号列表"
    );
    assert_eq!(
        code(&vendor.call("send", send("4", "YT1")).await).1,
        "物流订单不存在"
    );
    let look = |tid: &str| json!({"shop_id": "7", "fields": CHECK, "tid": tid});
    assert_eq!(
        vendor.call("detail", look("1")).await["data"][0]["status"],
        "CLOSED"
    );
    assert_eq!(
        vendor.call("detail", look("2")).await["data"][0]["out_sid"],
        "ZT9"
    );
    assert_eq!(vendor.call("detail", look("4")).await["code"], 614);
    let part = json!({"shop_id": "7", "tid": "3", "out_sid": "YT3", "company_code": "YTO", "sub_tid": "31", "is_split": 1});
    assert_eq!(vendor.call("send", part).await["code"], 0);
    let row = vendor.call("detail", look("3")).await["data"][0].clone();
    assert_eq!(
        (&row["is_split"], &row["sub_tids"]),
        (&json!(1), &json!({"number": ["31"]}))
    );
}

#[tokio::test]
async fn detail_shows_only_what_was_asked_for_and_charges_in_the_first_row() {
    let vendor = Vendor::start().await;
    let asked = json!({"shop_id": "7", "fields": "tid,out_sid,receiver_location", "tid": TID});
    let reply = vendor.call("detail", asked).await;
    let row = reply["data"][0].as_object().expect("a row").clone();
    let columns: Vec<&str> = row.keys().map(String::as_str).collect();
    assert_eq!(columns, ["location", "tid", "withholding_money"]);
    assert_eq!(vendor.call("detail", json!({"shop_id": "7"})).await["code"], 100);
}

#[tokio::test]
async fn detail_pages_through_all_rows_of_a_shop() {
    let vendor = Vendor::start().await;
    vendor.steer("/sim/state", json!({"logistics": {"7": 95}})).await;
    let mut tids = BTreeSet::new();
    for (page, rows) in [(1, 40), (2, 40), (3, 15), (4, 0)] {
        let reply = vendor
            .call(
                "detail",
                json!({"shop_id": "7", "fields": "tid", "page_no": page}),
            )
            .await;
        let data = reply["data"].as_array().expect("rows").clone();
        assert_eq!(data.len(), rows, "page {page}");
        let charged = data
            .iter()
            .filter(|row| row.get("withholding_money").is_some())
            .count();
        assert_eq!(charged, usize::from(rows > 0), "page {page}");
        tids.extend(data.iter().map(|row| row["tid"].to_string()));
    }
    assert_eq!(tids.len(), 95);
}

#[tokio::test]
async fn detail_filters_and_may_wrap_its_rows() {
    let vendor = Vendor::start().await;
    let options = json!({"wrap_shippings": true});
    vendor
        .steer("/sim/state", json!({"logistics": {"7": 5}, "options": options}))
        .await;
    vendor
        .call("detail", json!({"shop_id": "7", "fields": "tid", "tid": TID}))
        .await;
    let open = json!({"shop_id": "7", "fields": "tid", "seller_confirm": "no"});
    let reply = vendor.call("detail", open).await;
    assert_eq!(reply["data"]["total_results"], 1);
    assert_eq!(reply["data"]["shippings"][0]["tid"], TID);
    let past = json!({"shop_id": "7", "fields": "tid", "end_created": "2001-01-01 00:00:00"});
    assert_eq!(vendor.call("detail", past).await["data"]["total_results"], 0);
}

#[tokio::test]
async fn douyin_items_succeed_with_one_and_fail_with_zero() {
    let vendor = Vendor::start().await;
    vendor
        .steer(
            "/sim/state",
            json!({"douyin_orders": {"2A": "unknown", "3A": "absent"}}),
        )
        .await;
    let item = |order: &str| json!({"order_id": order, "logistics_code": "sf", "waybill_code": "SF1"});
    let params = json!([item("1A"), item("2A"), item("3A")]);
    let reply = vendor
        .call("dy-ship-free", json!({"shop_id": "7", "params": params}))
        .await;
    assert_eq!(code(&reply), (0, "操作成功"));
    let wanted = json!([
        {"order_id": "1A", "waybill_code": "SF1", "code": 1, "err_msg": ""},
        {"order_id": "2A", "waybill_code": "SF1", "code": 0, "err_msg": "未查询到订单"},
    ]);
    assert_eq!(reply["data"], json!({"result": wanted, "withholding_money": 1}));
    let ledger = vendor.get("/sim/ledger").await;
    assert_eq!(ledger["shipments_per_douyin_pair"], json!({"1A/SF1": 1}));
    assert_eq!(
        ledger["calls_per_douyin_pair"],
        json!({"1A/SF1": 1, "2A/SF1": 1, "3A/SF1": 1})
    );
}

#[tokio::test]
async fn a_repeated_douyin_pair_is_refused_or_confirmed_but_never_shipped_again() {
    let vendor = Vendor::start().await;
    // One object instead of an array, as in the vendor's code samples.
    let params = json!({"order_id": "1A", "logistics_code": "sf", "waybill_code": "SF1"});
    let call = json!({"shop_id": "7", "params": params});
    vendor.call("dy-ship-free", call.clone()).await;
    let repeat = vendor.call("dy-ship-free", call.clone()).await["data"]["result"][0].clone();
    assert_eq!(
        (&repeat["code"], &repeat["err_msg"]),
        (&json!(0), &json!("订单已发货"))
    );
    vendor
        .steer(
            "/sim/state",
            json!({"options": {"douyin_repeat_code": 1, "item_code_as_text": true}}),
        )
        .await;
    let confirmed = vendor.call("dy-ship-free", call).await["data"]["result"][0].clone();
    assert_eq!(confirmed["code"], "1");
    assert_eq!(
        vendor.get("/sim/ledger").await["shipments_per_douyin_pair"],
        json!({"1A/SF1": 1})
    );
}

#[tokio::test]
async fn one_bad_douyin_order_spoils_the_whole_call() {
    let vendor = Vendor::start().await;
    let item = |order: &str| json!({"order_id": order, "logistics_code": "sf", "waybill_code": "SF1"});
    let spoilt = json!({"shop_id": "7", "params": [item("1A"), item("BAD2")]});
    assert_eq!(vendor.call("dy-ship-free", spoilt).await["code"], 100);
    assert_eq!(vendor.get("/sim/ledger").await["effects"], 0);
}

#[tokio::test]
async fn order_data_has_a_row_for_each_known_number() {
    let vendor = Vendor::start().await;
    let fields = [
        ("owner_id", "7"),
        ("orderSns", r#"["201117-1","missing-2","201117-3"]"#),
    ];
    let reply = vendor.call_form("paging-orders", &fields).await;
    let numbers: Vec<&Value> = reply["data"]["content"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| &row["order_sn"])
        .collect();
    assert_eq!(numbers, ["201117-1", "201117-3"]);
    assert_eq!(reply["data"]["withholding_money"], 1);
    let spoilt = vendor
        .call(
            "mpaging-orders",
            json!({"owner_id": "7", "orderSns": ["201117-1", "bad-2"]}),
        )
        .await;
    assert_eq!((&spoilt["code"], &spoilt["data"]), (&json!(100), &json!([])));
    assert_eq!(
        vendor.get("/sim/ledger").await["by_endpoint"],
        json!({"mpaging-orders": 2})
    );
}

#[tokio::test]
async fn a_shop_without_authorisation_is_refused_everywhere_with_its_link() {
    let vendor = Vendor::start().await;
    let shops = json!({"7": "unauthorised", "8": "unsubscribed"});
    vendor
        .steer(
            "/sim/state",
            json!({"shops": shops, "options": {"link_shape": "object"}}),
        )
        .await;
    let refused = vendor.call("send", send(TID, "YT1")).await;
    assert_eq!(code(&refused), (302, "未授权店铺"));
    assert_eq!(refused["data"]["url"], "http://auth.example.com/authorise?shop=7");
    assert_eq!(
        vendor
            .call("mpaging-orders", json!({"owner_id": "8", "orderSns": ["1"]}))
            .await["code"],
        303
    );
    assert_eq!(
        vendor
            .call("detail", json!({"shop_id": "7", "fields": "tid"}))
            .await["code"],
        302
    );
    vendor
        .steer("/sim/state", json!({"shops": {"7": "authorised"}}))
        .await;
    assert_eq!(vendor.call("send", send(TID, "YT1")).await["code"], 0);
}

#[tokio::test]
async fn a_wrong_token_or_none_is_401_and_a_wrong_path_or_method_404() {
    let vendor = Vendor::start().await;
    vendor
        .steer("/sim/state", json!({"options": {"access_token": "secret"}}))
        .await;
    let refused = vendor.call("send", send(TID, "YT1")).await;
    assert_eq!(code(&refused), (401, "身份凭证无效"));
    vendor
        .steer("/sim/state", json!({"options": {"access_token": "t"}}))
        .await;
    assert_eq!(vendor.call("send", send(TID, "YT1")).await["code"], 0);
    assert_eq!(vendor.call("no-such-call", json!({})).await["code"], 404);
    assert_eq!(vendor.get(&path("send")).await["code"], 401);
    let anonymous = vendor
        .raw(&post(&path("send"), "application/json", "", "{}"))
        .await;
    assert!(String::from_utf8_lossy(&anonymous).contains(r#""code":401"#));
    let ledger = vendor.get("/sim/ledger").await;
    assert_eq!(ledger["by_endpoint"], json!({"send": 3, "unknown": 2}));
}

#[tokio::test]
async fn messages_can_be_spelt_with_full_width_signs() {
    let vendor = Vendor::start().await;
    vendor.call("send", send(TID, "YT1")).await;
    vendor
        .steer("/sim/state", json!({"options": {"reply_full_width": true}}))
        .await;
    let refused = vendor.call("send", send(TID, "YT1")).await;
    assert_eq!(refused["msg"], "物流订单状态不为新建状态\u{ff0c}无需发货处理");
}
