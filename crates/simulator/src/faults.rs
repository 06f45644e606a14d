//! Faults: which are planned, and which one strikes a call.

mod fault;
mod rule;
mod seeded;

use serde_json::{Value, json};

use crate::endpoint::Endpoint;
use crate::facts::Facts;
pub(crate) use fault::{Distortion, Fault};
pub(crate) use rule::{Rule, When};
pub(crate) use seeded::Seeded;

/// The scripted rules, in order, and the seeded schedule behind them.
#[derive(Default)]
pub(crate) struct Faults {
    rules: Vec<Rule>,
    seeded: Option<Seeded>,
}

impl Faults {
    pub(crate) fn script(&mut self, rules: Vec<Rule>) {
        self.rules.extend(rules);
    }

    pub(crate) fn seed(&mut self, seeded: Seeded) {
        self.seeded = Some(seeded);
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The fault for this call: that of the first rule that fires, else what the seed draws.
    pub(crate) fn strike(&mut self, endpoint: Endpoint, facts: &Facts) -> Option<(When, Fault)> {
        let scripted = self
            .rules
            .iter_mut()
            .find_map(|rule| rule.strike(endpoint, facts));
        self.rules.retain(|rule| !rule.is_spent());
        scripted.or_else(|| self.seeded.as_mut()?.strike(endpoint, facts))
    }

    /// What is still to come.
    pub(crate) fn left(&self) -> Value {
        json!({"rules": self.rules, "seeded": self.seeded})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(rules: Value) -> Faults {
        let mut faults = Faults::default();
        faults.script(serde_json::from_value(rules).expect("valid rules"));
        faults
    }

    fn names(faults: &mut Faults, endpoint: Endpoint, calls: usize) -> Vec<Option<&'static str>> {
        let facts = Facts::default();
        (0..calls)
            .map(|_| faults.strike(endpoint, &facts).map(|(_, fault)| fault.name()))
            .collect()
    }

    #[test]
    fn a_rule_skips_then_strikes_then_is_spent() {
        let mut faults = faults(
            json!([{"endpoint": "send", "skip": 1, "times": 2, "when": "after", "fault": {"cut": true}}]),
        );
        assert_eq!(names(&mut faults, Endpoint::Detail, 1), [None]);
        assert_eq!(
            names(&mut faults, Endpoint::Send, 4),
            [None, Some("cut"), Some("cut"), None]
        );
        assert_eq!(faults.left(), json!({"rules": [], "seeded": null}));
    }

    #[test]
    fn a_rule_follows_the_order_it_matches() {
        let mut faults = faults(json!([{"match": {"remark": "A-7"}, "fault": {"code": 101}}]));
        let other = Facts {
            remark: Some("A-8".to_owned()),
            ..Facts::default()
        };
        let wanted = Facts {
            remark: Some("ERP-A-7".to_owned()),
            ..Facts::default()
        };
        assert!(faults.strike(Endpoint::SubmitPayment, &other).is_none());
        assert!(faults.strike(Endpoint::SubmitPayment, &wanted).is_some());
        assert!(faults.strike(Endpoint::SubmitPayment, &wanted).is_none());
    }

    #[test]
    fn rules_are_spent_in_their_order() {
        let mut faults = faults(json!([{"fault": {"cut": true}}, {"fault": {"drip": true}}]));
        assert_eq!(
            names(&mut faults, Endpoint::Send, 3),
            [Some("cut"), Some("drip"), None]
        );
    }
}
