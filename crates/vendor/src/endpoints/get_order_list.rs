//! `get-order-list`: gift orders, page by page; the only reply that carries our remark.

use parceld_domain::endpoint::Endpoint;
use parceld_domain::id::Id;
use parceld_domain::money::Points;
use parceld_domain::vendor_status::VendorStatus;
use parceld_domain::verdict::Refusal;
use serde_json::value::RawValue;

use crate::china_time;
use crate::envelope::Envelope;
use crate::fields::Fields;
use crate::lenient::{Misread, Object, readable};
use crate::vendor::Vendor;

/// Which orders; all of them by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderFilter {
    /// One order.
    pub order_sn: Option<Id>,
    /// Of one source; the filter knows fewer sources than `order-create` (trap E1).
    pub source: Option<String>,
}

/// One page of gift orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderPage {
    /// The rows, in the vendor's order.
    pub orders: Vec<OrderRow>,
    /// How many orders there are on all pages, if the reply says so.
    pub total: Option<u64>,
    /// Rows that could not be read: on this page absence proves nothing.
    pub unread: usize,
}

/// One gift order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderRow {
    /// The row's `id`: by all evidence the `order_id`, but to be confirmed by `get-package-list` before a
    /// payment (trap D4).
    pub id: Id,
    /// The order's number.
    pub order_sn: Id,
    /// What `order-create` was given.
    pub remark: Option<String>,
    /// The whole order's price.
    pub total_price: Option<Points>,
    /// Where it stands; `Other(0)` where the row does not say.
    pub status: VendorStatus,
    /// How many packages it has, which the vendor calls `page_number` (trap D14).
    pub packages: Option<u64>,
    /// When it was created, Unix milliseconds.
    pub created_ms: Option<i64>,
}

impl Vendor {
    /// One page, the first being 1 (trap F1). A filter for an order that does not exist finds nothing.
    ///
    /// # Errors
    /// Whatever is not an envelope of code 0 with readable rows.
    pub async fn get_order_list(
        &self,
        page: u32,
        size: u32,
        filter: &OrderFilter,
    ) -> Result<OrderPage, Refusal> {
        let conditions = Fields::new()
            .id_if("order_sn", filter.order_sn.as_ref())
            .text_if("source", filter.source.as_ref());
        let fields = Fields::new().object("filter", conditions).range(page, size);
        match self.call(Endpoint::GetOrderList, None, fields, decode).await {
            Err(refusal) if refusal.code == Some(NO_SUCH_ORDER) && filter.order_sn.is_some() => {
                Ok(OrderPage {
                    orders: Vec::new(),
                    unread: 0,
                    total: Some(0),
                })
            }
            result => result,
        }
    }
}

/// Whether an unknown number is answered by an empty list or by this code is not stated: both mean the same.
pub(super) const NO_SUCH_ORDER: i64 = 10406;

fn decode(envelope: &Envelope<'_>) -> Result<OrderPage, Misread> {
    let (rows, total) = envelope.data_object()?.listed("list", "total", "data.list")?;
    let (orders, unread) = readable(rows, order);
    Ok(OrderPage {
        unread,
        orders,
        total,
    })
}

/// A row that cannot be told from another, or whose remark cannot be read, is none: absence counts.
fn order(raw: &RawValue) -> Result<OrderRow, Misread> {
    let row = Object::read(raw).ok_or(Misread("data.list[]"))?;
    Ok(OrderRow {
        id: row.id("id").ok_or(Misread("data.list[].id"))?,
        order_sn: row.id("order_sn").ok_or(Misread("data.list[].order_sn"))?,
        remark: row.readable_text("remark")?,
        total_price: row.points("total_price"),
        status: VendorStatus::from(row.whole("status").unwrap_or(0)),
        packages: row.count("page_number"),
        created_ms: row
            .text("create_time")
            .and_then(|text| china_time::unix_ms(&text)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoints::testing::decoded;

    fn page(row: &str) -> Result<OrderPage, Misread> {
        decoded(
            &format!(r#"{{"code":0,"data":{{"list":[{row}],"total":"1"}}}}"#),
            decode,
        )
    }

    #[test]
    fn a_remark_is_read_as_text_and_as_a_number_and_may_be_missing() {
        for (remark, read) in [
            (r#""222""#, Some("222")),
            ("222", Some("222")),
            ("null", None),
            ("[]", None),
        ] {
            let page = page(&format!(r#"{{"id":1,"order_sn":"2","remark":{remark}}}"#)).unwrap();
            assert_eq!(page.orders[0].remark.as_deref(), read, "{remark}");
        }
    }

    #[test]
    fn an_odd_row_hides_no_other_and_is_counted() {
        let page = page(r#"{"id":1,"order_sn":"2"},{"order_sn":"3"},7"#).unwrap();
        assert_eq!((page.orders.len(), page.unread), (1, 2));
    }

    #[test]
    fn a_row_that_hides_its_remark_or_its_name_is_not_read() {
        for row in [
            r#"{"id":1,"order_sn":"2","remark":{"text":"222"}}"#,
            r#"{"order_sn":"2","remark":"222"}"#,
            r#"{"id":1,"remark":"222"}"#,
            "7",
        ] {
            let page = page(row).unwrap();
            assert_eq!((page.orders.len(), page.unread), (0, 1), "{row}");
        }
    }

    #[test]
    fn a_status_of_no_document_is_kept_and_a_missing_one_is_0() {
        let status = |row| page(row).unwrap().orders[0].status;
        assert_eq!(
            status(r#"{"id":1,"order_sn":"2","status":"9"}"#),
            VendorStatus::Other(9)
        );
        assert_eq!(status(r#"{"id":1,"order_sn":"2"}"#), VendorStatus::Other(0));
    }
}
