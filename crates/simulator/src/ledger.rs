//! What the vendor saw: every call, and the sums that invariants are judged by.

mod sums;
mod window;

use serde::Serialize;
use serde_json::{Value, json};

use crate::endpoint::Endpoint;
use crate::facts::Facts;
pub(crate) use sums::Sums;
use window::Arrivals;

/// Calls whose details are kept; older ones live on in the sums only.
const MOST_CALLS: usize = 500_000;

/// One call, as it stands by now.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Call {
    /// Its number, from 1 in the order of arrival.
    pub(crate) n: u64,
    pub(crate) at_ms: f64,
    pub(crate) endpoint: &'static str,
    pub(crate) facts: Facts,
    /// Whether it changed anything at the vendor.
    pub(crate) effect: bool,
    /// The code that was answered; none while it runs, or when no envelope went out.
    pub(crate) code: Option<i64>,
    /// The fault that was played on it.
    pub(crate) fault: Option<&'static str>,
    /// Whether the answer has left, or the connection was cut.
    pub(crate) ended: bool,
}

/// Everything seen since the start or the last reset.
#[derive(Default)]
pub(crate) struct Ledger {
    arrivals: Arrivals,
    calls: Vec<Call>,
    /// Number of the call before the first one kept. It outlives a reset, so that a call in flight over
    /// one cannot write into another call's record.
    forgotten: u64,
    pub(crate) sums: Sums,
}

impl Ledger {
    /// Notes the arrival of a call's head and answers its number.
    pub(crate) fn arrive(&mut self, at_us: u64, endpoint: Endpoint) -> u64 {
        if self.calls.len() >= MOST_CALLS {
            self.calls.drain(..MOST_CALLS / 2);
            self.forgotten += (MOST_CALLS / 2) as u64;
        }
        self.arrivals.note(at_us);
        self.sums.count_call(endpoint.name());
        let n = self.forgotten + self.calls.len() as u64 + 1;
        self.calls.push(Call {
            n,
            at_ms: millis(at_us),
            endpoint: endpoint.name(),
            facts: Facts::default(),
            effect: false,
            code: None,
            fault: None,
            ended: false,
        });
        n
    }

    /// The call of this number, unless it is forgotten.
    pub(crate) fn call_mut(&mut self, n: u64) -> Option<&mut Call> {
        let index = n.checked_sub(self.forgotten + 1)?;
        self.calls.get_mut(usize::try_from(index).ok()?)
    }

    /// Calls after a number, oldest first.
    pub(crate) fn calls_after(&self, after: u64) -> impl Iterator<Item = &Call> {
        let skip = usize::try_from(after.saturating_sub(self.forgotten)).unwrap_or(usize::MAX);
        self.calls.iter().skip(skip)
    }

    /// Forgets everything but the numbering of calls.
    pub(crate) fn clear(&mut self) {
        let forgotten = self.forgotten + self.calls.len() as u64;
        *self = Self {
            forgotten,
            ..Self::default()
        };
    }

    /// The whole account as one document.
    pub(crate) fn account(&self) -> Value {
        let (first, last) = self.arrivals.span_us().unzip();
        let mut account = json!({
            "calls": self.arrivals.count(),
            "worst_second": self.arrivals.worst_second(),
            "calls_per_second_mean": self.arrivals.mean_per_second(),
            "first_ms": first.map(millis),
            "last_ms": last.map(millis),
            "in_flight": self.calls.iter().filter(|call| !call.ended).count(),
            "effects": self.calls.iter().filter(|call| call.effect).count(),
        });
        if let (Value::Object(account), Ok(Value::Object(sums))) =
            (&mut account, serde_json::to_value(&self.sums))
        {
            account.extend(sums);
        }
        account
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a run is far shorter than 2^52 microseconds"
)]
fn millis(micros: u64) -> f64 {
    micros as f64 / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_numbered_on_across_a_reset() {
        let mut ledger = Ledger::default();
        assert_eq!(ledger.arrive(10, Endpoint::Send), 1);
        assert_eq!(ledger.arrive(20, Endpoint::Detail), 2);
        ledger.clear();
        assert!(ledger.call_mut(2).is_none());
        assert_eq!(ledger.arrive(30, Endpoint::Send), 3);
        assert_eq!(ledger.call_mut(3).map(|call| call.endpoint), Some("send"));
        assert_eq!(ledger.calls_after(2).count(), 1);
        assert_eq!(ledger.account()["calls"], json!(1));
    }

    #[test]
    fn calls_are_listed_after_a_number() {
        let mut ledger = Ledger::default();
        for at_us in 0..5 {
            ledger.arrive(at_us, Endpoint::Send);
        }
        let numbers: Vec<u64> = ledger.calls_after(2).map(|call| call.n).collect();
        assert_eq!(numbers, [3, 4, 5]);
    }
}
