//! The one thing all connections share: state, ledger and faults behind a lock that is never held across a wait.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::clock::Clock;
use crate::endpoint::Endpoint;
use crate::endpoints::{self, Answer, Desk};
use crate::facts::Facts;
use crate::faults::{Distortion, Fault, Faults, When};
use crate::fields::Fields;
use crate::ledger::Ledger;
use crate::options::Options;
use crate::reply::Reply;
use crate::state::State;

/// What changes.
pub(crate) struct Inner {
    pub(crate) state: State,
    pub(crate) ledger: Ledger,
    pub(crate) faults: Faults,
}

/// The vendor, as far as this program is concerned.
pub(crate) struct World {
    pub(crate) clock: Clock,
    first_options: Options,
    inner: Mutex<Inner>,
}

/// A call whose body was read: what it is about and what will go wrong with it.
pub(crate) struct Planned {
    pub(crate) fault: Option<(When, Fault)>,
    pub(crate) payment: Option<Arc<PaymentInFlight>>,
}

impl World {
    pub(crate) fn new(options: Options) -> Self {
        let inner = Inner {
            state: State::new(options.clone()),
            ledger: Ledger::default(),
            faults: Faults::default(),
        };
        Self {
            clock: Clock::start(),
            first_options: options,
            inner: Mutex::new(inner),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic elsewhere must not hide what the ledger saw until then.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that the head of a call has come, and answers the call's number.
    pub(crate) fn arrive(&self, at: Instant, endpoint: Endpoint) -> u64 {
        let at_us = self.clock.micros(at);
        self.lock().ledger.arrive(at_us, endpoint)
    }

    /// Notes what the call is about, and draws its fault.
    pub(crate) fn plan(self: &Arc<Self>, n: u64, endpoint: Endpoint, fields: Option<&Fields>) -> Planned {
        let mut inner = self.lock();
        let Inner {
            state,
            ledger,
            faults,
        } = &mut *inner;
        let facts = fields
            .map(|fields| Facts::of(endpoint, fields, state))
            .unwrap_or_default();
        ledger.sums.count_asked(endpoint, &facts);
        let fault = faults.strike(endpoint, &facts);
        if let Some((_, fault)) = &fault {
            ledger.sums.count_fault(fault.name());
        }
        let order_id = facts
            .order_id
            .clone()
            .filter(|_| endpoint == Endpoint::SubmitPayment);
        if let Some(order_id) = &order_id {
            ledger.sums.payment_begins(order_id);
        }
        if let Some(call) = ledger.call_mut(n) {
            call.facts = facts;
            call.fault = fault.as_ref().map(|(_, fault)| fault.name());
        }
        drop(inner);
        let payment = order_id.map(|order_id| {
            Arc::new(PaymentInFlight {
                order_id,
                world: Arc::clone(self),
            })
        });
        Planned { fault, payment }
    }

    /// Lets the vendor do what the call asks for, and answers what it says.
    pub(crate) fn apply(
        &self,
        n: u64,
        endpoint: Endpoint,
        token: Option<&str>,
        fields: Option<&Fields>,
        distortion: Distortion,
    ) -> Reply {
        let mut inner = self.lock();
        let Inner { state, ledger, .. } = &mut *inner;
        let wanted = state.options.access_token.as_deref();
        let known = token.is_some_and(|token| wanted.is_none_or(|wanted| token == wanted));
        let answer = if known {
            let clock = self.clock.skewed(state.options.clock_skew_ms);
            let mut desk = Desk {
                state,
                sums: &mut ledger.sums,
                clock: &clock,
                now_ms: self.clock.now_ms(),
                distortion,
            };
            endpoints::answer(endpoint, fields, &mut desk)
        } else {
            Answer {
                reply: Reply::refused(401),
                effect: false,
            }
        };
        if let Some(call) = ledger.call_mut(n) {
            call.effect = answer.effect;
        }
        answer.reply
    }

    /// Notes that the call is over, with the code that went out in an envelope.
    pub(crate) fn ended(&self, n: u64, code: Option<i64>) {
        if let Some(call) = self.lock().ledger.call_mut(n) {
            call.code = code;
            call.ended = true;
        }
    }

    /// Back to how it all began; the time and the numbering of calls go on.
    pub(crate) fn reset(&self) {
        let mut inner = self.lock();
        inner.state = State::new(self.first_options.clone());
        inner.faults.clear();
        inner.ledger.clear();
    }
}

/// A payment is in flight while its caller waits for it or its effect may yet come (J9).
pub(crate) struct PaymentInFlight {
    order_id: String,
    world: Arc<World>,
}

impl Drop for PaymentInFlight {
    fn drop(&mut self) {
        self.world.lock().ledger.sums.payment_ends(&self.order_id);
    }
}
