//! Following a paid order until every package has a waybill or is cancelled.

use super::super::look::{Look, Vain};
use super::SeenPackage;
use super::memory::Case;
use super::packages::{Standing, standing};
use crate::outcome::{Attempts, Fate, JobError, Outcome};
use crate::state::Step;
use crate::vendor_status::VendorStatus;
use crate::verdict::ErrorClass;

impl Case<'_> {
    /// The order is paid: its deadline runs from now. Every way to know it leads through here.
    pub(super) fn enter_poll(mut self, event: &'static str) -> Outcome {
        self.memory.payments = self.memory.payments.max(1);
        self.memory.unknown = false;
        self.memory.error = None;
        self.memory.poll_since_ms = self.ctx.now_ms;
        // A pass that begins sooner may still show the order unpaid.
        self.memory.look = Look::after_call(self.ctx);
        if self.order.is_finished(self.recipients()) {
            return self.done();
        }
        let delay_ms = self.ctx.policy.poll_initial_ms;
        self.await_packages(event, Step::Poll, delay_ms, Attempts::Reset)
            .with_hold(self.order_sn())
    }

    /// The packages sweep met our order, due or not.
    pub(super) fn polled(mut self, rows: &[SeenPackage], pass_began_ms: u64) -> Outcome {
        self.order.take(rows);
        if self.order.is_finished(self.recipients()) {
            return self.done();
        }
        let is_unpaid = standing(rows) == Standing::Unpaid
            && self
                .order
                .is_wholly(VendorStatus::AwaitingPayment, self.recipients());
        if is_unpaid {
            return self.found_unpaid(pass_began_ms);
        }
        self.poll_on()
    }

    /// A pass did not show the order; absence proves nothing about a paid one.
    pub(super) fn polled_in_vain(self) -> Outcome {
        self.poll_on()
    }

    /// The next poll: the longer it takes, the rarer they become.
    fn poll_on(&self) -> Outcome {
        let policy = self.ctx.policy;
        let age_ms = self.ctx.now_ms.saturating_sub(self.memory.poll_since_ms);
        let Some(left_ms) = policy
            .gift_deadline_ms
            .checked_sub(age_ms)
            .filter(|left_ms| *left_ms > 0)
        else {
            return self.too_late();
        };
        let delay_ms = (age_ms / 2)
            .min(policy.poll_max_ms)
            .max(policy.poll_initial_ms)
            .min(left_ms);
        self.await_packages("polled", Step::Poll, delay_ms, Attempts::Keep)
    }

    /// The payment that is known does not show: it is looked up like an unclear one, and never repeated.
    fn found_unpaid(mut self, pass_began_ms: u64) -> Outcome {
        if self.memory.look.in_vain(pass_began_ms, self.ctx) == Vain::TooEarly {
            return self.poll_on();
        }
        let error = JobError::found(
            ErrorClass::Unknown,
            format!("order {} is shown unpaid after its payment", self.order_sn()),
            "系统会自动核对付款结果,无需处理",
        );
        self.memory.error = Some(error.clone().into());
        self.enter_confirm("found-unpaid", Attempts::Reset)
            .with_error(error)
    }

    fn done(&self) -> Outcome {
        let hold = if self.order.is_wholly(VendorStatus::Cancelled, self.recipients()) {
            ""
        } else {
            self.order_sn()
        };
        self.outcome("done", Fate::Done, Step::Poll, Attempts::Reset)
            .with_hold(hold)
    }

    fn too_late(&self) -> Outcome {
        let error = JobError::found(
            ErrorClass::Deadline,
            format!(
                "order {} is paid, but not every package has a waybill within gift_order.deadline",
                self.order_sn()
            ),
            "订单已付款但长时间没有运单号,请联系供应商;用 jobs retry 可继续查询",
        );
        self.failed(Step::Poll, error).with_hold(self.order_sn())
    }
}
