//! What every world has to have kept to when it ends, whatever its test looked at: the limit, and all that an audit beside
//! the vendor sees.

use std::io::{self, Write};
use std::thread;
use std::time::Instant;

use serde_json::{Value, json};

use super::{BOUND, World};
use crate::Arrivals;

/// Eleven calls may not crowd into less. It is not a whole second: beside another ring on two cores a call was seen to arrive
/// 56 ms after its slot, eleven within 964 ms. Two buckets at once, or slots granted twice, crowd them into half of this time.
const CROWD_MS: f64 = 900.0;
/// The same by a simulator without priority, which says some tens of milliseconds late when a call arrived.
const CROWD_UNTIMELY_MS: f64 = 850.0;

impl World {
    /// Fails when an audit has something to say, the vendor's orders beside it, or could not tell, and when the calls did not
    /// keep to the limit, its own among them; answers when they arrived. What ended just now is not held against a list that
    /// may lag.
    pub fn judge_end(&self) -> Arrivals {
        self.simulator.clear_faults_now();
        self.audit_is_settled();
        self.kept_to_the_limit()
    }

    /// The same, when nothing is left that may merely be late.
    fn judge_last_end(&self) -> Arrivals {
        self.simulator.clear_faults_now();
        let begun = Instant::now();
        // Each takes its turn among the vendor's calls.
        while !self.audit_is_settled() {
            assert!(begun.elapsed() < BOUND, "the vendor's orders never come to rest");
        }
        self.kept_to_the_limit()
    }

    /// Whether the audit could judge all of the vendor's orders; it has to find nothing.
    fn audit_is_settled(&self) -> bool {
        let output = self.command(&["audit", "--vendor", "-o", "json"]).output();
        let output = output.expect("the binary starts");
        let audit: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let unsettled = &audit["unsettled"];
        let is_settled = *unsettled == json!([]);
        assert!(
            output.status.success() && (is_settled || *unsettled == json!(["vendor-orders"])),
            "{output:?}: {audit:#}"
        );
        is_settled
    }

    fn kept_to_the_limit(&self) -> Arrivals {
        let arrivals = self.simulator.arrivals_now();
        if !self.is_unlimited() {
            let is_timely = self.simulator.is_preferred();
            arrivals.assert_no_crowd_within(if is_timely { CROWD_MS } else { CROWD_UNTIMELY_MS });
        }
        arrivals
    }

    fn is_unlimited(&self) -> bool {
        let set = |(name, _): &&(String, String)| name == "PARCELD__RATE_LIMIT__PER_SECOND";
        // What comes later wins.
        let per_second = self.settings.iter().rfind(set);
        per_second.is_some_and(|(_, value)| value == "0")
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // A test that fails says why itself.
        if thread::panicking() {
            return;
        }
        let arrivals = self.judge_last_end();
        let thread = thread::current();
        let test = thread.name().unwrap_or("a world");
        // Not by a macro, whose words a test that passes keeps to itself.
        let _ = writeln!(io::stderr(), "{test}: {arrivals}");
    }
}
