//! `detail`: Taobao logistics orders. A read that costs points, and the look-up of `send`.

use parceld_domain::endpoint::Endpoint;
use parceld_domain::id::Id;
use parceld_domain::money::Points;
use parceld_domain::payload::LogisticsSync;
use parceld_domain::private::Private;
use parceld_domain::verdict::Refusal;
use serde_json::value::RawValue;

use crate::envelope::Envelope;
use crate::fields::Fields;
use crate::lenient::{Misread, Object, ids, rows, withholding};
use crate::vendor::Vendor;

/// What a look-up after `send` needs to know; the vendor's own example lacks half of it.
const LOOK_UP_FIELDS: &str =
    "tid,order_code,out_sid,company_name,status,seller_confirm,is_split,sub_tids,created,modified";

/// What a sync asks for when its payload names no fields: everything that is documented.
const ALL_FIELDS: &str = "tid,order_code,out_sid,company_name,status,seller_confirm,is_split,sub_tids,created,\
    modified,seller_nick,buyer_nick,item_title,delivery_start,delivery_end,type,freight_payer,\
    is_quick_cod_order,receiver_name,receiver_phone,receiver_mobile,receiver_location";

/// Which logistics orders of one shop.
#[derive(Debug, Clone)]
pub struct DetailQuery {
    /// The conditions; `fields` is filled in when absent.
    pub conditions: LogisticsSync,
    /// The page, the first being 1.
    pub page_no: u32,
    /// Rows of a page.
    pub page_size: u32,
}

impl DetailQuery {
    /// One page of what the conditions select.
    #[must_use]
    pub const fn page(conditions: LogisticsSync, page_no: u32, page_size: u32) -> Self {
        DetailQuery {
            conditions,
            page_no,
            page_size,
        }
    }

    /// The logistics order of one trade; of a split trade only one of them is answered (trap F6).
    #[must_use]
    pub fn look_up(shop_id: Id, tid: Id) -> Self {
        let conditions = LogisticsSync {
            shop_id,
            fields: Some(LOOK_UP_FIELDS.to_owned()),
            tid: Some(tid),
            buyer_nick: None,
            status: None,
            seller_confirm: None,
            receiver_name: None,
            start_created: None,
            end_created: None,
            freight_payer: None,
            freight: None,
            vvtype: None,
        };
        DetailQuery::page(conditions, 1, 40)
    }
}

/// One page of logistics orders.
#[derive(Debug, Clone)]
pub struct DetailPage {
    /// The rows, in the vendor's order.
    pub rows: Vec<LogisticsRow>,
    /// How many there are on all pages; usually missing: then a short page is the last (trap B10).
    pub total: Option<u64>,
    /// The points that the call cost, if the reply says so.
    pub withholding: Option<Points>,
}

/// One logistics order; a field that was not asked for, or has no value, is `None` (trap B11).
#[derive(Debug, Clone)]
pub struct LogisticsRow {
    /// The trade.
    pub tid: Option<Id>,
    /// The waybill number.
    pub out_sid: Option<Id>,
    /// `yes` once the seller has shipped.
    pub seller_confirm: Option<String>,
    /// The logistics status; ACCEPTED_BY_RECEIVER means "the seller has shipped" here (trap E7).
    pub status: Option<String>,
    /// The carrier, as a name or a code (trap D22).
    pub company_name: Option<String>,
    /// Whether the trade is shipped in parts.
    pub is_split: Option<bool>,
    /// The sub-orders in it.
    pub sub_tids: Vec<Id>,
    /// The row as the vendor wrote it, so that nothing is lost or rounded.
    pub raw: Private<Box<RawValue>>,
}

impl Vendor {
    /// One page of logistics orders.
    ///
    /// # Errors
    /// Whatever is not an envelope of code 0 with readable rows.
    pub async fn detail(&self, query: &DetailQuery) -> Result<DetailPage, Refusal> {
        let asked = &query.conditions;
        let fields = Fields::new()
            .id("shop_id", &asked.shop_id)
            .text("fields", asked.fields.as_deref().unwrap_or(ALL_FIELDS))
            .id_if("tid", asked.tid.as_ref())
            .text_if("buyer_nick", asked.buyer_nick.as_ref().map(|nick| nick.expose()))
            .text_if("status", asked.status.as_ref())
            .text_if("seller_confirm", asked.seller_confirm.as_ref())
            .text_if(
                "receiver_name",
                asked.receiver_name.as_ref().map(|name| name.expose()),
            )
            .text_if("start_created", asked.start_created.as_ref())
            .text_if("end_created", asked.end_created.as_ref())
            .text_if("freight_payer", asked.freight_payer.as_ref())
            .text_if("type", asked.freight.as_ref())
            .number("page_no", &Id::from(query.page_no.to_string()))
            .number("page_size", &Id::from(query.page_size.to_string()))
            .number_if("vvtype", asked.vvtype.as_ref());
        self.call(Endpoint::Detail, Some(&asked.shop_id), fields, decode)
            .await
    }
}

