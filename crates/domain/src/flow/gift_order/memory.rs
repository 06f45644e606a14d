//! What a gift order remembers between calls, and one decision's view of it.

use serde::{Deserialize, Serialize};

use super::super::kept_error::KeptError;
use super::super::look::Look;
use super::super::{Context, json, read, refused};
use super::VendorOrder;
use crate::errand::Errand;
use crate::id::Id;
use crate::job::Job;
use crate::money::Points;
use crate::outcome::{Attempts, Fate, JobError, Outcome};
use crate::payload::GiftOrder;
use crate::state::Step;

/// What the flow remembers between calls.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Memory {
    /// What the order should cost, by the catalogue.
    pub(super) expected: Option<Points>,
    /// The earliest moment at which the vendor order may have been created; sweeps stop at older rows.
    pub(super) since_ms: Option<u64>,
    /// A create or a payment without a clear answer is not settled. Looks that show the order unpaid permit another
    /// payment and settle nothing. An operator's cancel asks for it too.
    pub(super) unknown: bool,
    /// The look-up under way.
    pub(super) look: Look,
    /// A look of it showed something else than a plainly unpaid order.
    pub(super) doubt: bool,
    /// What made it necessary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<KeptError>,
    /// Payments that the vendor confirmed, by its answers or, if by none, by its packages: one ends all paying. An
    /// operator's cancel and the audit ask for it too.
    pub(super) payments: u32,
    /// Payments whose answer stayed away or told nothing, whatever the looks after them showed. No retry resets them.
    pub(super) unclear_payments: u32,
    /// The code by which the vendor said that the order awaits no payment: it is paid no more, whatever looks and
    /// retries show. Only a payment by another hand, or a cancel, resolves it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) awaits_no_payment: Option<i64>,
    /// A failover may have lost the record of a payment.
    pub(super) is_record_lost: bool,
    /// When a look-up of a payment last ended with the order shown unpaid: the ground for the next payment, and good
    /// for one settle time.
    pub(super) unpaid_seen_ms: Option<u64>,
    /// Since when the order is polled: its payment, or an operator's retry after the deadline.
    pub(super) poll_since_ms: u64,
}

/// A job with its memory and result decoded: what every decision of this kind works on.
pub(super) struct Case<'a> {
    pub(super) job: &'a Job,
    pub(super) payload: &'a GiftOrder,
    pub(super) ctx: &'a Context<'a>,
    pub(super) memory: Memory,
    pub(super) order: VendorOrder,
}

impl<'a> Case<'a> {
    /// Decodes what the job remembers.
    pub(super) fn read(
        job: &'a Job,
        payload: &'a GiftOrder,
        ctx: &'a Context<'a>,
    ) -> Result<Self, serde_json::Error> {
        Ok(Case {
            job,
            payload,
            ctx,
            memory: read(&job.memory)?,
            order: VendorOrder::of(job)?,
        })
    }

    /// An outcome that writes memory and result.
    pub(super) fn outcome(&self, event: &'static str, fate: Fate, step: Step, attempts: Attempts) -> Outcome {
        self.written(Outcome::new(event, fate, step, attempts))
    }

    /// The outcome, with memory and result written.
    pub(super) fn written(&self, outcome: Outcome) -> Outcome {
        let outcome = outcome.with_memory(json(&self.memory));
        if self.order.order_sn.is_some() {
            outcome.with_result(json(&self.order))
        } else {
            outcome
        }
    }

    /// Failed at this step, what is known kept.
    pub(super) fn failed(&self, step: Step, error: JobError) -> Outcome {
        self.written(refused::failed(step, error))
    }

    /// Waits until the packages sweep meets our order number.
    pub(super) fn await_packages(
        &self,
        event: &'static str,
        step: Step,
        delay_ms: u64,
        attempts: Attempts,
    ) -> Outcome {
        let fate = Fate::Waiting {
            errand: Errand::Packages,
            delay_ms,
            since_ms: self.since_ms(),
        };
        self.outcome(event, fate, step, attempts)
            .with_watch(vec![format!("sn:{}", self.order_sn())])
    }

    /// Waits on for the look-up of this step.
    pub(super) fn look_on(&self, step: Step) -> Outcome {
        let delay_ms = self.memory.look.delay_ms(self.ctx);
        let outcome = self.await_packages("looked", step, delay_ms, Attempts::Keep);
        Outcome {
            error: self.kept_error(),
            ..outcome
        }
    }

    /// The earliest moment at which the vendor order may have been created.
    pub(super) fn since_ms(&self) -> u64 {
        self.memory.since_ms.unwrap_or(self.job.created_at_ms)
    }

    /// The order's number; empty before it is known.
    pub(super) fn order_sn(&self) -> &str {
        self.order.order_sn.as_ref().map_or("", Id::as_str)
    }

    /// How many packages the order should have.
    pub(super) fn recipients(&self) -> usize {
        self.payload.consignees.len()
    }

    /// Whether points may have been taken for the order, whatever the looks have shown since.
    pub(super) fn may_have_been_paid(&self) -> bool {
        self.memory.payments > 0 || self.memory.unclear_payments > 0 || self.memory.is_record_lost
    }

    /// The error that made the look-up necessary.
    pub(super) fn kept_error(&self) -> Option<JobError> {
        self.memory.error.as_ref().map(KeptError::shown)
    }

    /// Whether that error ends the job once the look-up showed no effect.
    pub(super) fn has_last_word(&self) -> bool {
        self.memory.error.as_ref().is_some_and(|error| error.is_final)
    }
}
