//! `detail`: Taobao logistics orders, one by tid or pages of a shop's.

use serde_json::{Map, Value, json};

use super::paging::Page;
use super::{Desk, Refused, required};
use crate::clock::Clock;
use crate::fields::Fields;
use crate::reply::Reply;
use crate::state::trades::{Shipment, Standing, Trade};

const NO_SUCH_TRADE: &str = "参数:trade_id:P07 无效,格式不对、非法值、越界等";

/// Asked for by this name, answered as `location` (D10).
const LOCATION: (&str, &str) = ("receiver_location", "location");

/// The seeded rows of a shop lie so far apart in time.
const BETWEEN_ROWS_MS: i64 = 60_000;

/// Filters that compare a column of the row with the field of the same name.
const FILTERS: [&str; 6] = [
    "status",
    "seller_confirm",
    "type",
    "freight_payer",
    "buyer_nick",
    "receiver_name",
];

pub(super) fn detail(fields: &Fields, desk: &mut Desk<'_>) -> Result<Reply, Refused> {
    let shop = required(fields, "shop_id", 100)?;
    if let Some(refusal) = desk.shop_refusal(&shop) {
        return Err(refusal.into());
    }
    let columns = required(fields, "fields", 100)?;
    let columns: Vec<&str> = columns.split(',').map(str::trim).collect();
    let cap = desk.state.options.page_size_cap;
    let (rows, total) = match fields.text("tid") {
        Some(tid) => (vec![one_row(&tid, &shop, desk)?], 1),
        None => {
            let rows = matching_rows(&shop, fields, desk);
            let total = rows.len();
            (Page::of_detail(fields, cap)?.cut(rows.into_iter()), total)
        }
    };
    let mut rows: Vec<Map<String, Value>> = rows.into_iter().map(|row| pick(row, &columns)).collect();
    let withheld = desk.withhold();
    // The charge sits among the fields of the first row (B8).
    if let Some(first) = rows.first_mut() {
        first.insert("withholding_money".to_owned(), json!(withheld));
    }
    let data = match desk.state.options.wrap_shippings {
        true => json!({"shippings": rows, "total_results": total}),
        false => json!(rows),
    };
    Ok(Reply::ok_saying("操作成功", data))
}

/// The one logistics order that a tid brings, also for a trade in parts (F6).
fn one_row(tid: &str, shop: &str, desk: &mut Desk<'_>) -> Result<Map<String, Value>, Refused> {
    let (now_ms, seen_ms, clock) = (desk.now_ms, desk.seen_ms(), desk.clock);
    let refuses_unshipped = desk.state.options.detail_refuses_unshipped;
    let trade = desk.state.trades.named(tid, shop, now_ms);
    let shipment = shipments_at(trade, seen_ms).next();
    let refused = trade.standing == Standing::Unknown
        || trade.shop != shop
        || (refuses_unshipped && shipment.is_none() && trade.standing == Standing::Awaiting);
    if refused {
        return Err(Reply::refused_saying(614, NO_SUCH_TRADE).into());
    }
    Ok(row(tid, trade, shipment, clock))
}

fn matching_rows(shop: &str, fields: &Fields, desk: &Desk<'_>) -> Vec<Map<String, Value>> {
    let from = fields.text("start_created");
    let until = fields.text("end_created");
    let column =
        |row: &Map<String, Value>, name: &str| row.get(name).and_then(Value::as_str).map(str::to_owned);
    all_rows(shop, desk)
        .into_iter()
        // Both are `yyyy-MM-dd HH:mm:ss` in China time: the order of text is the order of time.
        .filter(|row| from.is_none() || column(row, "created") >= from)
        .filter(|row| until.is_none() || column(row, "created") <= until)
        .filter(|row| {
            FILTERS.iter().all(|name| {
                fields
                    .text(name)
                    .is_none_or(|wanted| column(row, name) == Some(wanted))
            })
        })
        .collect()
}

