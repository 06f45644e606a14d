//! Gift orders: creation, payment, packages, cancelling, lists.

use parceld_simulator::Options;
use serde_json::{Value, json};

use crate::wire::Vendor;

fn recipient(platform_order_sn: &str) -> Value {
    json!({
        "consignee": "马云", "mobile": "15568822288", "province": "浙江", "city": "杭州", "district": "余杭区",
        "address": "梦想小镇", "platform_order_sn": platform_order_sn,
    })
}

fn order(remark: &str) -> Value {
    json!({
        "product_id": 11, "warehouse_id": 23, "product_number": 2, "remark": remark, "source": "tmall",
        "consignees": [recipient("P1"), recipient("P2")],
    })
}

fn with(mut fields: Value, name: &str, value: Value) -> Value {
    fields[name] = value;
    fields
}

/// Creates an order, and answers its id and number.
pub(crate) async fn created(vendor: &Vendor, remark: &str) -> (u64, String) {
    let reply = vendor.call("order-create", order(remark)).await;
    let order = &reply["data"]["order"];
    let order_sn = order["order_sn"].as_str().expect("order_sn is text").to_owned();
    (
        order["order_id"].as_u64().expect("order_id is a number"),
        order_sn,
    )
}

async fn packages(vendor: &Vendor, order_sn: &str) -> Value {
    vendor
        .call(
            "get-package-list",
            json!({"filter": {"order_sn": order_sn}, "range": [1, 10]}),
        )
        .await["data"]
        .clone()
}

#[tokio::test]
async fn an_order_is_created_paid_and_shipped_by_itself() {
    let vendor = Vendor::start_with(Options {
        ship_after_ms: 30,
        waybill_after_ms: 30,
        ..Options::default()
    })
    .await;
    let reply = vendor.call("order-create", order("ERP-1")).await;
    let product = json!({
        "product_name": "双齿梳", "product_number": 2, "product_price": "10", "product_weight": 10, "total_price": 20,
    });
    assert_eq!(reply["data"]["product"], product);
    let (id, sn) = (
        &reply["data"]["order"]["order_id"],
        &reply["data"]["order"]["order_sn"],
    );
    let totals = json!({
        "order_id": 375, "order_sn": sn, "total_count": 4, "total_freight_number": 2, "total_freight_price": 200,
        "total_product_price": 40, "total_price": 240,
    });
    assert_eq!(reply["data"]["order"], totals);
    let sn = sn.as_str().expect("order_sn is text");
    assert_eq!(sn.len(), 21);
    assert_eq!(packages(&vendor, sn).await["list"][0]["status"], "1");

    let paid = vendor.call("submit-payment", json!({ "order_id": id })).await;
    assert_eq!(
        (&paid["code"], &paid["msg"], &paid["data"]),
        (&json!(0), &json!("支付成功"), &json!([]))
    );
    assert_eq!(
        vendor.call("get-user-balance", json!({})).await["data"],
        json!({"balance": 999_760})
    );

    let state = vendor
        .until("/sim/state", |state| {
            state["orders"][0]["packages"][0]["express_no"].is_string()
        })
        .await;
    assert_eq!(state["orders"][0]["status"], 3);
    let shown = packages(&vendor, sn).await;
    assert_eq!(shown["total"], "2");
    let row = &shown["list"][1];
    assert_eq!(
        (&row["status"], &row["ext_platform_order_sn"]),
        (&json!("3"), &json!("P1"))
    );
    assert_eq!(
        (&row["sale_price"], &row["package_total_price"]),
        (&json!("10"), &json!("120"))
    );
    assert_eq!(row["express_company_name"], "圆通速递");
    let ledger = vendor.get("/sim/ledger").await;
    assert_eq!(ledger["orders_per_remark"], json!({"ERP-1": 1}));
    assert_eq!(ledger["payments_per_order"], json!({"375": 1}));
    assert_eq!(ledger["paid_orders_per_remark"], json!({"ERP-1": 1}));
    assert_eq!(ledger["points_spent"], 240);
}

#[tokio::test]
async fn a_shipped_package_may_wait_for_its_waybill() {
    let vendor = Vendor::start_with(Options {
        ship_after_ms: 3_600_000,
        ..Options::default()
    })
    .await;
    let (id, sn) = created(&vendor, "ERP-1").await;
    vendor.call("submit-payment", json!({ "order_id": id })).await;
    assert_eq!(packages(&vendor, &sn).await["list"][0]["status"], "2");
    vendor
        .steer(
            "/sim/state",
            json!({"packages": {"1672": "ship_without_waybill"}}),
        )
        .await;
    let row = packages(&vendor, &sn).await["list"][0].clone();
    assert_eq!((&row["status"], &row["express_no"]), (&json!("3"), &Value::Null));
    vendor
        .steer("/sim/state", json!({"packages": {"1672": "ship"}}))
        .await;
    assert!(packages(&vendor, &sn).await["list"][0]["express_no"].is_string());
}

