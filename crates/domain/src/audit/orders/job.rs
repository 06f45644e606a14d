//! What a gift order's job knows of its vendor order.

use serde::Deserialize;

use super::{JobLook, OrderLimits};
use crate::id::Id;
use crate::kind::Kind;
use crate::money::Points;
use crate::state::{State, Step};

/// A job, as far as it is compared with the vendor's list.
pub(super) struct Known {
    state: State,
    step: Step,
    /// When it came to its end, or was known as paid, Unix milliseconds.
    at_rest_ms: Option<u64>,
    /// The earliest moment at which its order may have been created; none on record: no create has begun.
    pub(super) since_ms: Option<u64>,
    /// Whether it counts as paid.
    pub(super) is_paid: bool,
    /// Whether some payment of it had no answer, or its record may be lost.
    is_unclear: bool,
    pub(super) expected: Option<Points>,
    pub(super) order_sn: Option<Id>,
    pub(super) total_price: Option<Points>,
    pub(super) has_cancelled_package: bool,
}

/// Whether a job still moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    /// It does, or did so recently that lists may not show it.
    Moving,
    /// It is paid for long and follows its packages.
    Paid,
    /// It has ended, long before the list was read.
    Ended,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Memory {
    expected: Option<Points>,
    since_ms: Option<u64>,
    payments: u32,
    unclear_payments: u32,
    is_record_lost: bool,
    poll_since_ms: u64,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Outward {
    order_sn: Option<Id>,
    total_price: Option<Points>,
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    status: Id,
}

impl Known {
    /// `None` for other kinds, for a job of a later form, and for what cannot be read: that is found as such elsewhere.
    pub(super) fn read(look: &JobLook) -> Option<Self> {
        if look.is_newer || look.is_gone() || look.field("kind") != Kind::GiftOrder.as_str() {
            return None;
        }
        let state = look.state()?;
        let step: Step = look.field("step").parse().ok()?;
        let memory: Memory = read(look.field("memory"))?;
        let result: Outward = read(look.field("result"))?;
        let ended_ms = match state {
            State::Done | State::Failed | State::Cancelled => look.is_in(state),
            _ => None,
        };
        let is_polled = step == Step::Poll && memory.poll_since_ms > 0;
        Some(Known {
            state,
            step,
            at_rest_ms: ended_ms.or(is_polled.then_some(memory.poll_since_ms)),
            since_ms: memory.since_ms,
            is_paid: state == State::Done || step == Step::Poll || memory.payments > 0,
            is_unclear: memory.unclear_payments > 0 || memory.is_record_lost,
            expected: memory.expected,
            has_cancelled_package: result
                .packages
                .iter()
                .any(|package| package.status.as_str() == "4"),
            order_sn: result.order_sn,
            total_price: result.total_price,
        })
    }

    /// Whether the vendor's list has to agree with it by now.
    pub(super) fn rest(&self, limits: &OrderLimits) -> Rest {
        let is_long_ago = |ms: u64| ms < limits.settled_ms;
        match (self.at_rest_ms.is_some_and(is_long_ago), self.state) {
            (false, _) => Rest::Moving,
            (true, State::Done | State::Failed | State::Cancelled) => Rest::Ended,
            (true, _) => Rest::Paid,
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// Whether a worker holds it.
    pub(super) fn is_in_call(&self) -> bool {
        self.state == State::Running
    }

    /// Whether a look-up of its own is to tell what became of its create or its payment.
    pub(super) fn may_settle_itself(&self) -> bool {
        self.is_unclear || matches!(self.step, Step::Find | Step::Identify | Step::Confirm)
    }

    /// What it knows of payments, in words.
    pub(super) fn told_of_payments(&self) -> String {
        if self.is_unclear {
            format!("its payment had no clear answer, and it is {}", self.state)
        } else {
            format!("it is {} at step {} and has paid none", self.state, self.step)
        }
    }
}

fn read<T: Default + serde::de::DeserializeOwned>(text: &str) -> Option<T> {
    if text.is_empty() {
        return Some(T::default());
    }
    serde_json::from_str(text).ok()
}
