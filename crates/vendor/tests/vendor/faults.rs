//! Whatever else may come back, or not: what is certain is said, and nothing is sent twice.

use std::time::{Duration, Instant};

use parceld_domain::scope::Scope;
use parceld_domain::verdict::{Refusal, Verdict};
use parceld_vendor::{OrderFilter, PackageFilter, Vendor, VendorSettings};
use tokio::net::TcpListener;

use crate::payloads;
use crate::server::{Reply, Server, TOKEN};

const SHORT: Duration = Duration::from_millis(250);
const SENT: &str = r#"{"code":0,"msg":"成功","data":[{"success":true,"withholding_money":1}]}"#;

/// What a shipment meets that is answered so; it must have been sent once.
async fn refused(reply: Reply) -> Refusal {
    let server = Server::answering([reply]).await;
    let refusal = server.vendor().send(&payloads::taobao_ship()).await.unwrap_err();
    assert_eq!(server.seen().len(), 1);
    refusal
}

/// A reply that says nothing: after a call with an effect the outcome is unknown.
fn assert_no_answer(refusal: &Refusal, why: &str) {
    assert_eq!(
        (&refusal.verdict, refusal.code),
        (&Verdict::Retryable, None),
        "{refusal:?}"
    );
    assert!(refusal.msg.contains(why), "{refusal:?}");
}

#[tokio::test]
async fn a_reply_that_is_html_is_not_understood() {
    let html = Reply::status(
        "502 Bad Gateway",
        "content-type: text/html\r\n",
        "<html>502</html>",
    );
    assert_no_answer(&refused(html).await, "HTTP 502");
    assert_no_answer(&refused(Reply::ok("<html>ok</html>")).await, "not JSON");
}

#[tokio::test]
async fn an_envelope_counts_whatever_its_content_type_and_a_refusal_whatever_its_status() {
    let html = "content-type: text/html\r\n";
    let server = Server::answering([Reply::status("200 OK", html, SENT)]).await;
    assert!(server.vendor().send(&payloads::taobao_ship()).await.is_ok());
    let known = r#"{"code":101,"msg":"x","data":[]}"#;
    let refusal = refused(Reply::status("500 Internal Server Error", html, known)).await;
    assert_eq!(refusal.code, Some(101));
}

