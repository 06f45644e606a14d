//! Creating the vendor order, and coming back to it after a death, a failover or an operator's retry.

use super::super::kept_error::KeptError;
use super::super::look::Look;
use super::super::{may_be_unsettled, refused, retried};
use super::memory::Case;
use crate::catalogue::Preflight;
use crate::errand::Errand;
use crate::id::Id;
use crate::money::Points;
use crate::outcome::{Attempts, Fate, JobError, Outcome};
use crate::scope::Scope;
use crate::state::Step;
use crate::verdict::{ErrorClass, Hint, Refusal, Verdict};

/// What holds the key while a create without a clear answer may have made a vendor order.
pub(super) const UNKNOWN_ORDER: &str = "unknown";

impl Case<'_> {
    /// The catalogue was asked: nothing was sent, so nothing is counted.
    pub(super) fn preflighted(mut self, preflight: Preflight) -> Outcome {
        match preflight {
            Preflight::Go { expected } => {
                self.memory.expected = Some(expected);
                let fate = Fate::Ready { front: false };
                self.outcome("preflighted", fate, Step::Create, Attempts::Keep)
            }
            Preflight::NeedsFresh => {
                let fate = Fate::Waiting {
                    errand: Errand::Catalogue,
                    delay_ms: 0,
                    since_ms: self.job.created_at_ms,
                };
                self.outcome("catalogue", fate, Step::Create, Attempts::Keep)
            }
            Preflight::Refused(error) => self.failed_uncreated(error),
        }
    }

    /// An order of ours exists now.
    pub(super) fn created(mut self, order_id: Id, order_sn: Id, total_price: Points) -> Outcome {
        self.note_creation();
        self.memory.unknown = false;
        self.memory.error = None;
        self.order.order_id = Some(order_id);
        self.order.order_sn = Some(order_sn);
        self.order.total_price = Some(total_price);
        self.enter_pay("created", Attempts::Reset)
    }

    /// `order-create` was refused or its answer is not clear.
    pub(super) fn create_refused(mut self, refusal: &Refusal) -> Outcome {
        match (&refusal.verdict, refusal.hint) {
            (Verdict::NotSent, _) => {
                let outcome = self.written(refused::again(self.job, refusal, self.ctx));
                match outcome.fate {
                    Fate::Failed { .. } => outcome.with_hold(""),
                    _ => outcome,
                }
            }
            (Verdict::Blocked(scope), _) => {
                let need = self.memory.expected.filter(|_| *scope == Scope::Balance);
                self.written(refused::parked(self.job, scope, refusal, need))
            }
            (Verdict::Retryable | Verdict::Unknown, _) => {
                self.memory.error = Some(KeptError::of(refusal));
                self.memory.look = Look::after_call(self.ctx);
                self.enter_find("unknown", Attempts::Keep)
                    .with_error(refusal.into())
            }
            (Verdict::Terminal, Hint::Effected) => {
                self.memory.error = Some(KeptError::last_word(refusal.into()));
                self.memory.look = Look::after_call(self.ctx);
                self.enter_find("unknown", Attempts::Keep)
                    .with_error(refusal.into())
            }
            (Verdict::Terminal, _) => self.failed_uncreated(refusal.into()),
        }
    }

    /// A worker died: what its call did is looked up, once a late effect must have appeared.
    pub(super) fn worker_lost(mut self) -> Outcome {
        if self.job.step == Step::Pay {
            self.count_unclear_payment();
        }
        self.look_up("worker-lost", KeptError::worker_lost())
    }

    /// Another Redis answers: what it may have lost is looked up. The loss may lie anywhere since the job came in.
    pub(super) fn failed_over(mut self) -> Outcome {
        if self.job.step == Step::Create {
            self.memory.since_ms = Some(self.job.created_at_ms);
        } else {
            self.memory.is_record_lost = true;
        }
        self.look_up("failover", KeptError::failed_over())
    }

    /// An operator retries: with the look-up wherever something may be unsettled, else with the step it stands at.
    pub(super) fn retried(mut self, failed_class: Option<ErrorClass>) -> Outcome {
        let look_first = self.memory.unknown
            || self.memory.unpaid_seen_ms.is_some()
            || self.has_last_word()
            || may_be_unsettled(failed_class);
        self.memory.error = None;
        self.memory.look = self.memory.look.restarted(self.ctx);
        match self.job.step {
            Step::Find => self.enter_find("retried", Attempts::Reset),
            Step::Create if look_first => self.enter_find("retried", Attempts::Reset),
            Step::Identify => self.enter_identify("retried", Attempts::Reset),
            Step::Confirm => self.enter_confirm("retried", Attempts::Reset),
            Step::Pay if look_first => self.enter_confirm("retried", Attempts::Reset),
            Step::Pay => self.enter_pay("retried", Attempts::Reset),
            Step::Poll => {
                self.memory.poll_since_ms = self.ctx.now_ms;
                self.await_packages("retried", Step::Poll, 0, Attempts::Reset)
            }
            step => self.written(retried(step)),
        }
    }

    /// Waits until the orders sweep meets our remark; until then the key is held.
    pub(super) fn enter_find(&mut self, event: &'static str, attempts: Attempts) -> Outcome {
        self.note_creation();
        self.memory.unknown = true;
        let outcome = self.await_order(event, attempts);
        outcome.with_hold(UNKNOWN_ORDER)
    }

    /// Failed, and no vendor order exists: the key may be given up. An earlier create without a clear answer was
    /// looked for in vain before this step was entered again.
    pub(super) fn failed_uncreated(&self, error: JobError) -> Outcome {
        self.failed(Step::Create, error).with_hold("")
    }

    /// Looks up what a call of this step did whose end is not known.
    fn look_up(mut self, event: &'static str, error: KeptError) -> Outcome {
        let shown = error.shown();
        self.memory.error = Some(error);
        self.memory.look = Look::after_intent(self.ctx);
        let outcome = match self.job.step {
            Step::Create => self.enter_find(event, Attempts::Keep),
            _ => {
                self.memory.look = self.memory.look.postponed(self.doubt_ms());
                self.enter_confirm(event, Attempts::Keep)
            }
        };
        outcome.with_error(shown)
    }

    /// The first create that may have had an effect was begun no earlier than one deadline ago.
    fn note_creation(&mut self) {
        let begun_ms = self.ctx.now_ms.saturating_sub(self.ctx.policy.vendor_timeout_ms);
        self.memory.since_ms.get_or_insert(begun_ms);
    }
}
