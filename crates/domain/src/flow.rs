//! The pure decisions of every kind of job: what a job does next, and what an answer makes of it.
//!
//! Each kind has one file with its events and one function `apply` of (step, memory, event). What happens to a
//! job without an answer (a death, a failover, an operator's retry) is decided here, kind by kind.

pub mod douyin_ship;
pub mod gift_cancel;
pub mod gift_order;
pub mod logistics_sync;
pub mod orders_sync;
pub mod taobao_ship;

#[cfg(test)]
mod fixture;
mod kept_error;
mod look;
mod refused;
#[cfg(test)]
mod tests;

pub use look::Gap;

use serde::Serialize;

use crate::class::Class;
use crate::endpoint::Endpoint;
use crate::id::Id;
use crate::job::Job;
use crate::kind::Kind;
use crate::lane::Lane;
use crate::outcome::{Attempts, Fate, JobError, Outcome};
use crate::payload::Payload;
use crate::policy::Policy;
use crate::state::Step;
use crate::verdict::ErrorClass;

/// Most bytes that a sync's result may reach; Redis holds it in one field.
pub const RESULT_BYTES_MAX: usize = 8 * 1024 * 1024;

/// What every decision depends on besides the job and the event.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The settings.
    pub policy: &'a Policy,
    /// Unix milliseconds on Redis's clock.
    pub now_ms: u64,
    /// Uniform in `[0, 1)`; spreads retries.
    pub jitter: f64,
}

/// Where an accepted job begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// Its first step.
    pub step: Step,
    /// The lane of that step.
    pub lane: Lane,
    /// Units it puts into calls of that lane.
    pub units: u32,
    /// What its workflow remembers at first.
    pub memory: String,
}

/// An event that cannot happen at the job's step: an error of the program, never of the vendor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind}: the event {event} is illegal at step {step}")]
pub struct IllegalEvent {
    /// The kind whose flow refused it.
    pub kind: Kind,
    /// Where the job stood.
    pub step: Step,
    /// The event's name.
    pub event: &'static str,
}

/// Where an accepted job begins.
#[must_use]
pub fn start(payload: &Payload) -> Start {
    let (step, lane) = match payload {
        Payload::TaobaoShip(ship) => (
            Step::Send,
            Lane::new(Class::Ship, Endpoint::Send, ship.shop_id.as_str()),
        ),
        Payload::DouyinShip(ship) => (
            Step::Ship,
            Lane {
                variant: variant(ship.vvtype.as_ref()),
                ..Lane::new(Class::Ship, Endpoint::DyShipFree, ship.shop_id.as_str())
            },
        ),
        Payload::GiftOrder(order) => (
            Step::Create,
            Lane::new(
                Class::Create,
                Endpoint::OrderCreate,
                order.shop_id.as_ref().map_or("", Id::as_str),
            ),
        ),
        Payload::GiftCancel(_) => (
            Step::Cancel,
            Lane::new(Class::Cancel, Endpoint::GetPackageCancel, ""),
        ),
        Payload::OrdersSync(sync) => (
            Step::Fetch,
            Lane {
                variant: variant(sync.version.as_ref()),
                ..Lane::new(Class::Sync, Endpoint::MpagingOrders, sync.owner_id.as_str())
            },
        ),
        Payload::LogisticsSync(sync) => (
            Step::Fetch,
            Lane::new(Class::Sync, Endpoint::Detail, sync.shop_id.as_str()),
        ),
    };
    Start {
        step,
        lane,
        units: units(payload, step, ""),
        memory: String::new(),
    }
}

/// The lane of a job at this step; `None` where it waits for an errand, or the step is not of its kind.
#[must_use]
pub fn lane(payload: &Payload, step: Step) -> Option<Lane> {
    match (payload, step) {
        (Payload::TaobaoShip(ship), Step::Verify) => Some(Lane::new(
            Class::Reconcile,
            Endpoint::Detail,
            ship.shop_id.as_str(),
        )),
        (Payload::GiftOrder(order), Step::Pay) => Some(Lane::new(
            Class::Pay,
            Endpoint::SubmitPayment,
            order.shop_id.as_ref().map_or("", Id::as_str),
        )),
        _ => {
            let start = start(payload);
            (start.step == step).then_some(start.lane)
        }
    }
}

/// What is left of the job for calls of this step: order numbers after the cursor, else the job itself.
#[must_use]
pub fn units(payload: &Payload, step: Step, memory: &str) -> u32 {
    match (payload, step) {
        (Payload::OrdersSync(sync), Step::Fetch) => orders_sync::units(sync, memory),
        _ => 1,
    }
}

