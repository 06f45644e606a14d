//! `orders.sync`: fetch orders by number (`mpaging-orders`).

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::id::Id;
use crate::validate::{self, FieldError, given};

/// Order numbers of one owner.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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

/// Most order numbers of one job.
const ORDER_SNS_MAX: usize = 1000;

impl OrdersSync {
    /// Refuses what the vendor would refuse, before it costs a call; the field is named from the payload down.
    pub(crate) fn check(&self) -> Result<(), FieldError> {
        validate::id("owner_id", &self.owner_id)?;
        given(self.version.as_ref(), |version| {
            validate::one_of("type", version.as_str(), &["1", "2"])
        })?;
        let count = self.order_sns.len();
        if !(1..=ORDER_SNS_MAX).contains(&count) {
            let message = format!("must hold 1 to {ORDER_SNS_MAX} order numbers, not {count}");
            return Err(FieldError::new("order_sns", message));
        }
        let mut first_at = HashMap::new();
        for (index, order_sn) in self.order_sns.iter().enumerate() {
            let field = format!("order_sns[{index}]");
            validate::id(&field, order_sn)?;
            if let Some(first) = first_at.insert(order_sn, index) {
                let number = validate::shown(order_sn.as_str());
                let message = format!("{number} is the same as order_sns[{first}]; give each number once");
                return Err(FieldError::new(field, message));
            }
        }
        Ok(())
    }
}
