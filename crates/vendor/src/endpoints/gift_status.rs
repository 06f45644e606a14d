//! The status of a gift order or package (trap E5); the callback numbers its statuses otherwise (I1).

use crate::lenient::Object;

/// Where a gift order or package stands at the vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GiftStatus {
    /// Not paid yet.
    AwaitingPayment,
    /// Paid.
    AwaitingShipment,
    /// Shipped; the waybill number may still be missing (E6).
    Shipped,
    /// Its shipping was cancelled.
    Cancelled,
}

impl GiftStatus {
    /// The vendor's number.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            GiftStatus::AwaitingPayment => 1,
            GiftStatus::AwaitingShipment => 2,
            GiftStatus::Shipped => 3,
            GiftStatus::Cancelled => 4,
        }
    }

    /// The `status` of a row; `None` where it is missing or not among the documented ones.
    pub(crate) fn of(row: &Object<'_>) -> Option<Self> {
        match row.whole("status")? {
            1 => Some(GiftStatus::AwaitingPayment),
            2 => Some(GiftStatus::AwaitingShipment),
            3 => Some(GiftStatus::Shipped),
            4 => Some(GiftStatus::Cancelled),
            _ => None,
        }
    }
}
