//! `list-warehouse`, `get-product-list`, `get-shop-info`: what can be ordered.

use serde_json::{Value, json};

use super::paging::{Page, cut};
use super::{Desk, Refused};
use crate::fields::Fields;
use crate::reply::Reply;
use crate::state::catalogue::{Product, Warehouse};

const DAY_MS: i64 = 86_400_000;

/// Before now begins and after now ends a present ban; a past one ended that long ago.
const MONTH_MS: i64 = 30 * DAY_MS;

pub(super) fn list_warehouse(desk: &Desk<'_>) -> Reply {
    let row = |warehouse: &Warehouse| {
        let ban = |district: &String, from_ms: i64, to_ms: i64| {
            json!({
                "district": [district],
                "startTime": desk.clock.china(desk.now_ms + from_ms),
                "endTime": desk.clock.china(desk.now_ms + to_ms),
            })
        };
        let now = warehouse
            .forbid_now
            .iter()
            .map(|district| ban(district, -MONTH_MS, MONTH_MS));
        let past = warehouse
            .forbid_past
            .iter()
            .map(|district| ban(district, -2 * MONTH_MS, -MONTH_MS));
        json!({
            "warehouse_id": warehouse.id.to_string(),
            "warehouse_name": warehouse.name,
            "api_price": warehouse.api_price.to_string(),
            "address": warehouse.address,
            "forbidSend": now.chain(past).collect::<Vec<_>>(),
        })
    };
    Reply::ok(desk.state.catalogue.warehouses.iter().map(row).collect())
}

/// The types mix numbers and text as in the sample (C1); `sale_price` is yuan, `shipping_fee` points (C5).
pub(super) fn get_product_list(fields: &Fields, desk: &Desk<'_>) -> Result<Reply, Refused> {
    let page = Page::of_range(fields, desk.state.options.page_size_cap)?;
    let products = &desk.state.catalogue.products;
    let row = |product: &Product| {
        json!({
            "status": 1,
            "sale_price": product.price.number(),
            "id": product.id,
            "weight": product.weight,
            "othumb": format!("http://image.example.com/{}.jpg", product.id),
            "product_name": product.name,
            "stock": product.stock,
            "sales": 8_538,
            "province_code": 440_000,
            "signing_method": 1,
            "shipping_fee": product.shipping_fee,
            "warehouse_id": product.warehouse_id,
            "warehouse_name": warehouse_name(product, desk),
        })
    };
    let rows: Vec<Value> = products.iter().map(row).collect();
    Ok(Reply::ok(
        json!({"list": cut(page, rows), "total": products.len()}),
    ))
}

/// One product, despite the name (D15), with nearly everything as text.
pub(super) fn get_shop_info(fields: &Fields, desk: &Desk<'_>) -> Result<Reply, Refused> {
    let id = fields.whole("id")?.ok_or_else(|| Reply::refused(205))?;
    let product = desk
        .state
        .catalogue
        .product(id)
        .ok_or_else(|| Reply::refused(10402))?;
    Ok(Reply::ok(json!({
        "id": product.id.to_string(),
        "name": product.name,
        "sale_price": product.price.number(),
        "weight": product.weight.to_string(),
        "sales": "967",
        "othumb": format!("http://image.example.com/{}.jpg", product.id),
        "create_time": "2020-10-30 10:46:13",
        "status": "1",
        "stock": product.stock.to_string(),
        "ext_warehouse_id": product.warehouse_id.to_string(),
        "alias_name": warehouse_name(product, desk),
        "shipping_fee": product.shipping_fee.to_string(),
        "user_source": "taobao",
        "signing_method": "1",
    })))
}

fn warehouse_name<'a>(product: &Product, desk: &'a Desk<'_>) -> &'a str {
    desk.state
        .catalogue
        .warehouse(product.warehouse_id)
        .map_or("", |warehouse| &warehouse.name)
}
