//! `order-create`: a new gift order awaiting payment. The remark is not unique: a repeat creates again (J1).

use serde_json::{Value, json};

use super::{Answer, Desk, Refused, required};
use crate::fields::{Fields, as_text};
use crate::reply::Reply;
use crate::state::orders::{NewOrder, Order};
use crate::state::packages::Recipient;

const SOURCES: [&str; 8] = ["taobao", "tmall", "jd", "pdd", "albb", "ks", "dyxd", "other"];

/// The value of `vvtype` for a masked recipient: not a service version as elsewhere (E2).
const MASKED: u64 = 2;

/// More pieces in one package are a slip of the caller.
const MOST_PIECES: u64 = 100_000;

pub(super) fn order_create(fields: &Fields, desk: &mut Desk<'_>) -> Result<Answer, Refused> {
    let product_id = fields.whole("product_id")?.ok_or_else(|| Reply::refused(205))?;
    let warehouse_id = fields.whole("warehouse_id")?.ok_or_else(|| Reply::refused(205))?;
    let product_number = fields.whole("product_number")?.unwrap_or(1);
    let source = required(fields, "source", 205)?;
    let masked = fields.whole("vvtype")?.unwrap_or(1) == MASKED;
    let recipients = recipients(fields, masked)?;
    if !(1..=MOST_PIECES).contains(&product_number) || !SOURCES.contains(&source.as_str()) {
        return Err(Reply::refused(100).into());
    }
    let shop = fields.text("shop_id");
    if masked && shop.is_none() {
        return Err(Reply::refused(205).into());
    }
    if let Some(refusal) = shop.and_then(|shop| desk.shop_refusal(&shop)) {
        return Err(refusal.into());
    }
    let catalogue = &desk.state.catalogue;
    let product = catalogue
        .product(product_id)
        .ok_or_else(|| Reply::refused(10402))?
        .clone();
    let warehouse = catalogue
        .warehouse(warehouse_id)
        .ok_or_else(|| Reply::refused(10403))?;
    let new = NewOrder {
        product,
        product_number,
        warehouse_alias: warehouse.name.clone(),
        remark: fields.text("remark").unwrap_or_default(),
        source,
        recipients,
        order_sn: order_sn(desk),
        price_drift: desk.state.options.price_drift,
    };
    let order = desk.state.orders.create(new, desk.now_ms);
    desk.sums.created(&order.remark);
    Ok(Answer::changed(Reply::ok(shown(order))))
}

fn recipients(fields: &Fields, masked: bool) -> Result<Vec<Recipient>, Refused> {
    let items = fields.list("consignees")?.unwrap_or_default();
    if items.is_empty() {
        return Err(Reply::refused(205).into());
    }
    items.iter().map(|item| recipient(item, masked)).collect()
}

fn recipient(item: &Value, masked: bool) -> Result<Recipient, Refused> {
    let Value::Object(map) = item else {
        return Err(Reply::refused(208).into());
    };
    let text = |name: &str| {
        let value = map.get(name).and_then(as_text);
        value.ok_or_else(|| Refused(Reply::refused(205)))
    };
    let platform_order_sn = text("platform_order_sn");
    Ok(Recipient {
        consignee: text("consignee")?,
        mobile: text("mobile")?,
        province: text("province")?,
        city: text("city")?,
        district: text("district")?,
        address: text("address")?,
        platform_order_sn: if masked {
            Some(platform_order_sn?)
        } else {
            platform_order_sn.ok()
        },
    })
}

/// 21 digits that look like a time, with the month where the minutes would be, as in all samples (C7).
fn order_sn(desk: &Desk<'_>) -> String {
    let digits: String = desk
        .clock
        .china(desk.now_ms)
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    let (date, time) = digits.split_at(8);
    let (month, hour, second) = (&date[4..6], &time[..2], &time[4..]);
    format!(
        "{date}{hour}{month}{second}{:07}",
        desk.state.orders.next_order_id()
    )
}

/// The reply mixes numbers and text as the sample does: `order_id` is a number, `order_sn` is text (C1, C2).
fn shown(order: &Order) -> Value {
    let packages = order.packages.len() as u64;
    json!({
        "product": {
            "product_name": order.product.name,
            "product_number": order.product_number,
            "product_price": order.product.price.points_text(),
            "product_weight": order.product.weight,
            "total_price": order.product.price.points(order.product_number),
        },
        "order": {
            "order_id": order.id,
            "order_sn": order.order_sn,
            "total_count": packages * order.product_number,
            "total_freight_number": packages,
            "total_freight_price": order.total_freight_price,
            "total_product_price": order.total_product_price,
            "total_price": order.total_price,
        },
    })
}
