//! Settling an unclear payment by the status of the packages.

use super::super::kept_error::KeptError;
use super::super::look::Vain;
use super::super::refused;
use super::SeenPackage;
use super::memory::Case;
use super::packages::{Standing, standing};
use crate::outcome::{Attempts, Outcome};
use crate::state::Step;
use crate::vendor_status::VendorStatus;
use crate::verdict::ErrorClass;

impl Case<'_> {
    /// Waits for the packages sweep to show whether the order is paid.
    pub(super) fn enter_confirm(&mut self, event: &'static str, attempts: Attempts) -> Outcome {
        self.memory.unknown = true;
        self.memory.doubt = false;
        let delay_ms = self.memory.look.delay_ms(self.ctx);
        self.await_packages(event, Step::Confirm, delay_ms, attempts)
            .with_hold(self.order_sn())
    }

    /// The packages sweep met our order.
    pub(super) fn confirmed(mut self, rows: &[SeenPackage], pass_began_ms: u64) -> Outcome {
        self.order.take(rows);
        let seen = standing(rows);
        let is_cancelled = self.order.is_wholly(VendorStatus::Cancelled, self.recipients());
        match seen {
            Standing::Paid => return self.enter_poll("settled"),
            Standing::Cancelled if is_cancelled => return self.cancelled(),
            _ => {}
        }
        let vain = self.memory.look.in_vain(pass_began_ms, self.ctx);
        self.confirm_in_vain(seen, vain)
    }

    /// A pass over the packages did not show the order.
    pub(super) fn not_confirmed(mut self, pass_began_ms: u64) -> Outcome {
        let vain = self.memory.look.in_vain(pass_began_ms, self.ctx);
        self.confirm_in_vain(Standing::Unseen, vain)
    }

    /// The look right before a payment that follows an unclear one: the last may be hours old, for the job was parked,
    /// put off or behind others, and the lists may show the unclear payment by now.
    pub(super) fn look_before_payment(mut self) -> Option<Outcome> {
        let age_ms = self.ctx.now_ms.saturating_sub(self.memory.unpaid_seen_ms?);
        if self.job.step != Step::Pay || age_ms <= self.ctx.policy.settle_time_ms {
            return None;
        }
        self.memory.look = self.memory.look.restarted(self.ctx).once();
        let outcome = self.enter_confirm("stale", Attempts::Keep);
        Some(Outcome {
            error: self.kept_error(),
            ..outcome
        })
    }

    /// Only looks that all show the order unpaid lead back to the payment.
    pub(super) fn confirm_in_vain(mut self, seen: Standing, vain: Vain) -> Outcome {
        self.memory.doubt |= vain != Vain::TooEarly && seen != Standing::Unpaid;
        match vain {
            Vain::TooEarly | Vain::Again => self.look_on(Step::Confirm),
            Vain::Enough if self.memory.doubt => self.unclear_packages(),
            Vain::Enough => self.unpaid(),
        }
    }

    /// The order is not paid: pay again, unless the refusal or the attempts forbid it.
    fn unpaid(mut self) -> Outcome {
        self.memory.unknown = self.may_have_been_paid();
        self.memory.unpaid_seen_ms = Some(self.ctx.now_ms);
        if let Some(code) = self.memory.awaits_no_payment {
            return self.refused_as_paid(code);
        }
        let error = self.kept_error().unwrap_or_else(KeptError::no_answer);
        if self.has_last_word() {
            return self.failed(Step::Pay, error).with_hold(self.order_sn());
        }
        if refused::are_spent(self.job.attempts, self.ctx) {
            let error = error.of_class(ErrorClass::Retryable);
            return self.failed(Step::Pay, error).with_hold(self.order_sn());
        }
        let outcome = self.enter_pay("unpaid", Attempts::Keep);
        Outcome {
            error: self.kept_error(),
            ..outcome
        }
    }
}
