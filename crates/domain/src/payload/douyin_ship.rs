//! `douyin.ship`: mark one Douyin order shipped (an item of `dy-ship-free`).

use serde::{Deserialize, Serialize};

use crate::id::Id;
use crate::validate::{self, FieldError, given};

/// One Douyin order with its waybill.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DouyinShip {
    /// The seller's shop.
    pub shop_id: Id,
    /// The Douyin order number; may end in a letter (trap C2).
    pub order_id: Id,
    /// The carrier's code.
    pub logistics_code: String,
    /// The waybill number.
    pub waybill_code: Id,
    /// 1 normal, 2 enhanced (trap E2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vvtype: Option<Id>,
}

impl DouyinShip {
    /// Refuses what the vendor would refuse, before it costs a call; the field is named from the payload down.
    pub(crate) fn check(&self) -> Result<(), FieldError> {
        validate::id("shop_id", &self.shop_id)?;
        validate::id("order_id", &self.order_id)?;
        if validate::is_scientific(self.order_id.as_str()) {
            return validate::digits("order_id", &self.order_id);
        }
        validate::text("logistics_code", &self.logistics_code)?;
        validate::id("waybill_code", &self.waybill_code)?;
        given(self.vvtype.as_ref(), |version| {
            validate::one_of("vvtype", version.as_str(), &["1", "2"])
        })
    }
}
