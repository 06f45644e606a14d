//! What leaves on the wire: method, path, headers, encoding and fields of every call.

use std::process::Command;

use parceld_domain::endpoint::Endpoint;
use parceld_domain::vendor_status::VendorStatus;
use parceld_vendor::{DetailQuery, ENDPOINTS, Encoding, OrderFilter, PackageFilter, Vendor};
use serde_json::{Value, json};

use crate::payloads;
use crate::server::{Reply, Seen, Server, TOKEN};

const OK: &str = r#"{"code":0,"data":[]}"#;

/// Calls the endpoint with every field that it has; the reply does not matter.
async fn call(vendor: &Vendor, endpoint: Endpoint) {
    let id = "262".into();
    match endpoint {
        Endpoint::ListWarehouse => drop(vendor.list_warehouse().await),
        Endpoint::GetProductList => drop(vendor.get_product_list(2, 10).await),
        Endpoint::GetShopInfo => drop(vendor.get_shop_info(&id).await),
        Endpoint::OrderCreate => drop(vendor.order_create(&payloads::gift_order(), "ERP-1").await),
        Endpoint::SubmitPayment => drop(vendor.submit_payment(&id, None).await),
        Endpoint::GetOrderList => {
            let filter = OrderFilter {
                order_sn: Some("202010231510481946975".into()),
                source: Some("pdd".into()),
            };
            drop(vendor.get_order_list(2, 10, &filter).await);
        }
        Endpoint::GetPackageList => {
            let order_sn = Some("202010231510481946975".into());
            let filter = PackageFilter {
                order_sn,
                status: Some(VendorStatus::Shipped),
            };
            drop(vendor.get_package_list(2, 10, &filter).await);
        }
        Endpoint::GetPackageCancel => drop(vendor.get_package_cancel(&id).await),
        Endpoint::GetUserBalance => drop(vendor.get_user_balance().await),
        Endpoint::DyShipFree => {
            let ships = [
                payloads::douyin_ship("1A", "SF1"),
                payloads::douyin_ship("2A", "SF2"),
            ];
            let ships: Vec<_> = ships.iter().collect();
            drop(
                vendor
                    .dy_ship_free(&"dy-shop".into(), Some(&"1".into()), &ships)
                    .await,
            );
        }
        Endpoint::Send => drop(vendor.send(&payloads::taobao_ship()).await),
        Endpoint::Detail => {
            drop(
                vendor
                    .detail(&DetailQuery::page(payloads::logistics_sync(), 3, 100))
                    .await,
            );
        }
        Endpoint::MpagingOrders => {
            let numbers = ["201117-681132146402308".into(), "201117-432413123308".into()];
            drop(
                vendor
                    .mpaging_orders(&"123123".into(), Some(&"2".into()), &numbers)
                    .await,
            );
        }
    }
}

async fn seen(endpoint: Endpoint) -> Seen {
    let server = Server::answering([Reply::ok(OK)]).await;
    call(&server.vendor(), endpoint).await;
    server.only()
}

async fn json_of(endpoint: Endpoint) -> Value {
    serde_json::from_str(&seen(endpoint).await.body).unwrap()
}

async fn parts_of(endpoint: Endpoint) -> Value {
    seen(endpoint)
        .await
        .parts()
        .into_iter()
        .map(|(name, value)| (name, Value::from(value)))
        .collect()
}

#[tokio::test]
async fn every_call_is_a_post_to_its_path_with_the_token_and_nothing_to_be_traced_by() {
    for spec in &ENDPOINTS {
        let seen = seen(spec.endpoint).await;
        assert!(
            seen.head.starts_with(&format!("POST {} HTTP/1.1\r\n", spec.path)),
            "{}",
            seen.head
        );
        assert_eq!(seen.header("authorization"), Some(&*format!("Bearer {TOKEN}")));
        assert_eq!(seen.header("content-length"), Some(&*seen.body.len().to_string()));
        for never in [
            "cookie",
            "referer",
            "accept-encoding",
            "proxy-authorization",
            "via",
            "forwarded",
        ] {
            assert_eq!(seen.header(never), None, "{}", spec.endpoint);
        }
    }
}