#[tokio::test]
async fn a_success_that_is_not_the_vendors_own_is_no_answer() {
    const YII: &str = r#"{"name":"Internal Server Error","message":"x","code":0,"status":500}"#;
    for (status, body) in [
        ("500 Internal Server Error", SENT),
        ("500 Internal Server Error", YII),
        ("200 OK", YII),
        ("200 OK", r#"{"code":0}"#),
    ] {
        assert_no_answer(&refused(Reply::status(status, "", body)).await, "code 0");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let server = Server::answering([]).await;
    let location = format!("location: {}/tool/erps/send\r\n", server.base_url);
    for status in [
        "301 Moved Permanently",
        "302 Found",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
    ] {
        assert_no_answer(&refused(Reply::status(status, &location, "")).await, &status[..3]);
    }
    assert_eq!(server.seen().len(), 0);
}

#[tokio::test]
async fn too_many_requests_without_an_envelope_is_no_answer() {
    assert_no_answer(
        &refused(Reply::status("429 Too Many Requests", "", "slow down")).await,
        "HTTP 429",
    );
}

#[tokio::test]
async fn a_missing_path_blocks_the_endpoint_of_a_read_and_leaves_an_effect_to_its_look_up() {
    let missing = || Reply::status("404 Not Found", "", "<html>404</html>");
    let server = Server::answering([missing()]).await;
    let refusal = server.vendor().list_warehouse().await.unwrap_err();
    assert_eq!(
        refusal.verdict,
        Verdict::Blocked("endpoint:list-warehouse".parse::<Scope>().unwrap())
    );
    assert_no_answer(&refused(missing()).await, "HTTP 404");
}

#[tokio::test]
async fn a_truncated_reply_is_no_answer() {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", SENT.len());
    let cut = format!("{head}{}", &SENT[..20]);
    assert_no_answer(
        &refused(Reply::bytes(cut).then_close()).await,
        "cut off after 20 bytes",
    );
}

#[tokio::test]
async fn a_connection_that_is_cut_before_the_reply_is_no_answer_and_no_reason_to_repeat() {
    assert_no_answer(
        &refused(Reply::bytes("").then_close()).await,
        "before a reply came",
    );
}

#[tokio::test]
async fn a_kept_connection_that_dies_under_a_call_is_no_reason_to_repeat_it() {
    let server = Server::answering([Reply::ok(SENT), Reply::bytes("").then_close()]).await;
    let vendor = server.vendor();
    let ship = payloads::taobao_ship();
    vendor.send(&ship).await.unwrap();
    assert_no_answer(&vendor.send(&ship).await.unwrap_err(), "before a reply came");
    assert_eq!(
        server
            .seen()
            .iter()
            .map(|seen| seen.connection)
            .collect::<Vec<_>>(),
        [0, 0]
    );
}

#[tokio::test]
async fn a_huge_reply_is_given_up_at_the_bound() {
    let chunk = "x".repeat(64 * 1024);
    for head in ["content-length: 1000000000\r\n", ""] {
        let reply = Reply::bytes(format!("HTTP/1.1 200 OK\r\n{head}\r\n{chunk}")).then_hang();
        let server = Server::answering([reply]).await;
        let vendor = server.vendor_with(|settings| settings.reply_bytes_max = 10_000);
        assert_no_answer(
            &vendor.send(&payloads::taobao_ship()).await.unwrap_err(),
            "longer than 10000 bytes",
        );
    }
}

#[tokio::test]
async fn a_reply_of_exactly_the_bound_is_read() {
    let padded = format!("{SENT}{}", " ".repeat(2048 - SENT.len()));
    let server = Server::answering([Reply::ok(&padded)]).await;
    let vendor = server.vendor_with(|settings| settings.reply_bytes_max = 2048);
    assert!(vendor.send(&payloads::taobao_ship()).await.is_ok());
}

#[tokio::test]
async fn a_reply_that_never_ends_hits_the_deadline_wherever_it_stops() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n";
    let replies = [
        Reply::bytes("").then_hang(),
        Reply::bytes("HTTP/1.1 200").then_hang(),
        Reply::bytes(head).then_hang(),
        Reply::bytes(format!("{head}{{")).then_drip(),
        Reply::bytes("HTTP/1.1 200 OK\r\n\r\n{").then_drip(),
    ];
    for reply in replies {
        let server = Server::answering([reply]).await;
        let vendor = server.vendor_with(|settings| settings.timeout = SHORT);
        let started = Instant::now();
        assert_no_answer(
            &vendor.send(&payloads::taobao_ship()).await.unwrap_err(),
            "vendor.timeout",
        );
        assert!(started.elapsed() >= SHORT, "{:?}", started.elapsed());
        assert_eq!(server.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_refused_connection_proves_that_nothing_was_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let vendor = Vendor::new(VendorSettings::new(base_url, TOKEN.into())).unwrap();
    let refusal = vendor.send(&payloads::taobao_ship()).await.unwrap_err();
    assert_eq!((refusal.verdict, refusal.code), (Verdict::NotSent, None));
    assert!(
        refusal.msg.contains("not sent") && refusal.msg.contains("refused"),
        "{}",
        refusal.msg
    );
}

#[tokio::test]
async fn a_name_that_does_not_exist_proves_that_nothing_was_sent() {
    // A label of 64 letters exists nowhere, and no resolver is asked for it.
    let base_url = format!("http://{}.invalid", "x".repeat(64));
    let vendor = Vendor::new(VendorSettings::new(base_url, TOKEN.into())).unwrap();
    let refusal = vendor.send(&payloads::taobao_ship()).await.unwrap_err();
    assert_eq!(refusal.verdict, Verdict::NotSent, "{refusal:?}");
}

#[tokio::test]
async fn a_list_of_the_wrong_type_is_no_empty_list() {
    for data in [r#"{"list":"oops","total":"0"}"#, r#""oops""#, r#"{"total":"3"}"#] {
        let body = format!(r#"{{"code":0,"data":{data}}}"#);
        let server = Server::answering([Reply::ok(&body), Reply::ok(&body)]).await;
        let vendor = server.vendor();
        let orders = vendor.get_order_list(1, 10, &OrderFilter::default()).await;
        assert_no_answer(&orders.unwrap_err(), "missing or unreadable");
        let packages = vendor.get_package_list(1, 10, &PackageFilter::default()).await;
        assert_no_answer(&packages.unwrap_err(), "missing or unreadable");
    }
}

#[tokio::test]
async fn a_list_of_nothing_but_rows_that_cannot_be_read_is_no_empty_list() {
    let body = r#"{"code":0,"data":{"list":[{"id":"1"}]}}"#;
    let server = Server::answering([Reply::ok(body), Reply::ok(body)]).await;
    let vendor = server.vendor();
    let orders = vendor.get_order_list(1, 10, &OrderFilter::default()).await;
    let packages = vendor.get_package_list(1, 10, &PackageFilter::default()).await;
    assert_eq!((orders.unwrap().unread, packages.unwrap().unread), (1, 1));
}

#[tokio::test]
async fn an_unknown_order_number_is_an_empty_list_in_both_spellings() {
    let order = OrderFilter {
        order_sn: Some("1".into()),
        ..OrderFilter::default()
    };
    let packages = PackageFilter {
        order_sn: Some("1".into()),
        ..PackageFilter::default()
    };
    for body in [
        r#"{"code":10406,"msg":"当前订单不存在","data":[]}"#,
        r#"{"code":0,"data":[]}"#,
    ] {
        let server = Server::answering([Reply::ok(body), Reply::ok(body)]).await;
        let vendor = server.vendor();
        assert_eq!(vendor.get_order_list(1, 10, &order).await.unwrap().orders, []);
        assert_eq!(
            vendor.get_package_list(1, 10, &packages).await.unwrap().packages,
            []
        );
    }
}

#[tokio::test]
async fn the_code_of_an_unknown_order_is_a_refusal_where_none_was_asked_for() {
    let body = r#"{"code":10406,"msg":"当前订单不存在","data":[]}"#;
    let server = Server::answering([Reply::ok(body), Reply::ok(body)]).await;
    let vendor = server.vendor();
    let orders = vendor.get_order_list(1, 10, &OrderFilter::default()).await;
    assert_eq!(orders.unwrap_err().code, Some(10406));
    let packages = vendor.get_package_list(1, 10, &PackageFilter::default()).await;
    assert_eq!(packages.unwrap_err().code, Some(10406));
}

#[tokio::test]
async fn code_200_is_an_error_whatever_stands_beside_it() {
    let refusal = refused(Reply::ok(
        r#"{"code":200,"msg":"系统错误,请联系客服","data":[{"success":true}]}"#,
    ))
    .await;
    assert_eq!((refusal.verdict, refusal.code), (Verdict::Unknown, Some(200)));
}

#[tokio::test]
async fn a_shop_without_authorisation_is_blocked_with_the_link_that_the_reply_bears() {
    let refusal = refused(Reply::ok(
        r#"{"code":302,"msg":"未授权店铺","data":"https:\/\/auth.example.com\/x"}"#,
    ))
    .await;
    assert_eq!(
        refusal.verdict,
        Verdict::Blocked(Scope::Shop("123456789".to_owned()))
    );
    assert_eq!(refusal.link.as_deref(), Some("https://auth.example.com/x"));
}

#[tokio::test]
async fn neither_token_nor_payload_appears_in_what_is_said_about_a_fault() {
    let refusal = refused(Reply::ok("YT0001 1692089714634374451 <html>")).await;
    let said = format!("{refusal:?}");
    for secret in [TOKEN, "YT0001", "1692089714634374451"] {
        assert!(!said.contains(secret), "{said}");
    }
}
