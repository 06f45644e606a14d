//! `gift.order`: create, pay and follow one gift order.

use serde::{Deserialize, Serialize};

use crate::id::Id;
use crate::private::Private;

/// One gift order: one product, one warehouse, one package for each recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GiftOrder {
    /// The product in the vendor's gift catalogue.
    pub product_id: Id,
    /// The warehouse that ships it.
    pub warehouse_id: Id,
    /// Recipients; at least one.
    pub consignees: Vec<Consignee>,
    /// Where the order comes from: taobao, tmall, jd, pdd, albb, ks, dyxd, other.
    pub source: String,
    /// Pieces in each package; 1 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_number: Option<Id>,
    /// Our reference at the vendor; equals the job's key when both are given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
    /// The shop, needed when `vvtype` is 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shop_id: Option<Id>,
    /// 1 plain recipients, 2 masked ones (trap E2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vvtype: Option<Id>,
}

/// One recipient of a gift order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consignee {
    /// The recipient's name.
    pub consignee: Private<String>,
    /// The recipient's phone number.
    pub mobile: Private<Id>,
    /// Province.
    pub province: Private<String>,
    /// City.
    pub city: Private<String>,
    /// District.
    pub district: Private<String>,
    /// Street address.
    pub address: Private<String>,
    /// The platform's order number of this recipient; tells packages apart (trap J4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform_order_sn: Option<Id>,
}
