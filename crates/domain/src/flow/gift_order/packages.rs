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
    /// The order cannot be paid any more; it costs nothing, unless a payment of it may have been taken before.
    pub(super) fn cancelled(&self) -> Outcome {
        if self.may_have_been_paid() {
            return self.cancelled_after_payment();
        }
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

    /// The key is kept: whoever submits it again would pay a second order while the points of this one are not back.
    fn cancelled_after_payment(&self) -> Outcome {
        let (paid, advice) = if self.memory.payments > 0 {
            (
                "was paid",
                "订单付款曾被确认,之后全部包裹在v兔商城被取消。请联系供应商核对点券是否已退回;如仍需要,核对后换一个 key 重新提交",
            )
        } else {
            (
                "may have been paid",
                "订单的付款结果不明,之后全部包裹在v兔商城被取消。请联系供应商核对是否扣过点券、是否已退回;如仍需要,核对后换一个 key \
                 重新提交",
            )
        };
        let error = JobError::found(
            ErrorClass::Human,
            format!(
                "order {} {paid}, and then all its packages were cancelled at the vendor; whether the points came back \
                 is not known",
                self.order_sn()
            ),
            advice,
        );
        self.failed(self.job.step, error).with_hold(self.order_sn())
    }

    /// The packages contradict each other, or are not shown though the order is.
    pub(super) fn unclear_packages(&self) -> Outcome {
        let error = JobError::found(
            ErrorClass::Human,
            format!(
                "whether order {} is paid does not follow from its packages: {}",
                self.order_sn(),
                self.packages_seen()
            ),
            "请在v兔商城后台核对该订单是否已付款,再决定是否重试",
        );
        self.failed(self.job.step, error).with_hold(self.order_sn())
    }

    /// The packages that are known, and where each stands.
    pub(super) fn packages_seen(&self) -> String {
        let seen: Vec<String> = self
            .order
            .packages
            .iter()
            .map(|package| format!("{} has status {}", package.package_id, package.status))
            .collect();
        if seen.is_empty() {
            "none is shown".to_owned()
        } else {
            seen.join(", ")
        }
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
