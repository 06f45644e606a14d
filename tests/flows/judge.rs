//! The judgement at the end of every flow: what Redis counts is there, and the vendor saw no effect twice.

use parceld_domain::audit::{Fault, Limits};
use parceld_domain::state::State;
use serde_json::Value;

use crate::world::World;

/// Sums of the ledger of which no entry may be above one.
const AT_MOST_ONE: [&str; 7] = [
    "orders_per_remark",
    "payments_per_order",
    "paid_orders_per_remark",
    "concurrent_payments",
    "shipments_per_trade",
    "shipments_per_douyin_pair",
    "cancels_per_package",
];

impl World {
    /// Asserts what must be true at any time, and answers the ledger.
    pub(crate) async fn judged(&self) -> Value {
        self.judged_but_for(&[]).await
    }

    /// The same where the test itself has spoilt what stands in Redis: the audit may find these.
    pub(crate) async fn judged_but_for(&self, spoilt: &[Fault]) -> Value {
        let stats = self.stats().await;
        let states: u64 = stats.states.values().sum();
        assert_eq!(states, stats.kinds.values().sum::<u64>(), "{stats:?}");
        for state in State::ALL.iter().filter(|state| **state != State::Ready) {
            let recount = self.redis(&["ZCARD", &format!("{{}}:{state}")]);
            assert_eq!(recount, stats.states[state].to_string(), "{state}: {stats:?}");
        }
        let audit = self.store.audit(&self.limits()).await;
        let mut findings = audit.expect("the test's Redis answers").findings;
        findings.retain(|finding| !spoilt.contains(&finding.fault));
        assert!(findings.is_empty(), "{findings:#?}");
        let ledger = self.ledger().await;
        for sum in AT_MOST_ONE {
            for (what, count) in ledger[sum].as_object().expect("the ledger has this sum") {
                assert!(
                    count.as_u64().is_some_and(|count| count <= 1),
                    "{sum}: {what} {count}"
                );
            }
        }
        let limit = u64::from(self.store.settings().per_second);
        assert!(
            limit == 0
                || ledger["worst_second"]
                    .as_u64()
                    .is_some_and(|worst| worst <= limit),
            "{ledger}"
        );
        ledger
    }

    pub(crate) fn limits(&self) -> Limits {
        let settings = self.store.settings();
        Limits {
            lease_ms: settings.lease_ms,
            call_ms: self.policy.vendor_timeout_ms + self.policy.settle_time_ms,
            patience_ms: 60_000,
            per_second: settings.per_second,
        }
    }
}
