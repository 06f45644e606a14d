//! The vendor's gift orders against the jobs that asked for them: joined by remark, judged once both have come to rest.

mod job;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use self::job::{Known, Rest};
use super::{Fault, Finding, JobLook};
use crate::id::Id;
use crate::money::Points;
use crate::vendor_status::VendorStatus;

/// A row of the vendor's list of gift orders, as far as it is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedOrder {
    /// The order's number.
    pub order_sn: Id,
    /// What the order was created with; empty if with nothing.
    pub remark: String,
    /// Where it stands.
    pub status: VendorStatus,
    /// What it costs, where the row says so.
    pub total_price: Option<Points>,
}

/// How far back the list was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// To its end.
    Whole,
    /// Every order that is no older than this, milliseconds; 0 where nothing follows from what was not met.
    Age(u64),
}

/// The vendor's list, as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderList {
    /// Its rows by the order's number; of an order that was met twice, the later.
    pub orders: BTreeMap<Id, ListedOrder>,
    /// Pages read.
    pub pages: u32,
    /// How far back.
    pub reach: Reach,
    /// When the first page was asked for, Unix milliseconds on Redis's clock.
    pub began_ms: u64,
}

/// What the judgement of orders depends on besides what was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderLimits {
    /// What came to rest before this is shown as it is, Unix milliseconds on Redis's clock.
    pub settled_ms: u64,
    /// Points above the expected price that are paid.
    pub price_tolerance: i64,
}

/// A key, every job that bears or bore it, and every listed order that bears its remark. The jobs were looked at after the
/// list was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyLook {
    /// The key.
    pub key: String,
    /// Its jobs that Redis still has.
    pub jobs: Vec<JobLook>,
    /// The vendor's orders.
    pub orders: Vec<ListedOrder>,
}

/// What is to be said of a key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judged {
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// Whether something may yet come right by itself, or may be too new to be shown rightly.
    pub is_unsettled: bool,
}

/// What the orders of one key show to be wrong.
#[must_use]
pub fn judge_key(look: &KeyLook, limits: &OrderLimits) -> Judged {
    let mut judged = Judged::default();
    judged.findings.extend(paid_twice(look));
    for job in &look.jobs {
        let Some(known) = Known::read(job) else { continue };
        let remark = match job.field("remark") {
            "" => look.key.as_str(),
            remark => remark,
        };
        let of_job = |order: &&ListedOrder| order.remark == remark;
        let orders: Vec<&ListedOrder> = look.orders.iter().filter(of_job).collect();
        judged.take_in(paid_unasked(job, &known, &orders, limits));
        judged.findings.extend(overpriced(job, &known, &orders, limits));
        judged.take_in(own_unpaid(job, &known, &orders, limits));
        judged.take_in(doubled(job, &known, &orders, limits));
    }
    judged
}

/// A paid job whose order is in no row, though the list was read further back than the job is old. `None` for every other
/// job. Rows may shift between pages (trap F4): it is a suspicion until the order was asked for by its number.
#[must_use]
pub fn judge_absent(job: &JobLook, list: &OrderList, limits: &OrderLimits) -> Option<(Id, Finding)> {
    let known = Known::read(job)?;
    let order_sn = known.order_sn.as_ref()?;
    let created_ms = known.since_ms?;
    let is_covered = match list.reach {
        Reach::Whole => true,
        Reach::Age(age_ms) => list.began_ms.saturating_sub(created_ms) < age_ms,
    };
    let is_absent = !list.orders.contains_key(order_sn);
    if !(is_absent && is_covered && known.is_paid && known.rest(limits) == Rest::Ended) {
        return None;
    }
    let detail = format!("its order {order_sn} counts as paid, and the vendor does not show it");
    Some((order_sn.clone(), job.finding(Fault::VendorUnpaid, detail, None)))
}

impl OrderLimits {
    /// For this list, where a call and all that it changes take `call_ms` at most to show.
    #[must_use]
    pub fn of(list: &OrderList, call_ms: u64, price_tolerance: i64) -> Self {
        OrderLimits {
            settled_ms: list.began_ms.saturating_sub(call_ms),
            price_tolerance,
        }
    }
}

impl ListedOrder {
    const fn is_paid(&self) -> bool {
        matches!(
            self.status,
            VendorStatus::AwaitingShipment | VendorStatus::Shipped
        )
    }

    fn is_unpaid(&self) -> bool {
        self.status == VendorStatus::AwaitingPayment
    }
}

impl Judged {
    const UNSETTLED: Judged = Judged {
        findings: Vec::new(),
        is_unsettled: true,
    };

    fn found(finding: Finding) -> Self {
        Judged {
            findings: vec![finding],
            is_unsettled: false,
        }
    }

    fn take_in(&mut self, other: Judged) {
        self.findings.extend(other.findings);
        self.is_unsettled |= other.is_unsettled;
    }
}