/// Rows of the trades that were named, then the seeded ones, each newest first.
fn all_rows(shop: &str, desk: &Desk<'_>) -> Vec<Map<String, Value>> {
    let seen_ms = desk.seen_ms();
    let mut rows = Vec::new();
    let of_shop = |trade: &Trade| trade.shop == shop && trade.standing != Standing::Unknown;
    for (tid, trade) in desk.state.trades.known.iter().filter(|(_, trade)| of_shop(trade)) {
        let shipped = rows.len();
        rows.extend(shipments_at(trade, seen_ms).map(|shipment| row(tid, trade, Some(shipment), desk.clock)));
        if rows.len() == shipped {
            rows.push(row(tid, trade, None, desk.clock));
        }
    }
    let seeded = desk
        .state
        .trades
        .seeded_rows
        .get(shop)
        .copied()
        .unwrap_or_default();
    for index in 0..i64::try_from(seeded).unwrap_or_default() {
        let created_ms = -BETWEEN_ROWS_MS * (index + 1);
        let tid = format!("{}", 1_692_089_714_634_374_451 - index);
        let trade = Trade {
            shop: shop.to_owned(),
            created_ms,
            ..Trade::default()
        };
        let parcel = Shipment {
            out_sid: format!("YT{:012}", 900_000_000_000 + index),
            company_code: "YTO".to_owned(),
            shipped_ms: created_ms,
        };
        rows.push(row(&tid, &trade, Some(("", &parcel)), desk.clock));
    }
    rows
}

fn shipments_at(trade: &Trade, at_ms: i64) -> impl Iterator<Item = (&str, &Shipment)> {
    let left = trade
        .shipments
        .iter()
        .filter(move |(_, shipment)| shipment.shipped_ms <= at_ms);
    left.map(|(part, shipment)| (part.as_str(), shipment))
}

/// A whole row; personal data is enciphered as in the sample (K1).
fn row(tid: &str, trade: &Trade, shipment: Option<(&str, &Shipment)>, clock: &Clock) -> Map<String, Value> {
    let part = shipment.map_or("", |(part, _)| part);
    let parcel = shipment.map(|(_, parcel)| parcel);
    let sub_tids: Vec<&str> = if part.is_empty() {
        vec![tid]
    } else {
        part.split(',').collect()
    };
    let status = match (trade.standing, parcel) {
        (Standing::Closed, _) => "CLOSED",
        // For self-arranged shipping this only says that the seller has shipped (E7).
        (_, Some(_)) => "ACCEPTED_BY_RECEIVER",
        (_, None) => "CREATED",
    };
    let changed_ms = parcel.map_or(trade.created_ms, |parcel| parcel.shipped_ms);
    let whole = json!({
        "tid": tid,
        "order_code": format!("LP{:0>14}", tid.chars().rev().take(14).collect::<String>()),
        "status": status,
        "seller_confirm": if parcel.is_some() { "yes" } else { "no" },
        "out_sid": parcel.map(|parcel| &parcel.out_sid),
        "company_name": parcel.map(|parcel| &parcel.company_code),
        "created": clock.china(trade.created_ms),
        "modified": clock.china(changed_ms),
        "is_split": u8::from(!part.is_empty()),
        "sub_tids": {"number": sub_tids},
        "is_quick_cod_order": false,
        "seller_nick": "tb5930250350",
        "buyer_nick": "~yOlO+NauHofT1xEACTmZhA==~Pz1vgPL7Ej0u~1~~",
        "receiver_name": "~c7taW1ODc8ukQPFVN66n5w==~W+3x~1~~",
        "receiver_mobile": "$un9BDyLXrNjZ8ki4CNcpNw==$ZFUq+8Ll97SRmROJ7sKQoA==$1$$",
        "item_title": "婴幼儿童宝贝随身便携小包迷你清洁宝宝消毒湿巾生活多场景使用包",
        "location": {"address": "****", "city": "杭州市", "district": "西湖区", "state": "浙江省", "zip": "000000"},
        "type": "express",
        "freight_payer": "seller",
    });
    match whole {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// Only the columns asked for, and none without a value (B11).
fn pick(row: Map<String, Value>, columns: &[&str]) -> Map<String, Value> {
    let asked = |name: &str| columns.contains(&name) || (name == LOCATION.1 && columns.contains(&LOCATION.0));
    row.into_iter()
        .filter(|(name, value)| asked(name) && !value.is_null())
        .collect()
}