#[tokio::test]
async fn every_call_is_encoded_as_the_table_says_and_sends_exactly_the_tables_fields() {
    for spec in &ENDPOINTS {
        let seen = seen(spec.endpoint).await;
        let mut sent = Vec::new();
        match spec.encoding {
            Encoding::Json => {
                assert_eq!(seen.header("content-type"), Some("application/json"));
                names(&serde_json::from_str(&seen.body).unwrap(), "", &mut sent);
            }
            Encoding::Multipart => sent.extend(seen.parts().into_iter().map(|(name, _)| name)),
            Encoding::Form => panic!("no endpoint is documented so"),
        }
        let renamed = |name: &str| {
            spec.renamed
                .iter()
                .find(|(ours, _)| *ours == name)
                .map(|(_, theirs)| *theirs)
        };
        let mut table: Vec<&str> = spec
            .fields
            .iter()
            .map(|name| renamed(name).unwrap_or(name))
            .collect();
        table.sort_unstable();
        sent.sort_unstable();
        sent.dedup();
        assert_eq!(sent, table, "{}", spec.endpoint);
    }
}

/// The names of all fields, those inside a field with a dot.
fn names(value: &Value, parent: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = if parent.is_empty() {
                    name.clone()
                } else {
                    format!("{parent}.{name}")
                };
                names(value, &path, found);
                found.push(path);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| names(value, parent, found)),
        _ => {}
    }
}

#[tokio::test]
async fn reads_without_parameters_send_an_empty_object() {
    assert_eq!(seen(Endpoint::ListWarehouse).await.body, "{}");
    assert_eq!(seen(Endpoint::GetUserBalance).await.body, "{}");
}

#[tokio::test]
async fn lists_send_filter_and_range_as_documented() {
    assert_eq!(
        json_of(Endpoint::GetOrderList).await,
        json!({"filter": {"order_sn": "202010231510481946975", "source": "pdd"}, "range": [2, 10]})
    );
    assert_eq!(
        json_of(Endpoint::GetPackageList).await,
        json!({"filter": {"order_sn": "202010231510481946975", "status": "3"}, "range": [2, 10]})
    );
    assert_eq!(json_of(Endpoint::GetProductList).await, json!({"range": [2, 10]}));
}