/// The sample's bare array, or the table's `shippings` beside a total (trap B10).
fn decode(envelope: &Envelope<'_>) -> Result<DetailPage, Misread> {
    let data = envelope.data();
    let (found, total) = match data.and_then(Object::read) {
        Some(wrapper) => wrapper.listed("shippings", "total_results", "data.shippings")?,
        None => (rows(data).ok_or(Misread("data"))?, None),
    };
    let rows = found
        .into_iter()
        .filter_map(|raw| row(raw).transpose())
        .collect::<Result<_, _>>()?;
    Ok(DetailPage {
        rows,
        total: total.or_else(|| envelope.fields.count("total_results")),
        withholding: withholding(data),
    })
}

/// `None` for an element that bears nothing but the charge: that is no logistics order (trap B8).
fn row(raw: &RawValue) -> Result<Option<LogisticsRow>, Misread> {
    let row = Object::read(raw).ok_or(Misread("data[]"))?;
    if row.has_only(&["withholding_money", "total_results"]) {
        return Ok(None);
    }
    Ok(Some(LogisticsRow {
        tid: row.id("tid"),
        out_sid: row.id("out_sid"),
        seller_confirm: row.text("seller_confirm"),
        status: row.text("status"),
        company_name: row.text("company_name"),
        is_split: row.flag("is_split"),
        sub_tids: row.given("sub_tids").map(ids).unwrap_or_default(),
        raw: Private::new(raw.to_owned()),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoints::testing::decoded;

    #[test]
    fn rows_in_a_wrapper_and_bare_rows_are_the_same() {
        for (body, total) in [
            (
                r#"{"code":0,"data":[{"tid":1,"withholding_money":2},{"tid":"2"}]}"#,
                None,
            ),
            (
                r#"{"code":0,"data":{"shippings":[{"tid":"1"},{"tid":"2"}],"total_results":"7","withholding_money":2}}"#,
                Some(7),
            ),
            (
                r#"{"code":0,"total_results":7,"data":[{"tid":"1","withholding_money":2},{"tid":"2"}]}"#,
                Some(7),
            ),
        ] {
            let page = decoded(body, decode).unwrap();
            let tids: Vec<_> = page.rows.iter().filter_map(|row| row.tid.clone()).collect();
            assert_eq!(tids, [Id::from("1"), Id::from("2")], "{body}");
            assert_eq!((page.total, page.withholding), (total, Some(Points(2))), "{body}");
        }
    }

    #[test]
    fn an_element_that_bears_nothing_but_the_charge_is_no_row() {
        let page = decoded(r#"{"code":0,"data":[{"withholding_money":1}]}"#, decode).unwrap();
        assert_eq!((page.rows.len(), page.withholding), (0, Some(Points(1))));
    }

    #[test]
    fn no_rows_come_in_every_empty_shape_but_in_no_other() {
        for data in [
            "[]",
            "{}",
            "null",
            r#""""#,
            r#"{"shippings":[]}"#,
            r#"{"total_results":0}"#,
        ] {
            let page = decoded(&format!(r#"{{"code":0,"data":{data}}}"#), decode).unwrap();
            assert_eq!(page.rows.len(), 0, "{data}");
        }
        for data in [
            r#""none""#,
            "7",
            "[7]",
            r#"{"total_results":3}"#,
            r#"{"rows":[]}"#,
            r#"{"shippings":"x"}"#,
        ] {
            let page = decoded(&format!(r#"{{"code":0,"data":{data}}}"#), decode);
            assert!(page.is_err(), "{data}");
        }
    }

    #[test]
    fn what_proves_a_shipment_is_read() {
        let body = r#"{"code":0,"data":[{"tid":"1","out_sid":75312345678901,"seller_confirm":"yes","is_split":"1",
            "company_name":"sto","status":"ACCEPTED_BY_RECEIVER","sub_tids":{"number":[11,"12"]}}]}"#;
        let page = decoded(body, decode).unwrap();
        let row = &page.rows[0];
        assert_eq!(
            (&row.out_sid, row.seller_confirm.as_deref()),
            (&Some(Id::from("75312345678901")), Some("yes"))
        );
        assert_eq!(
            (row.status.as_deref(), row.is_split),
            (Some("ACCEPTED_BY_RECEIVER"), Some(true))
        );
        assert_eq!(row.sub_tids, [Id::from("11"), Id::from("12")]);
    }
}
