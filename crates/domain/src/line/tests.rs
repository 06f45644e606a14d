//! What a line must be, and what is made of it; the rules of each payload stand in `rules`.

mod rules;

use super::*;

const TAOBAO: &str = r#"{"kind":"taobao.ship","key":"ERP-1","payload":{"shop_id":"1","tid":1692089714634374451,"out_sid":"YT1","company_code":"YTO"EXTRA}}"#;
const DOUYIN: &str = r#"{"kind":"douyin.ship","payload":{"shop_id":"s","order_id":"4839A","logistics_code":"sf","waybill_code":"SF1"EXTRA}}"#;
const GIFT: &str = r#"{"kind":"gift.order","key":"G-1","payload":{"product_id":11,"warehouse_id":23,"source":"tmall","consignees":[{"consignee":"马云","mobile":15568822288,"province":"浙江","city":"杭州","district":"余杭区","address":"梦想小镇"}]EXTRA}}"#;
const ORDERS: &str =
    r#"{"kind":"orders.sync","payload":{"owner_id":"o","order_sns":["201117-6","201117-7"]EXTRA}}"#;
const LOGISTICS: &str = r#"{"kind":"logistics.sync","payload":{"shop_id":"s"EXTRA}}"#;

/// A sound line with more fields in its payload.
fn with(line: &str, extra: &str) -> String {
    line.replace("EXTRA", extra)
}

fn good(line: &str) -> JobLine {
    JobLine::parse(line.as_bytes()).unwrap_or_else(|error| panic!("{line}: {error}"))
}

fn refusal(line: &str) -> String {
    match JobLine::parse(line.as_bytes()) {
        Ok(_) => panic!("accepted: {line}"),
        Err(error) => error.to_string(),
    }
}

#[track_caller]
fn refused(line: &str, message: &str) {
    let refusal = refusal(line);
    assert!(
        refusal.starts_with(message),
        "{line}\n  says: {refusal}\n  not:  {message}"
    );
}

fn refused_each(cases: &[(String, &str)]) {
    for (line, message) in cases {
        refused(line, message);
    }
}

