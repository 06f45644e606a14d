//! What the rows of one vendor order say about its payment.

use std::collections::BTreeMap;

use super::SeenPackage;
use super::memory::Case;
use crate::id::Id;
use crate::money::Points;
use crate::outcome::{JobError, Outcome};
use crate::vendor_status::VendorStatus;
use crate::verdict::ErrorClass;

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

impl Case<'_> {
    /// The order cannot be paid any more and costs nothing.
    pub(super) fn cancelled(&self) -> Outcome {
        let error = JobError::found(
            ErrorClass::Terminal,
            format!(
                "order {} was cancelled at the vendor before it was paid",
                self.order_sn()
            ),
            "订单已在v兔商城取消,未付款;如仍需要请重新提交",
        );
        self.failed(self.job.step, error).with_hold("")
    }

    /// The packages contradict each other, or are not shown though the order is.
    pub(super) fn unclear_packages(&self) -> Outcome {
        let seen: Vec<String> = self
            .order
            .packages
            .iter()
            .map(|package| format!("{} has status {}", package.package_id, package.status))
            .collect();
        let seen = if seen.is_empty() {
            "none is shown".to_owned()
        } else {
            seen.join(", ")
        };
        let error = JobError::found(
            ErrorClass::Human,
            format!(
                "whether order {} is paid does not follow from its packages: {seen}",
                self.order_sn()
            ),
            "请在v兔商城后台核对该订单是否已付款,再决定是否重试",
        );
        self.failed(self.job.step, error).with_hold(self.order_sn())
    }
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

/// What the packages cost together; `None` unless every recipient's package is there and says so. Shifting pages show
/// a row twice (trap F4).
pub(super) fn total(rows: &[SeenPackage], recipients: usize) -> Option<Points> {
    let packages: BTreeMap<&Id, &SeenPackage> = rows.iter().map(|row| (&row.package_id, row)).collect();
    if packages.len() != recipients {
        return None;
    }
    packages
        .values()
        .try_fold(0_i64, |sum, row| sum.checked_add(row.total?.0))
        .map(Points)
}
