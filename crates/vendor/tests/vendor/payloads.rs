//! Payloads with every field that their kind has.

use parceld_domain::payload::{DouyinShip, GiftOrder, LogisticsSync, TaobaoShip};
use serde_json::json;

pub(crate) fn taobao_ship() -> TaobaoShip {
    serde_json::from_value(json!({
        "shop_id": "123456789", "tid": "1692089714634374451", "out_sid": "YT0001", "company_code": "YTO",
        "sub_tid": "1,2", "is_split": "1", "sender_id": "11", "cancel_id": "12",
        "feature": "identCode=1:甲,乙", "vvtype": "4",
    }))
    .unwrap()
}

pub(crate) fn douyin_ship(order_id: &str, waybill_code: &str) -> DouyinShip {
    serde_json::from_value(json!({
        "shop_id": "dy-shop", "order_id": order_id, "logistics_code": "shunfeng", "waybill_code": waybill_code,
    }))
    .unwrap()
}

pub(crate) fn gift_order() -> GiftOrder {
    serde_json::from_value(json!({
        "product_id": 49066, "warehouse_id": "23", "product_number": 2, "source": "tmall", "shop_id": "77",
        "vvtype": 2,
        "consignees": [{
            "consignee": "张三", "mobile": 15568822288_i64, "province": "浙江", "city": "杭州", "district": "余杭区",
            "address": "梦想小镇", "platform_order_sn": "8980809890809809",
        }],
    }))
    .unwrap()
}

pub(crate) fn logistics_sync() -> LogisticsSync {
    serde_json::from_value(json!({
        "shop_id": "123", "fields": "tid,status", "tid": "1692089714634374451", "buyer_nick": "~nick~",
        "status": "CREATED", "seller_confirm": "yes", "receiver_name": "~name~",
        "start_created": "2021-04-01 00:00:00", "end_created": "2021-04-02 00:00:00", "freight_payer": "seller",
        "type": "express", "vvtype": "3",
    }))
    .unwrap()
}
