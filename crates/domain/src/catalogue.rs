//! The gift catalogue, and the check that a gift order is not doomed before it costs a call.

use serde::{Deserialize, Serialize};

use crate::id::Id;
use crate::money::{Points, Yuan};
use crate::outcome::JobError;
use crate::payload::{Consignee, GiftOrder};
use crate::verdict::ErrorClass;

/// How old a catalogue may be when an order is checked against it.
pub const AGE_MAX_MS: u64 = 10 * 60 * 1_000;

/// What the vendor would answer to an unknown product.
const NO_SUCH_PRODUCT: i64 = 10402;
/// What the vendor would answer to an unknown warehouse.
const NO_SUCH_WAREHOUSE: i64 = 10403;
/// China has no daylight saving time.
const CHINA_OFFSET_MS: u64 = 8 * 3_600 * 1_000;
/// How the vendor writes times.
const VENDOR_TIME: &str = "%Y-%m-%d %H:%M:%S";
/// Administrative suffixes that one side writes and the other does not (trap E10); longer ones first.
const AREA_SUFFIXES: [&str; 9] = [
    "维吾尔自治区",
    "壮族自治区",
    "回族自治区",
    "特别行政区",
    "自治区",
    "自治州",
    "地区",
    "省",
    "市",
];

/// Warehouses and products as the vendor listed them.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Catalogue {
    /// When the fetch began, Unix milliseconds on Redis's clock.
    pub fetched_at_ms: u64,
    /// All warehouses.
    pub warehouses: Vec<Warehouse>,
    /// All products; one product may have a row for each warehouse.
    pub products: Vec<Product>,
}

/// A warehouse.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Warehouse {
    /// Its id.
    pub id: Id,
    /// Areas that it does not serve.
    #[serde(default)]
    pub forbidden: Vec<Forbidden>,
}

/// Areas that are not served for a time.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Forbidden {
    /// A province, a city, or a path `province/city`.
    pub districts: Vec<String>,
    /// From when on, `yyyy-MM-dd HH:mm:ss`, China time; empty or unreadable = always.
    #[serde(default)]
    pub start: String,
    /// Until when, likewise.
    #[serde(default)]
    pub end: String,
}

/// A product as one warehouse offers it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Product {
    /// Its id.
    pub id: Id,
    /// The warehouse of this row; empty if the list names none.
    #[serde(default)]
    pub warehouse_id: Id,
    /// The price of a piece, in yuan (trap C5).
    pub sale_price: Yuan,
    /// The freight of a package, in points.
    pub shipping_fee: Points,
}

/// Whether an order may be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Preflight {
    /// It may.
    Go {
        /// What it should cost.
        expected: Points,
    },
    /// The catalogue is too old to tell.
    NeedsFresh,
    /// The vendor would refuse it, or could not ship it.
    Refused(JobError),
}

/// Checks product, warehouse and forbidden areas, and computes what the order should cost.
///
/// What is missing is refused only by a catalogue whose fetch began after the job came in: an older one may simply
/// not know it yet.
#[must_use]
pub fn preflight(order: &GiftOrder, catalogue: &Catalogue, job_created_ms: u64, now_ms: u64) -> Preflight {
    if now_ms.saturating_sub(catalogue.fetched_at_ms) > AGE_MAX_MS {
        return Preflight::NeedsFresh;
    }
    let missing = |error| {
        if catalogue.fetched_at_ms > job_created_ms {
            Preflight::Refused(error)
        } else {
            Preflight::NeedsFresh
        }
    };
    let offers: Vec<&Product> = catalogue
        .products
        .iter()
        .filter(|product| product.id == order.product_id)
        .collect();
    let Some(product) = offer_for(order, &offers) else {
        return missing(unknown_product(order));
    };
    let Some(warehouse) = catalogue
        .warehouses
        .iter()
        .find(|warehouse| warehouse.id == order.warehouse_id)
    else {
        return missing(unknown_warehouse(order));
    };
    if let Some((index, district)) = first_forbidden(order, warehouse, now_ms) {
        return Preflight::Refused(forbidden(order, index, district));
    }
    match expected(order, product) {
        Ok(expected) => Preflight::Go { expected },
        Err(error) => Preflight::Refused(error),
    }
}

