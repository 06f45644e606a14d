//! `taobao.ship`: mark one Taobao trade shipped (`send`).

use serde::{Deserialize, Serialize};

use crate::id::Id;

/// One trade, or one part of a split trade.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Sub-orders to ship apart, separated by commas; together with `is_split` or not at all.
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