#[test]
fn a_line_is_normalised_so_that_its_spelling_does_not_matter() {
    let one = good(r#"{"kind":"gift.cancel","payload":{"package_id":243}}"#);
    let other =
        good("\u{feff} {\"payload\" : {\"package_id\":\"243\"}, \"key\":null, \"kind\":\"gift.cancel\"}\r\n");
    assert_eq!(one, other);
    assert_eq!(one.normalised.expose(), r#"{"package_id":"243"}"#);
    assert_eq!(one.key, "243");
}

/// The same key and the same normalised payload, so that one is a duplicate of the other.
#[test]
fn an_optional_field_that_is_empty_or_null_is_left_out() {
    const OPTIONAL: [(&str, &[&str]); 5] = [
        (
            TAOBAO,
            &[
                "sub_tid",
                "is_split",
                "sender_id",
                "cancel_id",
                "feature",
                "vvtype",
            ],
        ),
        (DOUYIN, &["vvtype"]),
        (GIFT, &["product_number", "remark", "shop_id", "vvtype"]),
        (ORDERS, &["type"]),
        (
            LOGISTICS,
            &[
                "fields",
                "tid",
                "buyer_nick",
                "status",
                "seller_confirm",
                "receiver_name",
                "start_created",
                "end_created",
                "freight_payer",
                "type",
                "vvtype",
            ],
        ),
    ];
    for (line, fields) in OPTIONAL {
        // Without a key the work names itself; a gift order cannot.
        let line = if line == GIFT {
            line.to_owned()
        } else {
            line.replace(r#""key":"ERP-1","#, "")
        };
        let without = good(&with(&line, ""));
        for none in [r#""""#, "null"] {
            let each: Vec<String> = fields
                .iter()
                .map(|field| format!(r#","{field}":{none}"#))
                .collect();
            for extra in each.iter().chain([&each.concat()]) {
                assert_eq!(good(&with(&line, extra)), without, "{extra}");
            }
        }
    }
    let package = |number: &str| {
        GIFT.replace(
            r#""address":"梦想小镇""#,
            &format!(r#""address":"梦想小镇"{number}"#),
        )
    };
    assert_eq!(
        good(&with(&package(r#","platform_order_sn":"""#), "")),
        good(&with(&package(""), ""))
    );
}

#[test]
fn an_empty_field_satisfies_nobody_who_needs_it() {
    refused_each(&[
        (
            with(TAOBAO, r#","is_split":1,"sub_tid":"""#),
            "payload.sub_tid: missing",
        ),
        (
            with(GIFT, r#","vvtype":2,"shop_id":"""#),
            "payload.shop_id: missing",
        ),
        (
            with(GIFT, r#","remark":"""#).replace(r#""key":"G-1","#, ""),
            "key: missing; a gift order needs key or payload.remark",
        ),
        (
            with(TAOBAO, r#","feature":" ""#),
            "payload.feature: must not begin or end with a blank",
        ),
    ]);
}

#[test]
fn what_is_stored_reads_back_as_the_same_payload() {
    for line in [TAOBAO, DOUYIN, GIFT, ORDERS, LOGISTICS] {
        let line = good(&with(line, ""));
        assert_eq!(
            Payload::decode(line.kind, line.normalised.expose()).unwrap(),
            line.payload
        );
    }
}

#[test]
fn long_ids_keep_every_digit() {
    let line = good(&with(TAOBAO, ""));
    assert!(
        line.normalised
            .expose()
            .contains(r#""tid":"1692089714634374451""#)
    );
    refused(
        r#"{"kind":"gift.cancel","payload":{"package_id":2.4e1}}"#,
        "payload.package_id: must be text or a whole number without sign, point or exponent, not 2.4e1",
    );
}

#[test]
fn a_key_that_is_left_out_is_made_from_the_work() {
    let keys = [
        (
            with(TAOBAO, "").replace(r#""key":"ERP-1","#, ""),
            "1/1692089714634374451",
        ),
        (
            with(TAOBAO, r#","is_split":1,"sub_tid":"7,8""#).replace(r#""key":"ERP-1","#, ""),
            "1/1692089714634374451/7,8",
        ),
        (with(DOUYIN, ""), "s/4839A/SF1"),
        (with(GIFT, r#","remark":"R""#).replace(r#""key":"G-1","#, ""), "R"),
        (with(ORDERS, ""), ""),
        (with(LOGISTICS, ""), ""),
    ];
    for (line, key) in keys {
        assert_eq!(good(&line).key, key, "{line}");
    }
}

#[test]
fn a_gift_order_is_the_same_whether_key_or_remark_names_it() {
    let by_key = good(&with(GIFT, ""));
    let by_remark = good(&with(GIFT, r#","remark":"G-1""#).replace(r#""key":"G-1","#, ""));
    let by_both = good(&with(GIFT, r#","remark":"G-1""#));
    assert_eq!(by_key, by_remark);
    assert_eq!(by_key, by_both);
    refused(
        &with(GIFT, r#","remark":"G-2""#),
        "payload.remark: must equal key \"G-1\"",
    );
    refused(
        &with(GIFT, "").replace(r#""key":"G-1","#, ""),
        "key: missing; a gift order needs",
    );
    refused(
        &with(GIFT, "").replace("G-1", "G-1#2"),
        "key: must not end in # and a number",
    );
    for free in ["G-1#1", "G-1#02", "G-1#", "#x"] {
        assert_eq!(good(&with(GIFT, "").replace("G-1", free)).key, free);
    }
}

#[test]
fn run_at_is_a_moment_with_its_zone() {
    let line =
        |run_at: &str| format!(r#"{{"kind":"gift.cancel","run_at":{run_at},"payload":{{"package_id":1}}}}"#);
    assert_eq!(
        good(&line(r#""2026-11-21T20:13:05+08:00""#)).due_ms,
        Some(1_795_263_185_000)
    );
    assert_eq!(good(&line("null")).due_ms, None);
    for bad in [
        r#""2026-11-21T20:13:05""#,
        r#""tomorrow""#,
        r#""2099-01-01T00:00Z""#,
        r#""20990101T000000Z""#,
        r#""2099-01-01T00:00:00+08""#,
        r#""2099-01-01T00:00:00.Z""#,
        r#""2099-01-01T00:00:00+08:00[Asia/Shanghai]""#,
    ] {
        refused(&line(bad), "run_at: must be a time with its zone");
    }
    for bad in [r#""2026-02-30T00:00:00Z""#, r#""9999-12-31T23:59:59Z""#] {
        refused(&line(bad), "run_at: must be a moment of the calendar before");
    }
    let finer = good(&line(r#""2026-11-21t12:13:05.25z""#));
    assert_eq!(finer.due_ms, Some(1_795_263_185_250));
    refused(&line("1795263185"), "run_at: must be text, not 1795263185");
}

#[test]
fn a_line_that_is_no_object_is_refused_with_the_cause() {
    refused("", "line is not JSON: EOF while parsing a value at column 0");
    refused("{\"kind\":", "line is not JSON: EOF while parsing");
    refused("[]", "line: must be an object, not a list");
    refused(r#""{\"kind\":1}""#, "line is a JSON string that holds JSON");
    refused(
        r#"{"kind":"gift.cancel","payload":"{\"package_id\":1}"}"#,
        "payload: must be an object, not text that holds JSON",
    );
    refused(
        r#"{"kind":"gift.cancel","payload":["1"]}"#,
        "payload: must be an object, not a list",
    );
    let java = JobLine::parse(b"\xac\xed\x00\x05t\x00").unwrap_err().to_string();
    assert!(java.contains("StringRedisTemplate"), "{java}");
    let gbk = JobLine::parse(b"{\"kind\":\"\xc2\xed\"}")
        .unwrap_err()
        .to_string();
    assert!(gbk.contains("byte 10"), "{gbk}");
    let long = format!("{{\"kind\":\"{}\"}}", "x".repeat(LINE_BYTES_MAX));
    refused(&long, "line: is 65547 bytes long; at most 65536");
}

#[test]
fn a_field_that_is_unknown_missing_or_doubled_is_named() {
    refused(r#"{"payload":{}}"#, "kind: missing");
    refused(
        r#"{"kind":"x","payload":{}}"#,
        "kind: \"x\" is not known; allowed: taobao.ship, douyin.ship",
    );
    refused(r#"{"kind":"gift.cancel"}"#, "payload: missing");
    refused(
        r#"{"kind":"taobao.ship","payload":{"shop_id":"1","tid":"2"}}"#,
        "payload.out_sid: missing",
    );
    refused(
        &with(DOUYIN, r#","wight":1"#),
        "payload.wight: is not known; allowed: shop_id, order_id",
    );
    refused(
        r#"{"kind":"gift.cancel","payload":{"package_id":1},"keys":"a"}"#,
        "keys: is not known; allowed: kind, key, run_at, payload",
    );
    refused(
        r#"{"kind":"gift.cancel","payload":{"package_id":1,"package_id":2}}"#,
        "payload.package_id: stands there twice",
    );
    refused(r#"{"kind":"a","kind":"b"}"#, "kind: stands there twice");
    refused(
        &with(GIFT, "").replace(r#""mobile":15568822288,"#, ""),
        "payload.consignees[0].mobile: missing",
    );
}

#[test]
fn a_value_of_the_wrong_type_is_refused() {
    refused(r#"{"kind":5,"payload":{}}"#, "kind: must be text, not 5");
    refused(
        r#"{"kind":"gift.cancel","key":5,"payload":{"package_id":1}}"#,
        "key: must be text, not 5",
    );
    refused(
        &with(TAOBAO, r#","feature":true"#),
        "payload.feature: must be text, not true",
    );
    refused(
        &with(DOUYIN, r#","vvtype":[1]"#),
        "payload.vvtype: must be text or a whole number, not a list",
    );
    refused(
        r#"{"kind":"orders.sync","payload":{"owner_id":1,"order_sns":"1"}}"#,
        "payload.order_sns: must be a list, not text",
    );
    refused(
        r#"{"kind":"orders.sync","payload":{"owner_id":1,"order_sns":[1,{}]}}"#,
        "payload.order_sns[1]: must be text or a whole number, not an object",
    );
}

#[test]
fn lists_are_bounded_at_both_ends() {
    let orders = |count: usize| {
        let numbers: Vec<String> = (0..count).map(|number| number.to_string()).collect();
        format!(
            r#"{{"kind":"orders.sync","payload":{{"owner_id":1,"order_sns":[{}]}}}}"#,
            numbers.join(",")
        )
    };
    assert_eq!(good(&orders(1000)).key, "");
    refused(
        &orders(1001),
        "payload.order_sns: must hold 1 to 1000 order numbers, not 1001",
    );
    refused(
        &orders(0),
        "payload.order_sns: must hold 1 to 1000 order numbers, not 0",
    );
    let gift = with(GIFT, "");
    let (start, end) = (gift.find('[').unwrap(), gift.find(']').unwrap());
    let none = format!("{}{}", &gift[..=start], &gift[end..]);
    refused(&none, "payload.consignees: must hold at least one recipient");
}

#[test]
fn no_refusal_shows_personal_data() {
    let personal = ["马云", "15568822288", "梦想小镇", "浙江"];
    let lines = [
        with(GIFT, "").replace("15568822288", "-15568822288"),
        with(GIFT, "").replace("\"马云\"", "15568822288"),
        with(GIFT, "").replace("\"梦想小镇\"", "[\"梦想小镇\"]"),
        with(GIFT, "").replace("浙江", " 浙江"),
        with(GIFT, "").replace("15568822288", &format!("\"{}\"", "15568822288".repeat(20))),
        with(LOGISTICS, r#","buyer_nick":"马云 ""#),
        with(LOGISTICS, r#","receiver_name":["马云"]"#),
    ];
    for line in lines {
        let refusal = refusal(&line);
        assert!(!personal.iter().any(|word| refusal.contains(word)), "{refusal}");
        assert!(refusal.starts_with("payload."), "{refusal}");
    }
    assert!(!format!("{:?}", good(&with(GIFT, ""))).contains("马云"));
}
