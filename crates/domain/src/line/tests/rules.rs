//! Every rule of a payload, broken once.

use super::*;

#[test]
fn every_rule_of_a_shipment_names_its_field() {
    refused_each(&[
        (
            with(TAOBAO, "").replace("YTO", "Other"),
            "payload.company_code: \"other\" is refused",
        ),
        (
            with(TAOBAO, "").replace("YTO", &"邮".repeat(21)),
            "payload.company_code: is 21 characters long; at most 20",
        ),
        (
            with(TAOBAO, "").replace("YTO", ""),
            "payload.company_code: must not be empty",
        ),
        (
            with(TAOBAO, "").replace("YT1", " YT1"),
            "payload.out_sid: must not begin or end with a blank",
        ),
        (
            with(TAOBAO, "").replace("YT1", r"Y\tT1"),
            "payload.out_sid: must not hold a control character",
        ),
        (
            with(TAOBAO, "").replace("1692089714634374451", "\"1.69E+18\""),
            "payload.tid: \"1.69E+18\" has lost its digits",
        ),
        (with(TAOBAO, r#","is_split":1"#), "payload.sub_tid: missing"),
        (
            with(TAOBAO, r#","sub_tid":"1,2","is_split":0"#),
            "payload.is_split: must be 1 together with sub_tid",
        ),
        (
            with(TAOBAO, r#","sub_tid":"1, 2","is_split":1"#),
            "payload.sub_tid: must be digits separated",
        ),
        (
            with(TAOBAO, r#","is_split":2"#),
            "payload.is_split: \"2\" is not known; allowed: 0, 1",
        ),
        (
            with(TAOBAO, r#","vvtype":5"#),
            "payload.vvtype: \"5\" is not known; allowed: 1, 2, 3, 4",
        ),
        (
            with(TAOBAO, r#","sender_id":"a""#),
            "payload.sender_id: must be digits only",
        ),
        (
            with(TAOBAO, "").replace("ERP-1", &"k".repeat(129)),
            "key: is 129 bytes long; at most 128",
        ),
        (with(TAOBAO, "").replace("ERP-1", ""), "key: must not be empty"),
        (
            with(TAOBAO, "").replace("ERP-1", r"a\nb"),
            "key: must not hold a control character",
        ),
        (
            with(DOUYIN, r#","vvtype":3"#),
            "payload.vvtype: \"3\" is not known; allowed: 1, 2",
        ),
        (
            with(DOUYIN, "").replace("\"s\"", &format!("\"{}\"", "s".repeat(129))),
            "payload.shop_id: is 129 bytes",
        ),
    ]);
}

#[test]
fn every_rule_of_a_gift_order_names_its_field() {
    refused_each(&[
        (
            with(GIFT, "").replace("tmall", "dj"),
            "payload.source: \"dj\" is not known; allowed: taobao",
        ),
        (
            with(GIFT, r#","product_number":0"#),
            "payload.product_number: must be from 1 to 9999",
        ),
        (
            with(GIFT, r#","product_number":10000"#),
            "payload.product_number: must be from 1 to 9999",
        ),
        (
            with(GIFT, "").replace("11,", "\"a\","),
            "payload.product_id: must be digits only",
        ),
        (
            with(GIFT, "").replace(r#""余杭区""#, r#""""#),
            "payload.consignees[0].district: must not be empty",
        ),
        (
            with(GIFT, r#","vvtype":2"#),
            "payload.shop_id: missing; vvtype 2 needs it",
        ),
        (
            with(GIFT, r#","vvtype":2,"shop_id":"s""#),
            "payload.consignees[0].platform_order_sn: missing; vvtype 2 needs it",
        ),
    ]);
}

#[test]
fn every_rule_of_a_sync_names_its_field() {
    refused_each(&[
        (
            with(ORDERS, r#","type":3"#),
            "payload.type: \"3\" is not known; allowed: 1, 2",
        ),
        (
            with(ORDERS, "").replace("7\"", "6\""),
            "payload.order_sns[1]: \"201117-6\" is the same as order_sns[0]",
        ),
        (
            with(LOGISTICS, r#","status":"created""#),
            "payload.status: \"created\" is not known",
        ),
        (
            with(LOGISTICS, r#","type":"air""#),
            "payload.type: \"air\" is not known; allowed: post",
        ),
        (
            with(LOGISTICS, r#","seller_confirm":"y""#),
            "payload.seller_confirm: \"y\" is not known",
        ),
        (
            with(LOGISTICS, r#","freight_payer":"me""#),
            "payload.freight_payer: \"me\" is not known",
        ),
        (
            with(LOGISTICS, r#","start_created":"2026-1-1""#),
            "payload.start_created: must be a time such as",
        ),
        (
            with(
                LOGISTICS,
                r#","start_created":"2026-01-02 00:00:00","end_created":"2026-01-01 00:00:00""#,
            ),
            "payload.end_created: must not be before",
        ),
        (
            with(LOGISTICS, r#","fields":"tid, status""#),
            "payload.fields: must be field names",
        ),
        (
            with(LOGISTICS, r#","vvtype":4"#),
            "payload.vvtype: \"4\" is not known; allowed: 1, 2, 3",
        ),
    ]);
}