/// The offer of the order's warehouse, one that names none, or any: no document forbids a pair, and the samples order a
/// product from a warehouse beside which it is not listed (trap H20). The price is compared before anything is paid.
fn offer_for<'a>(order: &GiftOrder, offers: &[&'a Product]) -> Option<&'a Product> {
    let of = |warehouse_id: &Id| offers.iter().find(|offer| offer.warehouse_id == *warehouse_id);
    of(&order.warehouse_id)
        .or_else(|| of(&Id::default()))
        .or(offers.first())
        .copied()
}

/// Recipients × (price × pieces + freight), rounded once.
fn expected(order: &GiftOrder, product: &Product) -> Result<Points, JobError> {
    let pieces = match &order.product_number {
        None => Some(1),
        Some(number) => number.as_str().parse().ok().filter(|pieces| *pieces > 0),
    };
    let total = pieces.and_then(|pieces| {
        let recipients = u32::try_from(order.consignees.len()).ok()?;
        product
            .sale_price
            .total_points(pieces, product.shipping_fee, recipients)
    });
    total.ok_or_else(|| {
        let given = order.product_number.as_ref().map_or("", Id::as_str);
        JobError::found(
            ErrorClass::Terminal,
            format!("payload.product_number: {given:?} gives no price; it must be a whole number from 1"),
            "请检查每个包裹的商品数量 product_number",
        )
    })
}

/// The first recipient in a forbidden area, with the area in the vendor's words.
fn first_forbidden<'a>(order: &GiftOrder, warehouse: &'a Warehouse, now_ms: u64) -> Option<(usize, &'a str)> {
    let districts: Vec<&str> = warehouse
        .forbidden
        .iter()
        .filter(|ban| holds_now(ban, now_ms))
        .flat_map(|ban| ban.districts.iter().map(String::as_str))
        .collect();
    order
        .consignees
        .iter()
        .enumerate()
        .find_map(|(index, consignee)| {
            let district = districts.iter().find(|district| covers(district, consignee))?;
            Some((index, *district))
        })
}

/// Whether the ban holds now; a bound that cannot be read is no bound.
fn holds_now(ban: &Forbidden, now_ms: u64) -> bool {
    let time = |text: &str| jiff::civil::DateTime::strptime(VENDOR_TIME, text.trim()).ok();
    let now = i64::try_from(now_ms + CHINA_OFFSET_MS)
        .ok()
        .and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok())
        .map(|shifted| jiff::tz::Offset::UTC.to_datetime(shifted));
    let Some(now) = now else { return true };
    time(&ban.start).is_none_or(|start| start <= now) && time(&ban.end).is_none_or(|end| now <= end)
}

/// Whether a recipient lives in the area: a province or city alone, or a path from the province down.
fn covers(district: &str, consignee: &Consignee) -> bool {
    let home =
        [&consignee.province, &consignee.city, &consignee.district].map(|area| short_name(area.expose()));
    let path: Vec<&str> = district.split('/').map(short_name).collect();
    match path.as_slice() {
        [] | [""] => false,
        [area] => home[..2].contains(area),
        path => path.len() <= home.len() && path.iter().zip(&home).all(|(a, b)| a == b),
    }
}

/// The name of an area without its administrative suffix.
fn short_name(area: &str) -> &str {
    let area = area.trim();
    AREA_SUFFIXES
        .iter()
        .find_map(|suffix| area.strip_suffix(suffix))
        .filter(|name| name.chars().count() > 1)
        .unwrap_or(area)
}

fn unknown_product(order: &GiftOrder) -> JobError {
    JobError {
        code: Some(NO_SUCH_PRODUCT),
        msg: format!("当前产品不存在 (product_id {})", order.product_id),
        class: ErrorClass::Terminal,
        advice: "请检查产品 ID 是否正确".to_owned(),
    }
}

fn unknown_warehouse(order: &GiftOrder) -> JobError {
    JobError {
        code: Some(NO_SUCH_WAREHOUSE),
        msg: format!("当前仓库不存在 (warehouse_id {})", order.warehouse_id),
        class: ErrorClass::Terminal,
        advice: "请检查仓库 ID 是否正确".to_owned(),
    }
}

/// Names the vendor's area, not the recipient's address.
fn forbidden(order: &GiftOrder, index: usize, district: &str) -> JobError {
    JobError::found(
        ErrorClass::Terminal,
        format!(
            "payload.consignees[{index}]: warehouse {} does not ship to {district}",
            order.warehouse_id
        ),
        format!(
            "仓库 {} 暂不发往 {district},请更换仓库或去掉该收件人",
            order.warehouse_id
        ),
    )
}

#[cfg(test)]
mod tests;
