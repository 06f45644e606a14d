//! Paying the vendor order: only at the expected price, never twice in flight.

use super::super::kept_error::KeptError;
use super::super::look::Look;
use super::super::refused;
use super::memory::Case;
use crate::outcome::{Attempts, Fate, JobError, Outcome};
use crate::scope::Scope;
use crate::state::Step;
use crate::verdict::{ErrorClass, Hint, Refusal, Verdict};

/// "Not awaiting payment": the order is paid or cancelled, unless the vendor contradicts itself (trap H15).
const AWAITS_NO_PAYMENT: [i64; 2] = [10407, 10408];
/// Doublings of the settle time between payments without an answer: half an hour, by the documented settle time.
const DOUBLINGS_MAX: u32 = 6;

impl Case<'_> {
    /// To the payment, unless the order was paid before or the price forbids it. Every way to a payment leads through
    /// here.
    pub(super) fn enter_pay(&self, event: &'static str, attempts: Attempts) -> Outcome {
        if self.memory.payments > 0 {
            return self.paid_before();
        }
        if let Some(code) = self.memory.awaits_no_payment {
            return self.refused_as_paid(code);
        }
        let outcome = match self.price_error() {
            Some(error) => self.failed(Step::Pay, error),
            None => {
                // At the head of its lane while the look that permits a repeated one is fresh.
                let front = self.memory.unpaid_seen_ms.is_some();
                let fate = Fate::Ready { front };
                self.outcome(event, fate, Step::Pay, attempts)
                    .with_watch(vec![self.order_name()])
            }
        };
        outcome.with_hold(self.order_sn())
    }

    /// The vendor confirmed the payment.
    pub(super) fn paid(mut self) -> Outcome {
        // No way leads here twice; should a defect do, the audit tells by the count.
        self.memory.payments = self.memory.payments.saturating_add(1);
        self.enter_poll("paid")
    }

    /// `submit-payment` was refused or its answer is not clear.
    pub(super) fn pay_refused(mut self, refusal: &Refusal) -> Outcome {
        let kept = match (&refusal.verdict, refusal.hint) {
            (Verdict::NotSent, _) => {
                return self.written(refused::again(self.job, refusal, self.ctx));
            }
            (Verdict::Blocked(scope), _) => {
                let need = self.order.total_price.filter(|_| *scope == Scope::Balance);
                return self.written(refused::parked(self.job, scope, refusal, need));
            }
            // "Not awaiting payment" (10407, 10408) may be our own payment's echo, and after 10410 or 10416 the order
            // may be paid all the same (H15, H18): the packages decide, and no further payment follows.
            (_, Hint::Effected) => {
                self.memory.awaits_no_payment = refusal.code.filter(|code| AWAITS_NO_PAYMENT.contains(code));
                KeptError::last_word(JobError::from(refusal).of_class(ErrorClass::Terminal))
            }
            // It says nothing of an earlier payment that was unclear.
            (Verdict::Terminal, _) if self.may_have_been_paid() => KeptError::last_word(refusal.into()),
            (Verdict::Terminal, _) => return self.failed(Step::Pay, refusal.into()),
            (Verdict::Retryable | Verdict::Unknown, _) => {
                self.count_unclear_payment();
                KeptError::of(refusal)
            }
        };
        self.memory.error = Some(kept);
        self.memory.look = Look::after_call(self.ctx).postponed(self.doubt_ms());
        self.enter_confirm("unknown", Attempts::Keep)
            .with_error(refusal.into())
    }

    /// One more payment may or may not have been taken.
    pub(super) fn count_unclear_payment(&mut self) {
        self.memory.unclear_payments = self.memory.unclear_payments.saturating_add(1);
    }

    /// How much longer than the settle time the look-up of this payment waits: as often as the answer stayed away, the
    /// lists may be late too, and each repeat that they lead to may be charged.
    pub(super) fn doubt_ms(&self) -> u64 {
        let doublings = self.memory.unclear_payments.saturating_sub(1).min(DOUBLINGS_MAX);
        self.ctx
            .policy
            .settle_time_ms
            .saturating_mul((1 << doublings) - 1)
    }

    /// A payment that was confirmed once is never repeated, by no look-up and no retry: whether the vendor refuses a
    /// second one or takes the points again is not stated, and nothing it can be asked proves that none were taken
    /// (traps G4 and J8).
    fn paid_before(&self) -> Outcome {
        let error = JobError::found(
            ErrorClass::Human,
            format!(
                "order {} was confirmed as paid, but its packages are shown unpaid; it is not paid a second time",
                self.order_sn()
            ),
            "付款曾被确认,但包裹仍显示待付款,程序不会再次付款。请联系供应商客服核对点券扣款:已扣款的,待其更正后用 jobs retry \
             继续;未扣款的,在v兔商城后台付款后再 jobs retry,或换一个 key 重新提交",
        );
        self.failed(Step::Confirm, error).with_hold(self.order_sn())
    }

    /// The vendor takes no payment for an order that it shows unpaid. Which of the two is true it does not say, and a
    /// further payment might be charged.
    pub(super) fn refused_as_paid(&self, code: i64) -> Outcome {
        let error = JobError::found(
            ErrorClass::Human,
            format!(
                "the vendor refused the payment of order {} because it awaits none ({code}), but shows it unpaid: {}; it \
                 is not paid again",
                self.order_sn(),
                self.packages_seen()
            ),
            "供应商答复该订单不是待付款状态,但包裹仍显示待付款,程序不会再次付款。请联系供应商客服核对:已付款的,待其更正后用 jobs retry \
             继续;未付款的,在v兔商城后台付款后再 jobs retry,或取消该订单后换一个 key 重新提交",
        );
        let error = JobError {
            code: Some(code),
            ..error
        };
        self.failed(Step::Confirm, error).with_hold(self.order_sn())
    }

    /// What forbids to pay: a price beyond the tolerance, or none to compare with.
    fn price_error(&self) -> Option<JobError> {
        let tolerance = self.ctx.policy.price_tolerance;
        let msg = match (self.memory.expected, self.order.total_price) {
            // Cheaper is no better: an order that lacks a recipient or a piece costs less (traps G7 and J5).
            (Some(expected), Some(total)) if total.0.abs_diff(expected.0) <= tolerance.unsigned_abs() => {
                return None;
            }
            (Some(expected), Some(total)) => format!(
                "order {} costs {total} points, {expected} were expected (tolerance {tolerance}); it was not paid",
                self.order_sn()
            ),
            (None, _) => format!(
                "the expected price of order {} is not known; it was not paid",
                self.order_sn()
            ),
            (_, None) => format!(
                "the vendor did not say what order {} costs; it was not paid",
                self.order_sn()
            ),
        };
        Some(JobError::found(
            ErrorClass::Human,
            msg,
            "订单金额与预期不符,未付款。请核对价格;如接受该价格,可调大 gift_order.price_tolerance 后重试",
        ))
    }
}
