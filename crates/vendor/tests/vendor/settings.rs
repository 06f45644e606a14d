//! What the settings may change, and what is refused by name before anything is sent.

use std::time::Duration;

use parceld_domain::endpoint::Endpoint;
use parceld_vendor::{Encoding, EndpointOverride, Vendor, VendorSettings};

use crate::payloads;
use crate::server::{Reply, Server, TOKEN};

const OK: &str = r#"{"code":0,"data":[]}"#;

fn refused(change: impl FnOnce(&mut VendorSettings)) -> String {
    let mut settings = VendorSettings::new("http://127.0.0.1:1", TOKEN.into());
    change(&mut settings);
    Vendor::new(settings).unwrap_err().to_string()
}

fn changed(endpoint: Endpoint, toml_like: serde_json::Value) -> impl FnOnce(&mut VendorSettings) {
    let change: EndpointOverride = serde_json::from_value(toml_like).unwrap();
    move |settings| {
        settings.endpoints.insert(endpoint, change);
    }
}

#[tokio::test]
async fn a_prefix_of_the_base_address_is_kept() {
    let server = Server::answering([Reply::ok(OK)]).await;
    let vendor = server.vendor_with(|settings| settings.base_url.push_str("/gateway/"));
    vendor.submit_payment(&"1".into(), None).await.unwrap();
    assert!(
        server
            .only()
            .head
            .starts_with("POST /gateway/shop/apis/submit-payment HTTP/1.1\r\n")
    );
}

#[tokio::test]
async fn path_encoding_and_field_names_can_be_set() {
    let server = Server::answering([Reply::ok(OK)]).await;
    let vendor = server.vendor_with(changed(
        Endpoint::MpagingOrders,
        serde_json::json!({
            "path": "/tool/erps/paging-orders", "encoding": "form", "fields": {"order_sns": "orderSns[]"},
        }),
    ));
    vendor
        .mpaging_orders(&"9".into(), None, &["a-1".into()])
        .await
        .unwrap();
    let seen = server.only();
    assert!(
        seen.head
            .starts_with("POST /tool/erps/paging-orders HTTP/1.1\r\n"),
        "{}",
        seen.head
    );
    assert_eq!(
        seen.header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    assert_eq!(seen.body, "owner_id=9&orderSns%5B%5D=%5B%22a-1%22%5D");
}

#[tokio::test]
async fn a_name_with_brackets_stands_in_a_multipart_form_as_it_is() {
    let server = Server::answering([Reply::ok(OK)]).await;
    let change = changed(
        Endpoint::MpagingOrders,
        serde_json::json!({"fields": {"order_sns": "order Sns[]"}}),
    );
    let vendor = server.vendor_with(change);
    vendor
        .mpaging_orders(&"9".into(), None, &["a-1".into()])
        .await
        .unwrap();
    assert_eq!(
        server.only().parts()[1],
        ("order Sns[]".to_owned(), r#"["a-1"]"#.to_owned())
    );
}

#[tokio::test]
async fn a_nested_field_is_renamed_by_its_dotted_name() {
    let server = Server::answering([Reply::ok(OK)]).await;
    let vendor = server.vendor_with(changed(
        Endpoint::DyShipFree,
        serde_json::json!({"fields": {"params.waybill_code": "code", "params": "items"}}),
    ));
    let ship = payloads::douyin_ship("1A", "SF1");
    let _ = vendor.dy_ship_free(&ship.shop_id, None, &[&ship]).await;
    let body = server.only().body;
    assert_eq!(
        body,
        r#"{"shop_id":"dy-shop","items":[{"order_id":"1A","logistics_code":"shunfeng","code":"SF1"}]}"#
    );
}

#[tokio::test]
async fn nested_fields_stand_in_a_multipart_form_as_json_text() {
    let server = Server::answering([Reply::ok(OK)]).await;
    let change = EndpointOverride {
        encoding: Some(Encoding::Multipart),
        ..EndpointOverride::default()
    };
    let vendor = server.vendor_with(|settings| {
        settings.endpoints.insert(Endpoint::GetProductList, change);
    });
    vendor.get_product_list(2, 10).await.unwrap();
    assert_eq!(server.only().parts(), [("range".to_owned(), "[2,10]".to_owned())]);
}

#[test]
fn a_base_address_that_cannot_be_called_is_refused_with_its_value() {
    for (base_url, why) in [
        ("api.vv-tool.com", "relative URL"),
        ("ftp://api.vv-tool.com", "must begin with http"),
        ("http://api.vv-tool.com/?x=1", "no query"),
        ("http://", "empty host"),
    ] {
        let said = refused(|settings| settings.base_url = base_url.to_owned());
        assert!(
            said.contains(&format!("{base_url:?}")) && said.contains(why),
            "{said}"
        );
    }
}

#[test]
fn a_password_in_the_base_address_is_refused_and_not_shown() {
    let said = refused(|settings| settings.base_url = "http://me:secret@host".to_owned());
    assert!(
        said.contains("user name or password") && !said.contains("secret"),
        "{said}"
    );
}

#[test]
fn a_token_that_no_header_may_hold_is_refused_and_not_shown() {
    for token in ["", " \n", "a\nsecret", "a\0secret"] {
        let said = refused(|settings| settings.access_token = token.into());
        assert!(
            said.contains("vendor.access_token") && !said.contains("secret"),
            "{said}"
        );
    }
}

#[test]
fn a_field_that_the_endpoint_does_not_have_is_refused_with_those_it_has() {
    let said = refused(changed(
        Endpoint::Send,
        serde_json::json!({"fields": {"waybill": "out_sid"}}),
    ));
    assert!(
        said.contains("\"waybill\"") && said.contains("out_sid, company_code"),
        "{said}"
    );
}

#[test]
fn a_path_that_is_none_is_refused_with_its_endpoint() {
    for path in ["tool/erps/send", "//elsewhere/send", "/send?x=1", ""] {
        let said = refused(changed(Endpoint::Send, serde_json::json!({"path": path})));
        assert!(
            said.contains(&format!("vendor.endpoints.send.path {path:?}")),
            "{said}"
        );
    }
}

#[test]
fn bounds_that_leave_no_room_are_refused() {
    assert!(refused(|settings| settings.timeout = Duration::ZERO).contains("vendor.timeout"));
    assert!(refused(|settings| settings.reply_bytes_max = 8).contains("vendor.reply_bytes_max"));
}

#[test]
fn settings_do_not_show_the_token() {
    let settings = VendorSettings::new("http://127.0.0.1:1", TOKEN.into());
    let vendor = Vendor::new(settings.clone()).unwrap();
    assert!(!format!("{settings:?} {vendor:?}").contains(TOKEN));
}
