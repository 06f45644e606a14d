//! `taobao.ship`: mark one Taobao trade shipped (`send`).

use serde::{Deserialize, Serialize};

use crate::id::Id;
use crate::validate::{self, FieldError, given};

/// One trade, or one part of a split trade.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaobaoShip {
    /// The seller's shop.
    pub shop_id: Id,
    /// The trade, 19 digits.
    pub tid: Id,
    /// The waybill number.
    pub out_sid: Id,
    /// The carrier's code, or its name (at most 20 characters) for a carrier that is no Taobao partner (trap D21).
    pub company_code: String,
    /// Sub-orders to ship apart, separated by commas; they make it a split shipment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_tid: Option<Id>,
    /// `1` for a split shipment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_split: Option<Id>,
    /// The seller's address-book entry to send from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender_id: Option<Id>,
    /// The seller's address-book entry for returns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancel_id: Option<Id>,
    /// `key=value` pairs separated by `;`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feature: Option<String>,
    /// 1 normal, 2 enhanced, 3 standard, 4 reduced (trap E2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vvtype: Option<Id>,
}

/// What Taobao's 614 answers demand of a carrier's name (trap D21).
const CARRIER_CHARS_MAX: usize = 20;

impl TaobaoShip {
    /// Refuses what the vendor would refuse, before it costs a call; the field is named from the payload down.
    pub(crate) fn check(&self) -> Result<(), FieldError> {
        validate::id("shop_id", &self.shop_id)?;
        validate::digits("tid", &self.tid)?;
        validate::id("out_sid", &self.out_sid)?;
        self.check_carrier()?;
        self.check_split()?;
        given(self.sender_id.as_ref(), |id| validate::digits("sender_id", id))?;
        given(self.cancel_id.as_ref(), |id| validate::digits("cancel_id", id))?;
        given(self.feature.as_ref(), |feature| {
            validate::text("feature", feature)
        })?;
        given(self.vvtype.as_ref(), |version| {
            validate::one_of("vvtype", version.as_str(), &["1", "2", "3", "4"])
        })
    }

    fn check_carrier(&self) -> Result<(), FieldError> {
        validate::text("company_code", &self.company_code)?;
        let refused = |message: String| Err(FieldError::new("company_code", message));
        if self.company_code.eq_ignore_ascii_case("other") {
            return refused(
                "\"other\" is refused by the vendor; give the carrier's code, or its name".to_owned(),
            );
        }
        let length = self.company_code.chars().count();
        if length > CARRIER_CHARS_MAX {
            return refused(format!(
                "is {length} characters long; at most {CARRIER_CHARS_MAX}"
            ));
        }
        Ok(())
    }

    /// Several 614 answers demand both or neither; `is_split` 0 is the same as none, and sub-orders alone say enough.
    fn check_split(&self) -> Result<(), FieldError> {
        given(self.is_split.as_ref(), |flag| {
            validate::one_of("is_split", flag.as_str(), &["0", "1"])
        })?;
        given(self.sub_tid.as_ref(), |list| {
            validate::digit_list("sub_tid", list)
        })?;
        let is_split = self.is_split.as_ref().is_some_and(|flag| flag.as_str() == "1");
        match (is_split, self.sub_tid.is_some()) {
            (true, false) => Err(FieldError::new(
                "sub_tid",
                "missing; is_split 1 needs the sub-orders",
            )),
            (false, true) if self.is_split.is_some() => Err(FieldError::new(
                "is_split",
                "must be 1 together with sub_tid, or be left out",
            )),
            _ => Ok(()),
        }
    }
}
