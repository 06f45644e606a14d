//! `mpaging-orders`: order data by order number. Any number exists, but for those that begin as below.

use serde_json::{Value, json};

use super::{Desk, Refused, required};
use crate::fields::{Fields, as_text};
use crate::reply::Reply;

/// A number that begins so has no row (B12).
const MISSING: &str = "missing";
/// A number that begins so makes the whole call fail.
const BAD: &str = "bad";

pub(super) fn mpaging_orders(fields: &Fields, desk: &mut Desk<'_>) -> Result<Reply, Refused> {
    let owner = required(fields, "owner_id", 100)?;
    if let Some(refusal) = desk.shop_refusal(&owner) {
        return Err(refusal.into());
    }
    let numbers: Vec<String> = fields
        .list("orderSns")
        .map_err(|_| Reply::refused(100))?
        .unwrap_or_default()
        .iter()
        .filter_map(as_text)
        .collect();
    if numbers.is_empty() || numbers.iter().any(|number| number.starts_with(BAD)) {
        return Err(Reply::refused(100).into());
    }
    let content: Vec<Value> = desk
        .worked_off(&numbers)
        .iter()
        .filter(|number| !number.starts_with(MISSING))
        .map(|number| row(number))
        .collect();
    let withheld = desk.withhold();
    Ok(Reply::ok_saying(
        "操作成功",
        json!({"withholding_money": withheld, "content": content}),
    ))
}

/// Masked recipients and mixed types, as in the sample (C4, K2).
fn row(order_sn: &str) -> Value {
    json!({
        "receiver_name": "****",
        "receiver_phone": "150*******15",
        "province": "大象省",
        "city": "猴子市",
        "town": "鸡蛋区",
        "receiver_address": "详细收货地址",
        "order_sn": order_sn,
        "goods_name": "商品名",
        "goods_img": "商品图片",
        "goods_spec": "str",
        "is_pre_sale": false,
        "last_ship_time": 1_605_768_641_000_u64,
        "confirm_time": 1_605_595_841_000_u64,
        "remark": "啊啊",
        "goods_count": 1,
        "pay_amount": 9.9,
        "order_status": 1,
        "remark_tag": null,
        "remark_tag_name": null,
        "item_list": [{
            "goods_count": 1,
            "goods_id": 1,
            "goods_img": "1",
            "goods_name": "1",
            "goods_price": 1.0,
            "goods_spec": "1",
            "outer_goods_id": "1",
            "outer_id": "1",
            "sku_id": 1,
        }],
    })
}
