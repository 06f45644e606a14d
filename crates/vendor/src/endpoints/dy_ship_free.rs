//! `dy-ship-free`: ships Douyin orders of one shop in bulk. Not free, despite its name (trap D15).

use parceld_domain::endpoint::Endpoint;
use parceld_domain::id::Id;
use parceld_domain::money::Points;
use parceld_domain::payload::DouyinShip;
use parceld_domain::verdict::Refusal;

use crate::envelope::Envelope;
use crate::fields::{Fields, Value};
use crate::lenient::{Misread, Object, rows, withholding};
use crate::vendor::Vendor;

/// What became of each order of the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DouyinShipped {
    /// The answers that could be read; an order without one has an unknown outcome.
    pub items: Vec<ItemAnswer>,
    /// The points that the call cost, if the reply says so.
    pub withholding: Option<Points>,
}

/// The answer about one order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemAnswer {
    /// The Douyin order number.
    pub order_id: Id,
    /// The waybill number, where the answer repeats it.
    pub waybill_code: Option<Id>,
    /// 1 is success, the reverse of the envelope (trap B5).
    pub code: i64,
    /// The reason where it is not.
    pub err_msg: String,
}

impl DouyinShipped {
    /// The answer about this pair; `None` = its outcome is unknown.
    ///
    /// An answer that repeats no waybill number counts if it is the only one about the order.
    #[must_use]
    pub fn answer_for(&self, order_id: &Id, waybill_code: &Id) -> Option<&ItemAnswer> {
        let mut of_order = self.items.iter().filter(|item| item.order_id == *order_id);
        let exact = of_order
            .clone()
            .find(|item| item.waybill_code.as_ref() == Some(waybill_code));
        exact.or_else(|| match (of_order.next(), of_order.next()) {
            (Some(only), None) if only.waybill_code.is_none() => Some(only),
            _ => None,
        })
    }
}

impl ItemAnswer {
    /// Whether the order was shipped: on exactly 1.
    #[must_use]
    pub const fn shipped(&self) -> bool {
        self.code == 1
    }
}

impl Vendor {
    /// Ships orders of one shop and one `vvtype`. Has an effect, and no read shows it (trap J2).
    ///
    /// # Errors
    /// Whatever is not an envelope of code 0 with a list of items; then nothing is known of any order.
    pub async fn dy_ship_free(
        &self,
        shop_id: &Id,
        vvtype: Option<&Id>,
        ships: &[&DouyinShip],
    ) -> Result<DouyinShipped, Refusal> {
        let item = |ship: &&DouyinShip| {
            Value::Object(
                Fields::new()
                    .id("order_id", &ship.order_id)
                    .text("logistics_code", &ship.logistics_code)
                    .id("waybill_code", &ship.waybill_code),
            )
        };
        let fields = Fields::new()
            .id("shop_id", shop_id)
            // An array also for one order (trap A6).
            .list("params", ships.iter().map(item).collect())
            .number_if("vvtype", vvtype);
        self.call(Endpoint::DyShipFree, Some(shop_id), fields, decode)
            .await
    }
}

/// An item that cannot be read is left out: unknown, as an absent one is.
fn decode(envelope: &Envelope<'_>) -> Result<DouyinShipped, Misread> {
    let result = envelope
        .data_object()?
        .given("result")
        .ok_or(Misread("data.result"))?;
    let items = rows(Some(result)).ok_or(Misread("data.result"))?;
    Ok(DouyinShipped {
        items: items.into_iter().filter_map(item).collect(),
        withholding: withholding(envelope.data()),
    })
}

fn item(raw: &serde_json::value::RawValue) -> Option<ItemAnswer> {
    let row = Object::read(raw)?;
    Some(ItemAnswer {
        order_id: row.id("order_id")?,
        waybill_code: row.id("waybill_code"),
        code: row.whole("code")?,
        err_msg: row.message("err_msg").unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoints::testing::decoded;

    fn shipped(items: &str) -> DouyinShipped {
        decoded(&format!(r#"{{"code":0,"data":{{"result":{items}}}}}"#), decode).unwrap()
    }

    fn code_for(shipped: &DouyinShipped, order_id: &str, waybill_code: &str) -> Option<i64> {
        shipped
            .answer_for(&order_id.into(), &waybill_code.into())
            .map(|item| item.code)
    }

    #[test]
    fn answers_are_matched_by_order_and_waybill_not_by_position() {
        let shipped = shipped(
            r#"[{"order_id":"2A","waybill_code":"SF2","code":"1"},
                {"order_id":1,"waybill_code":"SF1","code":0,"err_msg":"未查询到订单"},
                {"order_id":1,"waybill_code":"SF9","code":1}]"#,
        );
        assert_eq!(code_for(&shipped, "1", "SF1"), Some(0));
        assert_eq!(code_for(&shipped, "1", "SF9"), Some(1));
        assert_eq!(code_for(&shipped, "2A", "SF2"), Some(1));
        assert_eq!(code_for(&shipped, "2A", "SF1"), None);
    }

    #[test]
    fn an_answer_without_waybill_counts_only_if_it_is_the_only_one_about_the_order() {
        let only = shipped(r#"[{"order_id":"1","code":0}]"#);
        assert_eq!(code_for(&only, "1", "SF1"), Some(0));
        let two = shipped(r#"[{"order_id":"1","code":0},{"order_id":"1","code":1}]"#);
        assert_eq!(code_for(&two, "1", "SF1"), None);
    }

    #[test]
    fn an_item_that_cannot_be_read_is_an_unknown_outcome() {
        let items = r#"[{"order_id":"1","waybill_code":"SF1"},{"waybill_code":"SF1","code":1},
                        {"order_id":"1","waybill_code":"SF1","code":"ok"},7,null]"#;
        assert_eq!(shipped(items).items, []);
    }

    #[test]
    fn the_reason_of_a_refusal_is_cut_to_one_line_that_can_be_kept() {
        let long = "话".repeat(5_000);
        let shipped = shipped(&format!(
            r#"[{{"order_id":"1","code":0,"err_msg":"a\nb{long}"}}]"#
        ));
        let msg = &shipped.items[0].err_msg;
        assert!(
            msg.starts_with("ab话") && msg.chars().count() == 300,
            "{}",
            msg.len()
        );
    }

    #[test]
    fn only_item_code_1_is_a_shipment() {
        let shipped =
            shipped(r#"[{"order_id":"1","code":2},{"order_id":"2","code":-1},{"order_id":"3","code":"1"}]"#);
        assert_eq!(
            shipped.items.iter().map(ItemAnswer::shipped).collect::<Vec<_>>(),
            [false, false, true]
        );
    }

    #[test]
    fn a_success_without_a_list_of_items_says_nothing_of_any_order() {
        for data in [
            "[]",
            "{}",
            "null",
            r#"{"withholding_money":1}"#,
            r#"{"result":"ok"}"#,
            r#"{"result":null}"#,
        ] {
            let body = format!(r#"{{"code":0,"data":{data}}}"#);
            assert_eq!(decoded(&body, decode), Err(Misread("data.result")), "{data}");
        }
    }
}
