//! The status of a vendor order or package; the callback numbers its own statuses differently (trap I1).

/// Where a vendor order or package stands at the vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VendorStatus {
    /// 1: not paid.
    AwaitingPayment,
    /// 2: paid.
    AwaitingShipment,
    /// 3: shipped, which does not promise a waybill number (trap E6).
    Shipped,
    /// 4: shipping cancelled.
    Cancelled,
    /// A number that is not documented.
    Other(i64),
}

impl VendorStatus {
    /// The vendor's number.
    #[must_use]
    pub const fn code(self) -> i64 {
        match self {
            VendorStatus::AwaitingPayment => 1,
            VendorStatus::AwaitingShipment => 2,
            VendorStatus::Shipped => 3,
            VendorStatus::Cancelled => 4,
            VendorStatus::Other(code) => code,
        }
    }
}

impl From<i64> for VendorStatus {
    fn from(code: i64) -> Self {
        match code {
            1 => VendorStatus::AwaitingPayment,
            2 => VendorStatus::AwaitingShipment,
            3 => VendorStatus::Shipped,
            4 => VendorStatus::Cancelled,
            other => VendorStatus::Other(other),
        }
    }
}
