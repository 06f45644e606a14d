//! `orders.sync`: fetch orders by number (`mpaging-orders`).

use serde::{Deserialize, Serialize};

use crate::id::Id;

/// Order numbers of one owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrdersSync {
    /// The shop's owner id.
    pub owner_id: Id,
    /// 1 to 1000 order numbers.
    pub order_sns: Vec<Id>,
    /// 1 enhanced (default), 2 normal: the reverse of `vvtype` (trap E2).
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub version: Option<Id>,
}
