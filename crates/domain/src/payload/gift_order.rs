//! `gift.order`: create, pay and follow one gift order.

use serde::{Deserialize, Serialize};

use crate::id::Id;
use crate::private::Private;
use crate::validate::{self, FieldError, given};

/// One gift order: one product, one warehouse, one package for each recipient.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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

/// Most pieces in a package.
const PIECES_MAX: u32 = 9999;
/// Where an order may come from (trap E1: JD is `jd`).
const SOURCES: [&str; 8] = ["taobao", "tmall", "jd", "pdd", "albb", "ks", "dyxd", "other"];
/// `vvtype`: the recipients' data is masked.
const MASKED: &str = "2";

impl GiftOrder {
    /// Refuses what the vendor would refuse, before it costs a call; the field is named from the payload down.
    pub(crate) fn check(&self) -> Result<(), FieldError> {
        validate::digits("product_id", &self.product_id)?;
        validate::digits("warehouse_id", &self.warehouse_id)?;
        validate::one_of("source", &self.source, &SOURCES)?;
        given(self.product_number.as_ref(), check_pieces)?;
        given(self.remark.as_ref(), |remark| validate::text("remark", remark))?;
        given(self.shop_id.as_ref(), |id| validate::id("shop_id", id))?;
        given(self.vvtype.as_ref(), |version| {
            validate::one_of("vvtype", version.as_str(), &["1", MASKED])
        })?;
        if self.consignees.is_empty() {
            return Err(FieldError::new("consignees", "must hold at least one recipient"));
        }
        for (index, consignee) in self.consignees.iter().enumerate() {
            consignee
                .check()
                .map_err(|error| error.under(format_args!("consignees[{index}]")))?;
        }
        self.check_masked()
    }

    /// Masked recipients are only known by shop and platform order number.
    fn check_masked(&self) -> Result<(), FieldError> {
        if self
            .vvtype
            .as_ref()
            .is_none_or(|version| version.as_str() != MASKED)
        {
            return Ok(());
        }
        if self.shop_id.is_none() {
            return Err(FieldError::new("shop_id", "missing; vvtype 2 needs it"));
        }
        let unnamed = |consignee: &Consignee| consignee.platform_order_sn.is_none();
        match self.consignees.iter().position(unnamed) {
            Some(index) => Err(FieldError::new(
                format!("consignees[{index}].platform_order_sn"),
                "missing; vvtype 2 needs it",
            )),
            None => Ok(()),
        }
    }
}

impl Consignee {
    fn check(&self) -> Result<(), FieldError> {
        validate::text("consignee", self.consignee.expose())?;
        validate::id("mobile", self.mobile.expose())?;
        validate::text("province", self.province.expose())?;
        validate::text("city", self.city.expose())?;
        validate::text("district", self.district.expose())?;
        validate::text("address", self.address.expose())?;
        given(self.platform_order_sn.as_ref(), |id| {
            validate::id("platform_order_sn", id)
        })
    }
}

fn check_pieces(pieces: &Id) -> Result<(), FieldError> {
    validate::digits("product_number", pieces)?;
    let number: Option<u32> = pieces.as_str().parse().ok();
    if number.is_some_and(|number| (1..=PIECES_MAX).contains(&number)) {
        return Ok(());
    }
    let message = format!(
        "must be from 1 to {PIECES_MAX}, not {}",
        validate::shown(pieces.as_str())
    );
    Err(FieldError::new("product_number", message))
}