/// No list shows an order as paid that is not, however late it is: this needs no job at rest, and not even a job.
fn paid_twice(look: &KeyLook) -> Option<Finding> {
    let paid: Vec<&ListedOrder> = look.orders.iter().filter(|order| order.is_paid()).collect();
    (paid.len() > 1).then(|| {
        let subject = format!("key:gift.order:{}", look.key);
        let detail = format!("the vendor shows orders {} as paid", numbers(&paid));
        Finding::new(Fault::VendorPaidTwice, subject, detail, None)
    })
}

/// A paid order of the job's remark, and no payment of it on record. The job was looked at after the order, so that no
/// payment of its own can lie between the two.
fn paid_unasked(job: &JobLook, known: &Known, orders: &[&ListedOrder], limits: &OrderLimits) -> Judged {
    let is_own = |order: &ListedOrder| known.order_sn.as_ref() == Some(&order.order_sn);
    let Some(paid) = orders.iter().find(|order| order.is_paid()) else {
        return Judged::default();
    };
    if known.is_paid {
        // Its own among them: two are paid, which is found as such, or all is well.
        if orders.iter().any(|order| order.is_paid() && is_own(order)) {
            return Judged::default();
        }
        let own = known.order_sn.as_ref().map_or("", Id::as_str);
        let detail = format!(
            "the vendor shows order {} of its remark as paid; the one that it paid is {own}",
            paid.order_sn
        );
        return Judged::found(job.finding(Fault::VendorPaidUnasked, detail, None));
    }
    // A payment whose outcome is open, or a look-up that will meet the order and take it for its own.
    if known.rest(limits) != Rest::Ended && (known.may_settle_itself() || known.is_in_call()) {
        return Judged::UNSETTLED;
    }
    let detail = format!(
        "the vendor shows order {} of its remark as paid; {}",
        paid.order_sn,
        known.told_of_payments()
    );
    Judged::found(job.finding(Fault::VendorPaidUnasked, detail, None))
}

/// A price above both what the job expected and what it was told when it paid.
fn overpriced(
    job: &JobLook,
    known: &Known,
    orders: &[&ListedOrder],
    limits: &OrderLimits,
) -> Option<Finding> {
    let own = own(known, orders)?;
    let (price, expected) = (own.total_price?, known.expected?);
    let allowed = expected.0.saturating_add(limits.price_tolerance);
    // The tolerance may have been lowered since.
    let allowed = known.total_price.map_or(allowed, |told| allowed.max(told.0));
    (known.is_paid && own.is_paid() && price.0 > allowed).then(|| {
        let detail = format!(
            "its order {} costs {price} points at the vendor, {allowed} were allowed",
            own.order_sn
        );
        job.finding(Fault::VendorOverpriced, detail, None)
    })
}

/// The order of a paid job, shown as what it can no longer be.
fn own_unpaid(job: &JobLook, known: &Known, orders: &[&ListedOrder], limits: &OrderLimits) -> Judged {
    let shown = match own(known, orders) {
        Some(own) if known.is_paid && own.is_unpaid() => "unpaid",
        // How an order's status follows from its packages is not stated (trap E5).
        Some(own)
            if known.is_done() && own.status == VendorStatus::Cancelled && !known.has_cancelled_package =>
        {
            "cancelled"
        }
        _ => return Judged::default(),
    };
    if known.rest(limits) != Rest::Ended {
        return Judged::UNSETTLED;
    }
    let detail = format!(
        "its order {} counts as paid, and the vendor shows it {shown}",
        known.order_sn.as_ref().map_or("", Id::as_str)
    );
    Judged::found(job.finding(Fault::VendorUnpaid, detail, None))
}

/// Orders that await payment beside the one of the job, or several of which none is the job's yet.
fn doubled(job: &JobLook, known: &Known, orders: &[&ListedOrder], limits: &OrderLimits) -> Judged {
    let own = known.order_sn.as_ref();
    let spare = |order: &&&ListedOrder| order.is_unpaid() && Some(&order.order_sn) != own;
    let spare: Vec<&ListedOrder> = orders.iter().filter(spare).copied().collect();
    if spare.is_empty() || (own.is_none() && spare.len() < 2) {
        return Judged::default();
    }
    if known.rest(limits) == Rest::Moving {
        return Judged::UNSETTLED;
    }
    let detail = match own {
        Some(own) => format!(
            "beside its order {own} the vendor shows {} of its remark unpaid",
            numbers(&spare)
        ),
        None => format!("the vendor shows orders {} of its remark unpaid", numbers(&spare)),
    };
    Judged::found(job.finding(Fault::VendorDoubled, detail, None))
}

fn own<'a>(known: &Known, orders: &[&'a ListedOrder]) -> Option<&'a ListedOrder> {
    let order_sn = known.order_sn.as_ref()?;
    orders.iter().find(|order| order.order_sn == *order_sn).copied()
}

fn numbers(orders: &[&ListedOrder]) -> String {
    let numbers: Vec<&str> = orders.iter().map(|order| order.order_sn.as_str()).collect();
    numbers.join(", ")
}