#[tokio::test]
async fn the_same_remark_creates_a_second_order() {
    let vendor = Vendor::start().await;
    let (first, _) = created(&vendor, "ERP-1").await;
    let (second, _) = created(&vendor, "ERP-1").await;
    assert_ne!(first, second);
    assert_eq!(
        vendor.get("/sim/ledger").await["orders_per_remark"],
        json!({"ERP-1": 2})
    );
    let list = vendor
        .call("get-order-list", json!({"filter": {}, "range": [1, 1]}))
        .await["data"]
        .clone();
    assert_eq!(list["total"], "2");
    assert_eq!(list["list"].as_array().map(Vec::len), Some(1));
    let row = &list["list"][0];
    assert_eq!(
        (&row["id"], &row["remark"]),
        (&json!(second.to_string()), &json!("ERP-1"))
    );
    assert_eq!(
        (&row["page_number"], &row["total_price"]),
        (&json!("2"), &json!("240"))
    );
}

#[tokio::test]
async fn a_doomed_order_is_refused_with_the_code_that_says_why() {
    let vendor = Vendor::start().await;
    let wrong = [
        (with(order("r"), "product_id", json!(1)), 10402),
        (with(order("r"), "warehouse_id", json!("1")), 10403),
        (with(order("r"), "product_id", Value::Null), 205),
        (with(order("r"), "product_id", json!("comb")), 208),
        (with(order("r"), "consignees", json!([])), 205),
        (with(order("r"), "consignees", json!("nobody")), 208),
        (
            with(order("r"), "consignees", json!([{"consignee": "马云"}])),
            205,
        ),
        (with(order("r"), "source", json!("dj")), 100),
        (with(order("r"), "product_number", json!(0)), 100),
        (with(order("r"), "vvtype", json!(2)), 205),
    ];
    for (fields, code) in wrong {
        assert_eq!(
            vendor.call("order-create", fields.clone()).await["code"],
            code,
            "{fields}"
        );
    }
    assert_eq!(vendor.get("/sim/ledger").await["orders_per_remark"], json!({}));
}

#[tokio::test]
async fn a_second_payment_is_refused_unless_the_option_charges_it() {
    let vendor = Vendor::start().await;
    let (id, _) = created(&vendor, "ERP-1").await;
    let payment = json!({ "order_id": id.to_string() });
    assert_eq!(vendor.call("submit-payment", payment.clone()).await["code"], 0);
    assert_eq!(
        vendor.call("submit-payment", payment.clone()).await["code"],
        10407
    );
    vendor
        .steer("/sim/state", json!({"options": {"pay_twice": true}}))
        .await;
    assert_eq!(vendor.call("submit-payment", payment).await["code"], 0);
    let ledger = vendor.get("/sim/ledger").await;
    assert_eq!(ledger["payments_per_order"], json!({"375": 2}));
    assert_eq!(ledger["payment_calls_per_order"], json!({"375": 3}));
    assert_eq!(
        (
            &ledger["paid_orders_per_remark"]["ERP-1"],
            &ledger["points_spent"]
        ),
        (&json!(1), &json!(480))
    );
    assert_eq!(
        vendor.call("submit-payment", json!({"order_id": 1})).await["code"],
        10406
    );
}

#[tokio::test]
async fn nothing_is_paid_with_too_few_points() {
    let vendor = Vendor::start().await;
    let (id, sn) = created(&vendor, "ERP-1").await;
    vendor.steer("/sim/state", json!({"balance": 239})).await;
    let refused = vendor.call("submit-payment", json!({ "order_id": id })).await;
    assert_eq!(
        (&refused["code"], &refused["msg"]),
        (&json!(302), &json!("点券余额不足"))
    );
    vendor
        .steer("/sim/state", json!({"options": {"balance_as_204": true}}))
        .await;
    let refused = vendor.call("submit-payment", json!({ "order_id": id })).await;
    assert_eq!(
        (&refused["code"], &refused["msg"]),
        (&json!(204), &json!("免费次数或点券余额不足,请充值"))
    );
    assert_eq!(packages(&vendor, &sn).await["list"][0]["status"], "1");
    vendor.steer("/sim/state", json!({"balance": 240})).await;
    assert_eq!(
        vendor.call("submit-payment", json!({ "order_id": id })).await["code"],
        0
    );
    assert_eq!(
        vendor.call("get-user-balance", json!({})).await["data"]["balance"],
        0
    );
}

