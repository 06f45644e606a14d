//! `logistics.sync`: fetch all pages of a shop's logistics orders (`detail`).

use serde::{Deserialize, Serialize};

use crate::id::Id;
use crate::private::Private;
use crate::validate::{self, FieldError, given};

/// One shop's logistics orders that meet the conditions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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

/// The logistics statuses that can be asked for.
const STATUSES: [&str; 13] = [
    "CREATED",
    "RECREATED",
    "CANCELLED",
    "CLOSED",
    "SENDING",
    "ACCEPTING",
    "ACCEPTED",
    "REJECTED",
    "PICK_UP",
    "PICK_UP_FAILED",
    "LOST",
    "REJECTED_BY_RECEIVER",
    "ACCEPTED_BY_RECEIVER",
];

impl LogisticsSync {
    /// Refuses what the vendor would refuse, before it costs a call; the field is named from the payload down.
    pub(crate) fn check(&self) -> Result<(), FieldError> {
        let word = |field: &'static str, value: &Option<String>, allowed: &[&str]| {
            given(value.as_ref(), |value| validate::one_of(field, value, allowed))
        };
        validate::id("shop_id", &self.shop_id)?;
        given(self.fields.as_ref(), |fields| check_fields(fields))?;
        given(self.tid.as_ref(), |tid| validate::digits("tid", tid))?;
        given(self.buyer_nick.as_ref(), |nick| {
            validate::text("buyer_nick", nick.expose())
        })?;
        word("status", &self.status, &STATUSES)?;
        word("seller_confirm", &self.seller_confirm, &["yes", "no"])?;
        given(self.receiver_name.as_ref(), |name| {
            validate::text("receiver_name", name.expose())
        })?;
        self.check_times()?;
        word("freight_payer", &self.freight_payer, &["buyer", "seller"])?;
        word("type", &self.freight, &["post", "express", "ems"])?;
        given(self.vvtype.as_ref(), |version| {
            validate::one_of("vvtype", version.as_str(), &["1", "2", "3"])
        })
    }

    fn check_times(&self) -> Result<(), FieldError> {
        let (start, end) = (self.start_created.as_ref(), self.end_created.as_ref());
        given(start, |time| validate::time("start_created", time))?;
        given(end, |time| validate::time("end_created", time))?;
        // The vendor's form sorts by itself.
        match (start, end) {
            (Some(start), Some(end)) if start > end => {
                let message = format!("must not be before start_created {}", validate::shown(start));
                Err(FieldError::new("end_created", message))
            }
            _ => Ok(()),
        }
    }
}

fn check_fields(fields: &str) -> Result<(), FieldError> {
    validate::text("fields", fields)?;
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || "_.".contains(letter))
    };
    if fields.split(',').all(is_name) {
        return Ok(());
    }
    let message = format!(
        "must be field names separated by commas without blanks, not {}",
        validate::shown(fields)
    );
    Err(FieldError::new("fields", message))
}
