//! `logistics.sync`: fetch all pages of a shop's logistics orders (`detail`).

use serde::{Deserialize, Serialize};

use crate::id::Id;
use crate::private::Private;

/// One shop's logistics orders that meet the conditions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogisticsSync {
    /// The seller's shop.
    pub shop_id: Id,
    /// Fields to return, separated by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<String>,
    /// One trade only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tid: Option<Id>,
    /// The buyer's nick.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buyer_nick: Option<Private<String>>,
    /// The logistics status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// `yes` or `no`: whether the seller has shipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seller_confirm: Option<String>,
    /// The recipient's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receiver_name: Option<Private<String>>,
    /// Created from, `yyyy-MM-dd HH:mm:ss`, China time (trap C6).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_created: Option<String>,
    /// Created until, `yyyy-MM-dd HH:mm:ss`, China time (trap C6).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_created: Option<String>,
    /// `buyer` or `seller`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freight_payer: Option<String>,
    /// `post`, `express` or `ems`.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub freight: Option<String>,
    /// 1 normal, 2 enhanced, 3 standard (trap E2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vvtype: Option<Id>,
}