#[tokio::test]
async fn a_package_is_cancelled_once_and_a_cancelled_order_is_not_paid() {
    let vendor = Vendor::start().await;
    let (id, sn) = created(&vendor, "ERP-1").await;
    let cancelled = vendor
        .call_form("get-package-cancel", &[("package_id", "1671")])
        .await;
    assert_eq!((&cancelled["code"], &cancelled["data"]), (&json!(0), &json!([])));
    let again = vendor
        .call("get-package-cancel", json!({"package_id": 1671}))
        .await;
    assert_eq!(
        (&again["code"], &again["msg"]),
        (&json!(10412), &json!("当前包裹不能取消!"))
    );
    assert_eq!(packages(&vendor, &sn).await["list"][1]["status"], "4");
    assert_eq!(
        vendor.call("get-package-cancel", json!({"package_id": 1})).await["code"],
        10411
    );
    vendor
        .call("get-package-cancel", json!({"package_id": 1672}))
        .await;
    assert_eq!(
        vendor.call("submit-payment", json!({ "order_id": id })).await["code"],
        10407
    );
    let ledger = vendor.get("/sim/ledger").await;
    assert_eq!(ledger["cancels_per_package"], json!({"1671": 1, "1672": 1}));
    assert_eq!(ledger["points_spent"], 0);
}

#[tokio::test]
async fn a_price_that_drifted_shows_in_the_total() {
    let vendor = Vendor::start_with(Options {
        price_drift: -7,
        ..Options::default()
    })
    .await;
    let reply = vendor.call("order-create", order("ERP-1")).await;
    assert_eq!(reply["data"]["order"]["total_price"], 233);
}

#[tokio::test]
async fn an_effect_may_show_late_in_the_lists_but_is_there() {
    let vendor = Vendor::start().await;
    vendor
        .steer("/sim/state", json!({"options": {"visible_after_ms": 3_600_000}}))
        .await;
    let (id, sn) = created(&vendor, "ERP-1").await;
    assert_eq!(packages(&vendor, &sn).await, json!({"list": [], "total": "0"}));
    assert_eq!(
        vendor.call("submit-payment", json!({ "order_id": id })).await["code"],
        0
    );
    assert_eq!(
        vendor.call("submit-payment", json!({ "order_id": id })).await["code"],
        10407
    );
    let list = vendor.call("get-order-list", json!({"range": [1, 10]})).await;
    assert_eq!(list["data"]["total"], "0");
    vendor
        .steer("/sim/state", json!({"options": {"visible_after_ms": 0}}))
        .await;
    assert_eq!(packages(&vendor, &sn).await["list"][0]["status"], "2");
}

#[tokio::test]
async fn lists_filter_and_page() {
    let vendor = Vendor::start_with(Options {
        ship_after_ms: 3_600_000,
        ..Options::default()
    })
    .await;
    for number in 0..3 {
        created(&vendor, &format!("ERP-{number}")).await;
    }
    vendor.call("submit-payment", json!({"order_id": 376})).await;
    let waiting = vendor
        .call(
            "get-package-list",
            json!({"filter": {"status": 2}, "range": [1, 1]}),
        )
        .await;
    assert_eq!(
        (&waiting["data"]["total"], &waiting["data"]["list"][0]["order_id"]),
        (&json!("2"), &json!("376"))
    );
    let second = vendor
        .call("get-package-list", json!({"filter": {}, "range": [2, 4]}))
        .await;
    assert_eq!(second["data"]["list"].as_array().map(Vec::len), Some(2));
    let foreign = vendor
        .call(
            "get-order-list",
            json!({"filter": {"source": "pdd"}, "range": [1, 10]}),
        )
        .await;
    assert_eq!(foreign["data"], json!({"list": [], "total": "0"}));
    let all = vendor.call("get-order-list", json!({})).await;
    assert_eq!(all["data"]["list"].as_array().map(Vec::len), Some(3));
    for filter in [json!([]), json!(null), json!("x")] {
        assert_eq!(
            vendor.call("get-package-list", json!({"filter": filter})).await["code"],
            208,
            "{filter}"
        );
    }
}
