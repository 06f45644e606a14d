//! `send`: ships one Taobao trade with a waybill of the seller's own courier.

use parceld_domain::endpoint::Endpoint;
use parceld_domain::id::Id;
use parceld_domain::money::Points;
use parceld_domain::payload::TaobaoShip;
use parceld_domain::verdict::Refusal;

use crate::envelope::Envelope;
use crate::fields::Fields;
use crate::lenient::{Misread, Object, rows, withholding};
use crate::vendor::Vendor;

/// The trade is marked shipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// The points that the call cost, if the reply says so.
    pub withholding: Option<Points>,
}

impl Vendor {
    /// Ships one trade. Has an effect; an unknown outcome is looked up with `detail`.
    ///
    /// # Errors
    /// Whatever is not an envelope of code 0 whose `success` is true (trap B6).
    pub async fn send(&self, ship: &TaobaoShip) -> Result<Sent, Refusal> {
        // The vendor demands both or neither.
        let split = ship.sub_tid.as_ref().map(|_| Id::from("1"));
        let fields = Fields::new()
            .id("shop_id", &ship.shop_id)
            .id("tid", &ship.tid)
            .id("out_sid", &ship.out_sid)
            .text("company_code", &ship.company_code)
            .id_if("sub_tid", ship.sub_tid.as_ref())
            .number_if("is_split", split.as_ref().or(ship.is_split.as_ref()))
            .number_if("sender_id", ship.sender_id.as_ref())
            .number_if("cancel_id", ship.cancel_id.as_ref())
            .text_if("feature", ship.feature.as_ref())
            .number_if("vvtype", ship.vvtype.as_ref());
        self.call(Endpoint::Send, Some(&ship.shop_id), fields, decode)
            .await
    }
}

/// `data` is an array of one object; an object in its place is accepted.
fn decode(envelope: &Envelope<'_>) -> Result<Sent, Misread> {
    let data = envelope.data();
    let first = rows(data).and_then(|rows| rows.first().copied()).or(data);
    let shipped = first.and_then(Object::read).and_then(|row| row.flag("success"));
    if shipped != Some(true) {
        return Err(Misread("data[0].success"));
    }
    Ok(Sent {
        withholding: withholding(data),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoints::testing::{decoded, sample};

    #[test]
    fn the_sample_is_a_shipment_that_cost_one_point() {
        let sent = sample("send", decode).unwrap();
        assert_eq!(sent.withholding, Some(Points(1)));
    }

    #[test]
    fn an_object_in_place_of_the_array_is_accepted() {
        let sent = decoded(
            r#"{"code":"0","data":{"success":"true","withholding_money":"2"}}"#,
            decode,
        )
        .unwrap();
        assert_eq!(sent.withholding, Some(Points(2)));
    }

    #[test]
    fn success_without_its_own_proof_is_no_success() {
        for data in [
            r#"[{"success":false}]"#,
            r#"[{"withholding_money":1}]"#,
            "[]",
            "{}",
            "null",
            r#""ok""#,
            "[7]",
        ] {
            let body = format!(r#"{{"code":0,"msg":"成功","data":{data}}}"#);
            assert_eq!(decoded(&body, decode), Err(Misread("data[0].success")), "{data}");
        }
    }
}
