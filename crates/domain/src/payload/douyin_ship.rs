//! `douyin.ship`: mark one Douyin order shipped (an item of `dy-ship-free`).

use serde::{Deserialize, Serialize};

use crate::id::Id;

/// One Douyin order with its waybill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
