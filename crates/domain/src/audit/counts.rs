//! Counters against what they count.

use std::collections::BTreeMap;

use super::{Cure, Fault, Finding};
use crate::state::State;

/// Counters and the sizes of what they count, at one instant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CountsLook {
    /// The counters by their names.
    pub counters: BTreeMap<String, i64>,
    /// All jobs.
    pub jobs: u64,
    /// Members of the sets of states; ready jobs stand in lanes.
    pub sets: BTreeMap<State, u64>,
    /// The sum of the ready jobs of all lanes; `None` where there are too many lanes for one look.
    pub ready_in_lanes: Option<i64>,
    /// The sum of failed jobs of all codes; `None` where there are too many codes for one look.
    pub failed_by_code: Option<i64>,
}

/// Where the counters of one instant contradict the sets, or each other.
#[must_use]
pub fn judge_counts(look: &CountsLook) -> Vec<Finding> {
    let held = |name: &str| look.counters.get(name).copied().unwrap_or_default();
    let mut findings = Vec::new();
    let mut compare = |name: &str, held: i64, counted: i64, cure: Option<Cure>| {
        if held != counted {
            let detail = format!("the counter says {held}, {counted} are there");
            findings.push(Finding::new(
                Fault::CountWrong,
                format!("count:{name}"),
                detail,
                cure,
            ));
        }
    };
    let elsewhere: u64 = look.sets.values().sum();
    for state in State::ALL {
        let counted = match look.sets.get(state) {
            Some(members) => signed(*members),
            // A job that is in no other set is ready.
            None => signed(look.jobs) - signed(elsewhere),
        };
        compare(
            state.as_str(),
            held(state.as_str()),
            counted,
            Some(Cure::CountStates),
        );
    }
    // Also those of kinds that this version does not know.
    let kinds = look.counters.iter().filter(|(name, _)| name.starts_with("kind:"));
    let kinds = kinds.map(|(_, count)| count).sum();
    compare("kind:*", kinds, signed(look.jobs), None);
    if let Some(ready) = look.ready_in_lanes {
        compare("ready:*", ready, held("ready"), None);
    }
    if let Some(failed) = look.failed_by_code {
        compare(
            "failed:codes:*",
            failed,
            signed(look.sets.get(&State::Failed).copied().unwrap_or_default()),
            None,
        );
    }
    findings
}

/// Where counters differ from a full recount during which nothing that they count has moved.
#[must_use]
pub fn judge_recount(
    hash: &str,
    signature: &str,
    held: &BTreeMap<String, i64>,
    counted: &BTreeMap<String, u64>,
) -> Vec<Finding> {
    let mut names: Vec<&String> = held.keys().chain(counted.keys()).collect();
    names.sort();
    names.dedup();
    let mut findings = Vec::new();
    for name in names {
        let held = held.get(name).copied().unwrap_or_default();
        let count = counted.get(name).copied().unwrap_or_default();
        if held != signed(count) {
            let cure = Cure::Recount {
                hash: hash.to_owned(),
                field: name.clone(),
                count,
                signature: signature.to_owned(),
            };
            let detail = format!("the counter says {held}, {count} are there");
            let subject = format!("count:{hash}:{name}");
            findings.push(Finding::new(Fault::CountWrong, subject, detail, Some(cure)));
        }
    }
    findings
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two ready jobs and one done.
    fn sound() -> CountsLook {
        let names = [
            ("ready", 2),
            ("done", 1),
            ("kind:taobao.ship", 2),
            ("kind:gift.order", 1),
            ("accepted_total", 9),
        ];
        CountsLook {
            counters: names.map(|(name, count)| (name.to_owned(), count)).into(),
            jobs: 3,
            sets: State::ALL
                .iter()
                .filter(|state| **state != State::Ready)
                .map(|state| (*state, u64::from(*state == State::Done)))
                .collect(),
            ready_in_lanes: Some(2),
            failed_by_code: Some(0),
        }
    }

    fn subjects(look: &CountsLook) -> Vec<String> {
        judge_counts(look)
            .into_iter()
            .map(|finding| finding.subject)
            .collect()
    }

    #[test]
    fn counters_that_equal_the_sets_are_right() {
        assert_eq!(subjects(&sound()), [""; 0]);
        assert_eq!(
            subjects(&CountsLook {
                ready_in_lanes: None,
                failed_by_code: None,
                ..sound()
            }),
            [""; 0]
        );
    }

    #[test]
    fn each_counter_that_is_off_is_named() {
        for (name, subject) in [
            ("done", "count:done"),
            ("parked", "count:parked"),
            ("kind:gift.order", "count:kind:*"),
        ] {
            let mut look = sound();
            *look.counters.entry(name.to_owned()).or_default() += 1;
            assert_eq!(subjects(&look), [subject], "{name}");
        }
        assert_eq!(
            subjects(&CountsLook {
                ready_in_lanes: Some(3),
                ..sound()
            }),
            ["count:ready:*"]
        );
        assert_eq!(
            subjects(&CountsLook {
                failed_by_code: Some(1),
                ..sound()
            }),
            ["count:failed:codes:*"]
        );
        let mut look = sound();
        look.counters.insert("ready".to_owned(), -1);
        assert_eq!(subjects(&look), ["count:ready", "count:ready:*"]);
    }

    #[test]
    fn a_recount_names_what_is_held_too_much_too_little_and_not_at_all() {
        let held = [("a", 1), ("b", 2), ("c", -1)]
            .map(|(name, count)| (name.to_owned(), count))
            .into();
        let counted = [("a", 1), ("b", 3), ("d", 4)]
            .map(|(name, count)| (name.to_owned(), count))
            .into();
        let findings = judge_recount("failed:codes", "s", &held, &counted);
        let found: Vec<(&str, &str)> = findings
            .iter()
            .map(|one| (one.subject.as_str(), one.detail.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("count:failed:codes:b", "the counter says 2, 3 are there"),
                ("count:failed:codes:c", "the counter says -1, 0 are there"),
                ("count:failed:codes:d", "the counter says 0, 4 are there"),
            ]
        );
    }
}