/// What becomes of the job if its worker dies between begin and settle; begin stores it, Redis applies it.
///
/// `ctx` is of the moment of begin, from which delays count: an effect is looked up no sooner than deadline and settle
/// time after it.
#[must_use]
pub fn on_death(job: &Job, payload: &Payload, ctx: &Context<'_>) -> Outcome {
    match payload {
        Payload::TaobaoShip(_) => taobao_ship::on_death(job, ctx),
        Payload::DouyinShip(_) => douyin_ship::on_death(job, ctx),
        Payload::GiftOrder(order) => gift_order::on_death(job, order, ctx),
        Payload::GiftCancel(cancel) => gift_cancel::on_death(job, cancel, ctx),
        Payload::OrdersSync(_) | Payload::LogisticsSync(_) => interrupted(job),
    }
}

/// What becomes of the job when `begin` finds another Redis than the one under which its step was entered.
///
/// The failover may have lost the record of a create or of a payment, so these are looked up and nothing is sent;
/// any other job simply goes back to the head of its lane.
#[must_use]
pub fn on_failover(job: &Job, payload: &Payload, ctx: &Context<'_>) -> Outcome {
    match payload {
        Payload::GiftOrder(order) => gift_order::on_failover(job, order, ctx),
        _ => interrupted(job),
    }
}

/// Where a failed or parked job re-enters its work when an operator retries it.
///
/// A job with an unsettled effect begins with the look-up, never with the call. A poll goes on, its deadline
/// measured anew.
#[must_use]
pub fn on_retry(
    job: &Job,
    payload: &Payload,
    failed_class: Option<ErrorClass>,
    ctx: &Context<'_>,
) -> Outcome {
    match payload {
        Payload::TaobaoShip(_) => taobao_ship::on_retry(job, failed_class, ctx),
        Payload::DouyinShip(_) => douyin_ship::on_retry(job),
        Payload::GiftOrder(order) => gift_order::on_retry(job, order, failed_class, ctx),
        Payload::GiftCancel(cancel) => gift_cancel::on_retry(job, cancel, failed_class, ctx),
        Payload::OrdersSync(_) | Payload::LogisticsSync(_) => retried(job.step),
    }
}

/// What becomes of a job whose stored record cannot be read: a person must look, nothing is sent.
#[must_use]
pub fn on_unreadable(step: Step, what: &str, why: &serde_json::Error) -> Outcome {
    // Not the error's own words: they quote the value, which may be somebody's name.
    let why = format!("{:?} error at column {}", why.classify(), why.column());
    let error = JobError::found(
        ErrorClass::Human,
        format!("the stored {what} of this job cannot be read: {why}"),
        "任务记录已损坏或来自其他版本,请联系维护人员核对,不要直接重试",
    );
    refused::failed(step, error)
}

/// What becomes of a job that met an event its step does not know: a defect of ours, nothing more is sent.
#[must_use]
pub fn on_illegal(illegal: &IllegalEvent) -> Outcome {
    let error = JobError::found(
        ErrorClass::Human,
        illegal.to_string(),
        "程序内部错误,请联系维护人员;处理前不要重试",
    );
    refused::failed(illegal.step, error)
}

/// Back to the head of the lane: nothing happened, or nothing that could matter.
fn interrupted(job: &Job) -> Outcome {
    Outcome::new(
        "interrupted",
        Fate::Ready { front: true },
        job.step,
        Attempts::Keep,
    )
}

/// Whether a job that failed so may have had an effect that no look-up has settled.
fn may_be_unsettled(failed_class: Option<ErrorClass>) -> bool {
    matches!(
        failed_class,
        Some(ErrorClass::Human | ErrorClass::Unknown | ErrorClass::Poison)
    )
}

/// Back to work at this step, by an operator.
fn retried(step: Step) -> Outcome {
    let fate = Fate::Ready { front: false };
    Outcome::new("retried", fate, step, Attempts::Reset)
}

/// Calls of one lane share a version number.
fn variant(version: Option<&Id>) -> String {
    version.map_or_else(|| "-".to_owned(), Id::to_string)
}

/// Memory and results as they are stored.
fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("memories and results are structs of texts and numbers")
}

/// What is stored, read back; nothing stored is the default.
fn read<T: serde::de::DeserializeOwned + Default>(text: &str) -> Result<T, serde_json::Error> {
    if text.is_empty() {
        return Ok(T::default());
    }
    serde_json::from_str(text)
}
