//! `gift.order`: create, pay and follow one gift order; at most one vendor order per job is ever paid.

mod confirm;
mod create;
mod find;
mod memory;
mod packages;
mod pay;
mod poll;
mod rivals;
mod vendor_order;

pub use vendor_order::{Package, VendorOrder};

use self::memory::Case;
use super::{Context, Gap, IllegalEvent, on_unreadable};
use crate::catalogue::Preflight;
use crate::id::Id;
use crate::job::Job;
use crate::kind::Kind;
use crate::money::Points;
use crate::outcome::Outcome;
use crate::payload::GiftOrder;
use crate::state::Step;
use crate::vendor_status::VendorStatus;
use crate::verdict::{ErrorClass, Refusal};

/// What happened to the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The catalogue was asked. On `Go` a worker that holds the job's claim takes the outcome's memory over into the
    /// job and goes on to `begin`; a job that waited for the catalogue is moved to its lane.
    Preflighted(Preflight),
    /// `order-create` answered with an order.
    Created {
        /// What `submit-payment` wants.
        order_id: Id,
        /// The order's number.
        order_sn: Id,
        /// What it costs.
        total_price: Points,
    },
    /// `order-create` was not a success.
    CreateRefused(Refusal),
    /// The orders sweep met our remark.
    OrderSeen {
        /// Every row that bears it.
        rows: Vec<SeenOrder>,
    },
    /// A complete, unfaulted pass of the awaited errand showed nothing of ours.
    Unseen {
        /// When the pass began, Redis's clock.
        pass_began_ms: u64,
    },
    /// A pass ended at its bound of pages and showed nothing of ours.
    DepthSpent {
        /// When the pass began, Redis's clock.
        pass_began_ms: u64,
    },
    /// A pass that was not whole ended and showed nothing of ours.
    NotWhole {
        /// When the pass began, Redis's clock.
        pass_began_ms: u64,
        /// What it lacks.
        gap: Gap,
    },
    /// The packages sweep met our order.
    Packages {
        /// The rows of our order.
        rows: Vec<SeenPackage>,
        /// When the pass began, Redis's clock.
        pass_began_ms: u64,
    },
    /// `submit-payment` was confirmed.
    Paid,
    /// `submit-payment` was not a success.
    PayRefused(Refusal),
}

/// A row of the orders sweep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenOrder {
    /// The order's number.
    pub order_sn: Id,
    /// The row's `id`, which only by a reading is the order's id (trap D4): payment waits for the packages to name it.
    pub order_id: Id,
    /// Where it stands.
    pub status: VendorStatus,
    /// What it costs, where the row says so.
    pub total_price: Option<Points>,
}

/// A row of the packages sweep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenPackage {
    /// The package.
    pub package_id: Id,
    /// The vendor order's id.
    pub order_id: Id,
    /// The vendor order's number.
    pub order_sn: Id,
    /// The recipient's platform order number; empty if none was given.
    pub platform_order_sn: Id,
    /// Where it stands.
    pub status: VendorStatus,
    /// The waybill number; empty until one is issued.
    pub express_no: String,
    /// The carrier's name.
    pub express_company_name: String,
    /// What the package costs, where the row says so.
    pub total: Option<Points>,
}

impl Event {
    /// The event's name, for errors and logs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Event::Preflighted(_) => "preflighted",
            Event::Created { .. } => "created",
            Event::CreateRefused(_) => "create-refused",
            Event::OrderSeen { .. } => "order-seen",
            Event::Unseen { .. } => "unseen",
            Event::DepthSpent { .. } => "depth-spent",
            Event::NotWhole { .. } => "not-whole",
            Event::Packages { .. } => "packages",
            Event::Paid => "paid",
            Event::PayRefused(_) => "pay-refused",
        }
    }
}

