//! Vendor orders that two jobs hold for their own, because the vendor answered both creates with one order.

use super::VendorOrder;
use super::create::UNKNOWN_ORDER;
use super::memory::Case;
use crate::job::Job;
use crate::outcome::{Attempts, Fate, JobError, Outcome};
use crate::state::{State, Step};
use crate::verdict::ErrorClass;

impl Case<'_> {
    /// The name under which a job that is about to pay is known to the others of its order.
    pub(super) fn order_name(&self) -> String {
        format!("order:{}", self.order_sn())
    }

    /// The names under which rivals are found. Before a repeated payment there is nobody to ask for: whoever came
    /// meanwhile has found this job and stood back.
    pub(super) fn rival_names(&self) -> Vec<String> {
        if self.job.step != Step::Pay || self.may_have_been_paid() {
            return Vec::new();
        }
        vec![self.order_name(), format!("sn:{}", self.order_sn())]
    }

    /// Who pays: of those that are about to, the job that came in first, and nobody beside one that is further on or may
    /// have paid before. A rival whose call may be under way, and which may have asked before this job was there to be found, is waited for.
    pub(super) fn beside(self, rivals: &[Job]) -> Option<Outcome> {
        // One that has stood back since it was found holds no order any more.
        let holds_it =
            |rival: &&Job| VendorOrder::of(rival).map_or(true, |order| order.order_sn == self.order.order_sn);
        let may_have_paid = |rival: &Job| {
            Case::read(rival, self.payload, self.ctx).map_or(true, |case| case.may_have_been_paid())
        };
        let goes_first =
            |rival: &&&Job| rival.step != Step::Pay || rival.id < self.job.id || may_have_paid(rival);
        let rivals: Vec<&Job> = rivals.iter().filter(holds_it).collect();
        if let Some(rival) = rivals.iter().find(goes_first) {
            let rival = rival.id.clone();
            return Some(self.stands_back(&rival));
        }
        let is_under_way = rivals.iter().any(|rival| rival.state == State::Running);
        is_under_way.then(|| {
            let delay_ms = self.ctx.policy.retry_initial_ms;
            self.outcome(
                "rivalled",
                Fate::Scheduled { delay_ms },
                Step::Pay,
                Attempts::Keep,
            )
        })
    }

    /// The order is the rival's: this job forgets it, and a retry looks for one under its own remark.
    fn stands_back(mut self, rival: &str) -> Outcome {
        let error = JobError::found(
            ErrorClass::Human,
            format!(
                "the vendor answered order {} to this job's create, which job {rival} holds for its own; this job has not \
                 paid it",
                self.order_sn()
            ),
            "供应商对两个任务返回了同一个订单,本任务未付款。请在v兔商城后台核对:本任务没有自己的订单时用 jobs retry 重新查找并下单",
        );
        self.memory.unknown = true;
        self.order = VendorOrder::default();
        self.failed(Step::Find, error)
            .with_result(String::new())
            .with_hold(UNKNOWN_ORDER)
    }
}