#[tokio::test]
async fn an_empty_filter_is_an_empty_object_never_a_list() {
    let server = Server::answering([Reply::ok(OK)]).await;
    server
        .vendor()
        .get_package_list(1, 100, &PackageFilter::default())
        .await
        .unwrap();
    assert_eq!(server.only().body, r#"{"filter":{},"range":[1,100]}"#);
}

#[tokio::test]
async fn order_create_sends_numbers_where_the_table_says_so_and_our_remark() {
    assert_eq!(
        json_of(Endpoint::OrderCreate).await,
        json!({
            "product_id": 49066, "warehouse_id": 23, "product_number": 2, "remark": "ERP-1",
            "consignees": [{
                "consignee": "张三", "mobile": "15568822288", "province": "浙江", "city": "杭州", "district": "余杭区",
                "address": "梦想小镇", "platform_order_sn": "8980809890809809",
            }],
            "source": "tmall", "shop_id": "77", "vvtype": 2,
        })
    );
}

#[tokio::test]
async fn an_order_id_is_a_number_however_long_and_text_if_it_is_none() {
    for (id, body) in [
        ("262", r#"{"order_id":262}"#),
        ("202011041511461997011", r#"{"order_id":202011041511461997011}"#),
        ("007", r#"{"order_id":"007"}"#),
        ("A1", r#"{"order_id":"A1"}"#),
    ] {
        let server = Server::answering([Reply::ok(OK)]).await;
        server.vendor().submit_payment(&id.into(), None).await.unwrap();
        assert_eq!(server.only().body, body);
    }
}

#[tokio::test]
async fn dy_ship_free_sends_an_array_of_orders() {
    assert_eq!(
        json_of(Endpoint::DyShipFree).await,
        json!({
            "shop_id": "dy-shop",
            "params": [
                {"order_id": "1A", "logistics_code": "shunfeng", "waybill_code": "SF1"},
                {"order_id": "2A", "logistics_code": "shunfeng", "waybill_code": "SF2"},
            ],
            "vvtype": 1,
        })
    );
}

#[tokio::test]
async fn forms_carry_ids_digit_by_digit() {
    assert_eq!(
        parts_of(Endpoint::Send).await,
        json!({
            "shop_id": "123456789", "tid": "1692089714634374451", "out_sid": "YT0001", "company_code": "YTO",
            "sub_tid": "1,2", "is_split": "1", "sender_id": "11", "cancel_id": "12",
            "feature": "identCode=1:甲,乙", "vvtype": "4",
        })
    );
    assert_eq!(
        parts_of(Endpoint::GetPackageCancel).await,
        json!({"package_id": "262"})
    );
    assert_eq!(parts_of(Endpoint::GetShopInfo).await, json!({"id": "262"}));
}

#[tokio::test]
async fn mpaging_orders_sends_its_numbers_as_json_text() {
    assert_eq!(
        parts_of(Endpoint::MpagingOrders).await,
        json!({
            "owner_id": "123123", "orderSns": r#"["201117-681132146402308","201117-432413123308"]"#, "type": "2",
        })
    );
}

#[tokio::test]
async fn a_look_up_asks_for_what_proves_a_shipment() {
    let server = Server::answering([Reply::ok(OK)]).await;
    let query = DetailQuery::look_up("123".into(), "1692089714634374451".into());
    server.vendor().detail(&query).await.unwrap();
    let parts = server.only().parts();
    let fields = &parts.iter().find(|(name, _)| name == "fields").unwrap().1;
    for needed in [
        "tid",
        "out_sid",
        "seller_confirm",
        "status",
        "company_name",
        "sub_tids",
    ] {
        assert!(fields.split(',').any(|field| field == needed), "{fields}");
    }
    assert!(parts.contains(&("tid".to_owned(), "1692089714634374451".to_owned())));
}

#[tokio::test]
async fn calls_share_one_warm_connection_and_bring_no_cookie_back() {
    let cookie = "set-cookie: PHPSESSID=1; path=/\r\n";
    let server = Server::answering((0..3).map(|_| Reply::status("200 OK", cookie, OK))).await;
    let vendor = server.vendor();
    for _ in 0..3 {
        vendor.clone().submit_payment(&"1".into(), None).await.unwrap();
    }
    for seen in server.seen() {
        assert_eq!((seen.connection, seen.header("cookie")), (0, None));
    }
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn a_connection_that_was_closed_while_idle_is_replaced_and_the_call_arrives_once() {
    let server = Server::answering([Reply::ok(OK).then_close(), Reply::ok(OK)]).await;
    let vendor = server.vendor();
    vendor.submit_payment(&"1".into(), None).await.unwrap();
    server.closed().await;
    vendor.submit_payment(&"2".into(), None).await.unwrap();
    assert_eq!(
        server
            .seen()
            .iter()
            .map(|seen| seen.connection)
            .collect::<Vec<_>>(),
        [0, 1]
    );
}

#[tokio::test]
async fn a_call_reaches_its_host() {
    let server = Server::answering([Reply::ok(OK)]).await;
    server.vendor().submit_payment(&"1".into(), None).await.unwrap();
    assert_eq!(
        server.only().header("host"),
        server.base_url.strip_prefix("http://")
    );
}

#[test]
fn a_proxy_of_the_environment_is_passed_over() {
    let proxied = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "requests::a_call_reaches_its_host"])
        .envs(["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"].map(|name| (name, "http://127.0.0.1:1")))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&proxied.stdout);
    assert!(proxied.status.success() && said.contains("1 passed"), "{said}");
}
