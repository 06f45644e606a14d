//! What the rows of one vendor order say about its payment.

use super::SeenPackage;
use crate::money::Points;
use crate::vendor_status::VendorStatus;

/// Where an order stands, by its packages (trap E5: the order's own status does not follow from them).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// No rows.
    Unseen,
    /// None was paid.
    Unpaid,
    /// Paid: each awaits shipment, is shipped or cancelled.
    Paid,
    /// Each was cancelled.
    Cancelled,
    /// Some await payment and others do not, or a status is not documented.
    Mixed,
}

/// Where an order stands by these rows.
pub(super) fn standing(rows: &[SeenPackage]) -> Standing {
    let all = |status| rows.iter().all(|row| row.status == status);
    if rows.is_empty() {
        Standing::Unseen
    } else if all(VendorStatus::AwaitingPayment) {
        Standing::Unpaid
    } else if all(VendorStatus::Cancelled) {
        Standing::Cancelled
    } else if rows
        .iter()
        .any(|row| matches!(row.status, VendorStatus::AwaitingPayment | VendorStatus::Other(_)))
    {
        Standing::Mixed
    } else {
        Standing::Paid
    }
}

/// What the packages cost together; `None` unless every recipient's package is there and says so.
pub(super) fn total(rows: &[SeenPackage], recipients: usize) -> Option<Points> {
    if rows.len() != recipients {
        return None;
    }
    rows.iter()
        .try_fold(0_i64, |sum, row| sum.checked_add(row.total?.0))
        .map(Points)
}
