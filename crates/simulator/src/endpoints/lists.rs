//! `get-order-list` and `get-package-list`: gift orders and their packages, newest first.

use serde_json::{Value, json};

use super::paging::{Page, cut};
use super::{Desk, Refused};
use crate::fields::Fields;
use crate::reply::Reply;
use crate::state::orders::Order;
use crate::state::packages::{Package, Status};

/// Everything is text, numbers too, `total` included (C1).
pub(super) fn get_order_list(fields: &Fields, desk: &Desk<'_>) -> Result<Reply, Refused> {
    let page = Page::of_range(fields, desk.state.options.page_size_cap)?;
    let filter = fields.object("filter")?.unwrap_or_default();
    let (source, order_sn) = (filter.text("source"), filter.text("order_sn"));
    let rows: Vec<Value> = desk
        .state
        .orders
        .newest_first()
        .filter(|order| source.as_ref().is_none_or(|wanted| *wanted == order.source))
        .filter(|order| order_sn.as_ref().is_none_or(|wanted| *wanted == order.order_sn))
        .filter_map(|order| {
            let status_at = |at_ms| desk.state.orders.status_at(order, at_ms);
            Some(order_row(order, shown(status_at, desk.seen_ms(), desk)?, desk))
        })
        .collect();
    Ok(listed(rows, page, desk))
}

/// A filter that matches nothing gives an empty list; whether 10406 instead is not stated.
pub(super) fn get_package_list(fields: &Fields, desk: &Desk<'_>) -> Result<Reply, Refused> {
    let page = Page::of_range(fields, desk.state.options.page_size_cap)?;
    let filter = fields.object("filter")?.unwrap_or_default();
    let (mobile, order_sn) = (filter.text("mobile"), filter.text("order_sn"));
    let status = filter.text("status");
    let seen_ms = packages_seen_ms(desk);
    let rows: Vec<Value> = desk
        .state
        .orders
        .packages_newest_first()
        .filter(|(package, _)| {
            mobile
                .as_ref()
                .is_none_or(|wanted| *wanted == package.recipient.mobile)
        })
        .filter(|(_, order)| order_sn.as_ref().is_none_or(|wanted| *wanted == order.order_sn))
        .filter_map(|(package, order)| {
            let status = shown(|at_ms| package.status_at(at_ms), seen_ms, desk)?;
            Some((package, order, status))
        })
        .filter(|(_, _, at)| status.as_ref().is_none_or(|wanted| *wanted == at.text()))
        .map(|(package, order, at)| package_row(package, order, at, desk))
        .collect();
    Ok(listed(rows, page, desk))
}

/// The list of packages may lag behind the list of orders.
fn packages_seen_ms(desk: &Desk<'_>) -> i64 {
    desk.seen_ms()
        .saturating_sub_unsigned(desk.state.options.packages_lag_ms)
}

/// The instant as of which a list shows changes, if it shows what exists as of `seen_ms`.
fn changes_seen_ms(seen_ms: i64, desk: &Desk<'_>) -> i64 {
    seen_ms.saturating_sub_unsigned(desk.state.options.changes_lag_ms)
}

/// The status that a list shows: what is there, awaits payment until the list has caught up with its changes.
fn shown(status_at: impl Fn(i64) -> Option<Status>, seen_ms: i64, desk: &Desk<'_>) -> Option<Status> {
    status_at(seen_ms)?;
    Some(status_at(changes_seen_ms(seen_ms, desk)).unwrap_or(Status::AwaitingPayment))
}

fn listed(rows: Vec<Value>, page: Option<Page>, desk: &Desk<'_>) -> Reply {
    let total = rows.len().to_string();
    let page = page.map(|page| page.shifted(desk.distortion.shift));
    let mut list = cut(page, rows);
    if desk.distortion.twice {
        list = list.into_iter().flat_map(|row| [row.clone(), row]).collect();
    }
    Reply::ok(json!({"list": list, "total": total}))
}

/// `page_number` is the number of packages (D14); `id` is the order's id, whatever its label says (D4).
fn order_row(order: &Order, status: Status, desk: &Desk<'_>) -> Value {
    json!({
        "alias_name": order.warehouse_alias,
        "id": order.id.to_string(),
        "order_sn": order.order_sn,
        "page_number": order.packages.len().to_string(),
        "source": order.source,
        "remark": order.remark,
        "create_time": desk.clock.china(order.created_ms),
        "name": order.product.name,
        "total_price": order.total_price.to_string(),
        "status": status.text(),
    })
}

/// `sale_price` is in points here and in yuan in the catalogue (C5).
fn package_row(package: &Package, order: &Order, status: Status, desk: &Desk<'_>) -> Value {
    let seen_ms = packages_seen_ms(desk);
    let waybill = package.waybill_at(changes_seen_ms(seen_ms, desk));
    let recipient = &package.recipient;
    let goods = order.product.price.points(order.product_number);
    json!({
        "id": package.id.to_string(),
        "product_weight": order.product.weight.to_string(),
        "product_name": order.product.name,
        "order_id": order.id.to_string(),
        "package_total_price": (goods + order.product.shipping_fee).to_string(),
        "create_time": desk.clock.china(package.created_ms),
        "update_time": package.updated_at(changes_seen_ms(seen_ms, desk)).map(|at_ms| desk.clock.china(at_ms)),
        "shipping_fee": order.product.shipping_fee.to_string(),
        "product_number": order.product_number.to_string(),
        "consignee": recipient.consignee,
        "mobile": recipient.mobile,
        "province": recipient.province,
        "city": recipient.city,
        "district": recipient.district,
        "address": recipient.address,
        "ext_platform_order_sn": recipient.platform_order_sn,
        "additional": null,
        "status": status.text(),
        "order_sn": order.order_sn,
        "sale_price": order.product.price.points_text(),
        "express_no": waybill.as_ref().map(|(number, _)| number),
        "express_company_name": waybill.as_ref().map(|(_, carrier)| carrier),
    })
}
