//! Looking for the vendor order that an unclear create may have made: by remark, then by its packages.

use std::collections::BTreeSet;

use super::super::kept_error::KeptError;
use super::super::look::{Gap, Look, Unprovable, Vain};
use super::super::refused;
use super::memory::Case;
use super::packages::{Standing, standing, total};
use super::{SeenOrder, SeenPackage};
use crate::errand::Errand;
use crate::id::Id;
use crate::money::Points;
use crate::outcome::{Attempts, Fate, JobError, Outcome};
use crate::state::Step;
use crate::vendor_status::VendorStatus;
use crate::verdict::ErrorClass;

impl Case<'_> {
    /// Waits for the orders sweep.
    pub(super) fn await_order(&self, event: &'static str, attempts: Attempts) -> Outcome {
        let fate = Fate::Waiting {
            errand: Errand::Orders,
            delay_ms: self.memory.look.delay_ms(self.ctx),
            since_ms: self.since_ms(),
        };
        self.outcome(event, fate, Step::Find, attempts)
            .with_watch(vec![format!("remark:{}", self.job.remark)])
    }

    /// Waits for the packages sweep to name the order's id.
    pub(super) fn enter_identify(&self, event: &'static str, attempts: Attempts) -> Outcome {
        let delay_ms = self.memory.look.delay_ms(self.ctx);
        self.await_packages(event, Step::Identify, delay_ms, attempts)
            .with_hold(self.order_sn())
    }

    /// The orders sweep met our remark. Shifting pages show a row twice (trap F4), so numbers are counted; a cancelled
    /// order beside a living one does not matter, so that an operator can settle a doubt by cancelling.
    pub(super) fn found(mut self, rows: &[SeenOrder]) -> Outcome {
        let is_living = |row: &&SeenOrder| row.status != VendorStatus::Cancelled;
        let living: BTreeSet<&Id> = rows.iter().filter(is_living).map(|row| &row.order_sn).collect();
        if living.len() > 1 {
            return self.ambiguous(&living);
        }
        let Some(row) = rows.iter().find(is_living).or(rows.first()) else {
            return self.look_for_order_on();
        };
        self.order.order_sn = Some(row.order_sn.clone());
        self.order.total_price = row.total_price;
        self.memory.look = Look::default().restarted(self.ctx);
        self.memory.error = None;
        self.enter_identify("found", Attempts::Reset)
    }

    /// A pass over the orders showed nothing of ours.
    pub(super) fn not_found(mut self, pass_began_ms: u64) -> Outcome {
        let vain = self.memory.look.in_vain(pass_began_ms, self.ctx);
        self.looked_in_vain(vain)
    }

    /// The packages sweep met our order: it names the id that payment wants.
    pub(super) fn identified(mut self, rows: &[SeenPackage], pass_began_ms: u64) -> Outcome {
        self.order.take(rows);
        if self.order.total_price.is_none() {
            self.order.total_price = total(rows, self.recipients());
        }
        match standing(rows) {
            Standing::Cancelled if self.order.is_wholly(VendorStatus::Cancelled, self.recipients()) => {
                self.cancelled()
            }
            _ if self.is_strange(rows) => self.not_ours(),
            Standing::Paid => self.enter_poll("found-paid"),
            Standing::Unpaid if self.order.order_id.is_some() => {
                self.memory.unknown = false;
                self.enter_pay("identified", Attempts::Reset)
            }
            Standing::Unseen | Standing::Unpaid | Standing::Cancelled | Standing::Mixed => {
                self.not_identified(pass_began_ms)
            }
        }
    }

    /// Whether the order that bears our remark cannot be the one that we asked for: a remark is not unique (trap J1).
    fn is_strange(&self, rows: &[SeenPackage]) -> bool {
        let tolerance = self.ctx.policy.price_tolerance.unsigned_abs();
        let costs_otherwise = match (self.memory.expected, self.order.total_price) {
            (Some(expected), Some(total)) => total.0.abs_diff(expected.0) > tolerance,
            _ => false,
        };
        let consignees = &self.payload.consignees;
        let is_known = |platform_order_sn: &Id| {
            let mut named = consignees
                .iter()
                .filter_map(|consignee| consignee.platform_order_sn.as_ref());
            named.any(|named| named == platform_order_sn)
        };
        let all_are_named = consignees
            .iter()
            .all(|consignee| consignee.platform_order_sn.is_some());
        let mut bound_for = rows
            .iter()
            .map(|row| &row.platform_order_sn)
            .filter(|platform_order_sn| !platform_order_sn.is_empty());
        costs_otherwise || (all_are_named && bound_for.any(|platform_order_sn| !is_known(platform_order_sn)))
    }

    fn not_ours(&self) -> Outcome {
        let points = |price: Option<Points>| price.map_or_else(|| "?".to_owned(), |price| price.to_string());
        let error = JobError::found(
            ErrorClass::Human,
            format!(
                "order {} bears remark {}, but its price or its platform order numbers are not those of this job \
                 ({} points, {} were expected); this job has not paid it",
                self.order_sn(),
                self.job.remark,
                points(self.order.total_price),
                points(self.memory.expected),
            ),
            "该备注下的订单与本任务的金额或平台单号不符,未付款。请在v兔商城后台核对:不是本任务的订单请取消或换一个 key 重新提交;\
             如接受其价格,可调大 gift_order.price_tolerance 后重试",
        );
        self.failed(Step::Identify, error).with_hold(self.order_sn())
    }

    /// A pass over the packages did not say what to pay.
    pub(super) fn not_identified(mut self, pass_began_ms: u64) -> Outcome {
        let vain = self.memory.look.in_vain(pass_began_ms, self.ctx);
        self.looked_in_vain(vain)
    }

    /// The sweep's bound of pages was reached: no look-up can settle it any more. What a pass that began too early
    /// missed may yet appear among the newest rows.
    pub(super) fn depth_spent(mut self, pass_began_ms: u64) -> Outcome {
        if self.memory.look.in_vain(pass_began_ms, self.ctx) == Vain::TooEarly {
            return match self.job.step {
                Step::Find => self.look_for_order_on(),
                step => self.look_on(step),
            };
        }
        self.unfound("a look-up reads no more pages")
    }

    /// A pass that was not whole showed nothing of ours.
    pub(super) fn not_whole(mut self, pass_began_ms: u64, gap: Gap) -> Outcome {
        match self.memory.look.not_whole(pass_began_ms, gap, self.ctx) {
            Ok(vain) => self.looked_in_vain(vain),
            Err(Unprovable) => self.unfound(&gap.told()),
        }
    }

    /// What a look in vain of this step's list amounts to.
    fn looked_in_vain(self, vain: Vain) -> Outcome {
        match (self.job.step, vain) {
            (Step::Find, Vain::Enough) => self.not_created(),
            (Step::Find, _) => self.look_for_order_on(),
            (Step::Identify, Vain::Enough) => self.unclear_packages(),
            (Step::Identify, _) => self.look_on(Step::Identify),
            _ => self.confirm_in_vain(Standing::Unseen, vain),
        }
    }

    /// No look-up can tell: a person must.
    fn unfound(&self, why: &str) -> Outcome {
        let what = match self.job.step {
            Step::Find => format!("an order with remark {}", self.job.remark),
            _ => format!("the packages of order {}", self.order_sn()),
        };
        let error = JobError::found(
            ErrorClass::Human,
            format!("{what} was not found, and {why}; the outcome is not known"),
            "请在v兔商城后台按备注或订单号核对该订单是否存在、是否已付款,再决定是否重试",
        );
        self.failed(self.job.step, error)
    }

    fn look_for_order_on(&self) -> Outcome {
        let outcome = self.await_order("looked", Attempts::Keep);
        Outcome {
            error: self.kept_error(),
            ..outcome
        }
    }

    /// No vendor order bears our remark: create again, unless the refusal or the attempts forbid it.
    fn not_created(mut self) -> Outcome {
        self.memory.unknown = false;
        let error = self.kept_error().unwrap_or_else(KeptError::no_answer);
        if self.has_last_word() {
            return self.failed_uncreated(error);
        }
        if refused::are_spent(self.job.attempts, self.ctx) {
            return self.failed_uncreated(error.of_class(ErrorClass::Retryable));
        }
        let fate = Fate::Ready { front: false };
        let outcome = self
            .outcome("not-created", fate, Step::Create, Attempts::Keep)
            .with_watch(Vec::new())
            .with_hold("");
        Outcome {
            error: self.kept_error(),
            ..outcome
        }
    }

    fn ambiguous(&self, orders: &BTreeSet<&Id>) -> Outcome {
        let numbers: Vec<&str> = orders.iter().map(|number| number.as_str()).collect();
        let error = JobError::found(
            ErrorClass::Human,
            format!(
                "several vendor orders bear remark {}: {}; none was paid by this job",
                self.job.remark,
                numbers.join(", ")
            ),
            "同一备注对应多个订单,请在v兔商城后台保留一个、取消其余后再重试",
        );
        self.failed(Step::Find, error).with_hold(numbers.join(","))
    }
}