/// Decides what an answer or an observation makes of the job.
///
/// # Errors
/// When the event cannot happen at the job's step.
pub fn apply(
    job: &Job,
    payload: &GiftOrder,
    event: Event,
    ctx: &Context<'_>,
) -> Result<Outcome, IllegalEvent> {
    let case = match Case::read(job, payload, ctx) {
        Ok(case) => case,
        Err(error) => return Ok(on_unreadable(job.step, "memory or result", &error)),
    };
    Ok(match (job.step, event) {
        (Step::Create, Event::Preflighted(preflight)) => case.preflighted(preflight),
        (
            Step::Create,
            Event::Created {
                order_id,
                order_sn,
                total_price,
            },
        ) => case.created(order_id, order_sn, total_price),
        (Step::Create, Event::CreateRefused(refusal)) => case.create_refused(&refusal),
        (Step::Find, Event::OrderSeen { rows }) => case.found(&rows),
        (Step::Find, Event::Unseen { pass_began_ms }) => case.not_found(pass_began_ms),
        (Step::Identify, Event::Packages { rows, pass_began_ms }) => case.identified(&rows, pass_began_ms),
        (Step::Identify, Event::Unseen { pass_began_ms }) => case.not_identified(pass_began_ms),
        (Step::Pay, Event::Paid) => case.paid(),
        (Step::Pay, Event::PayRefused(refusal)) => case.pay_refused(&refusal),
        (Step::Confirm, Event::Packages { rows, pass_began_ms }) => case.confirmed(&rows, pass_began_ms),
        (Step::Confirm, Event::Unseen { pass_began_ms }) => case.not_confirmed(pass_began_ms),
        (Step::Poll, Event::Packages { rows, pass_began_ms }) => case.polled(&rows, pass_began_ms),
        (Step::Poll, Event::Unseen { .. } | Event::DepthSpent { .. } | Event::NotWhole { .. }) => {
            case.polled_in_vain()
        }
        (Step::Find | Step::Identify | Step::Confirm, Event::DepthSpent { pass_began_ms }) => {
            case.depth_spent(pass_began_ms)
        }
        (Step::Find | Step::Identify | Step::Confirm, Event::NotWhole { pass_began_ms, gap }) => {
            case.not_whole(pass_began_ms, gap)
        }
        (step, event) => {
            return Err(IllegalEvent {
                kind: Kind::GiftOrder,
                step,
                event: event.name(),
            });
        }
    })
}

/// What becomes of a job that must look once more instead of paying: asked right before a payment.
#[must_use]
pub fn look_before_payment(job: &Job, payload: &GiftOrder, ctx: &Context<'_>) -> Option<Outcome> {
    match Case::read(job, payload, ctx) {
        Ok(case) => case.look_before_payment(),
        Err(error) => Some(on_unreadable(job.step, "memory or result", &error)),
    }
}

/// The names under which jobs are found that hold this job's vendor order for theirs: asked for right before its first
/// payment. None where nobody need be asked for.
#[must_use]
pub fn rival_names(job: &Job, payload: &GiftOrder, ctx: &Context<'_>) -> Vec<String> {
    Case::read(job, payload, ctx).map_or_else(|_| Vec::new(), |case| case.rival_names())
}

/// What becomes of a job that may not pay now, because others hold its vendor order for theirs.
#[must_use]
pub fn beside_rivals(job: &Job, payload: &GiftOrder, rivals: &[Job], ctx: &Context<'_>) -> Option<Outcome> {
    match Case::read(job, payload, ctx) {
        Ok(case) => case.beside(rivals),
        Err(error) => Some(on_unreadable(job.step, "memory or result", &error)),
    }
}

/// A worker died: a begun create or payment is looked up.
pub(super) fn on_death(job: &Job, payload: &GiftOrder, ctx: &Context<'_>) -> Outcome {
    match Case::read(job, payload, ctx) {
        Ok(case) => case.worker_lost(),
        Err(error) => on_unreadable(job.step, "memory or result", &error),
    }
}

/// Redis lost what it may have known about a create or a payment: both are looked up.
pub(super) fn on_failover(job: &Job, payload: &GiftOrder, ctx: &Context<'_>) -> Outcome {
    match Case::read(job, payload, ctx) {
        Ok(case) => case.failed_over(),
        Err(error) => on_unreadable(job.step, "memory or result", &error),
    }
}

/// An operator retries.
pub(super) fn on_retry(
    job: &Job,
    payload: &GiftOrder,
    failed_class: Option<ErrorClass>,
    ctx: &Context<'_>,
) -> Outcome {
    match Case::read(job, payload, ctx) {
        Ok(case) => case.retried(failed_class),
        Err(error) => on_unreadable(job.step, "memory or result", &error),
    }
}

#[cfg(test)]
mod tests;
