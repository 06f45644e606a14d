//! Lanes and where they stand.

use super::{Cure, Fault, Finding};
use crate::lane::Lane;

/// One lane at one instant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LaneLook {
    /// Its name.
    pub lane: String,
    /// Hints in its list, stale ones included.
    pub hints: u64,
    /// Its ready jobs, as the counter says.
    pub ready: i64,
    /// Its ready jobs by its hints; `None` where it is too long for one look.
    pub counted: Option<u64>,
    /// Where it says that it stands: `ring`, a scope, or empty.
    pub place: String,
    /// How often it stands in the ring of its class.
    pub in_ring: u64,
    /// Whether it stands aside with the scope that it names.
    pub is_aside: bool,
    /// Whether that scope is parked, or on its way back.
    pub is_stopped: bool,
}

/// What is wrong with a lane.
#[must_use]
pub fn judge_lane(look: &LaneLook) -> Vec<Finding> {
    let subject = format!("lane:{}", look.lane);
    let mut findings = Vec::new();
    let is_empty = look.hints == 0 && look.ready <= 0;
    let misplaced = match (look.place.as_str(), look.in_ring) {
        ("", 0) if is_empty => None,
        ("", 0) => Some("it stands nowhere".to_owned()),
        ("", times) => Some(format!(
            "it stands in its ring {times} times and says that it stands nowhere"
        )),
        ("ring", 1) => None,
        ("ring", times) => Some(format!("it stands in its ring {times} times")),
        (_, 0) if look.is_aside && look.is_stopped => None,
        (scope, 0) => Some(format!(
            "it stands aside for {scope}, which is not parked or does not know of it"
        )),
        (scope, _) => Some(format!("it stands aside for {scope} and in its ring")),
    };
    if let Some(detail) = misplaced {
        // Of a lane that no claim could serve nothing is known, not even whether it is one.
        let is_known = look.lane.parse::<Lane>().is_ok();
        let cure = is_known.then(|| Cure::Place(look.lane.clone()));
        findings.push(Finding::new(Fault::LaneLost, subject.clone(), detail, cure));
    }
    let counted = look.counted.and_then(|counted| i64::try_from(counted).ok());
    if let Some(counted) = counted.filter(|counted| *counted != look.ready) {
        let detail = format!("the counter says {}, {counted} ready jobs are there", look.ready);
        let cure = Some(Cure::CountLane(look.lane.clone()));
        findings.push(Finding::new(Fault::CountWrong, subject, detail, cure));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane(place: &str, in_ring: u64) -> LaneLook {
        LaneLook {
            lane: "ship/send/-/1".to_owned(),
            hints: 2,
            ready: 1,
            counted: Some(1),
            place: place.to_owned(),
            in_ring,
            ..LaneLook::default()
        }
    }

    fn faults(look: &LaneLook) -> Vec<Fault> {
        judge_lane(look)
            .into_iter()
            .map(|finding| finding.fault)
            .collect()
    }

    #[test]
    fn a_lane_stands_in_exactly_one_place() {
        let aside = |is_aside, is_stopped| LaneLook {
            is_aside,
            is_stopped,
            ..lane("shop:1", 0)
        };
        let empty = LaneLook {
            hints: 0,
            ready: 0,
            counted: Some(0),
            ..lane("", 0)
        };
        let table = [
            (lane("ring", 1), false),
            (aside(true, true), false),
            (empty, false),
            (lane("", 0), true),
            (lane("", 1), true),
            (lane("ring", 0), true),
            (lane("ring", 2), true),
            (aside(true, false), true),
            (aside(false, true), true),
            (
                LaneLook {
                    in_ring: 1,
                    ..aside(true, true)
                },
                true,
            ),
        ];
        for (look, is_lost) in table {
            let expected = if is_lost {
                vec![Fault::LaneLost]
            } else {
                Vec::new()
            };
            assert_eq!(faults(&look), expected, "{look:?}");
        }
    }

    #[test]
    fn a_count_that_the_hints_contradict_is_found_where_they_can_be_counted() {
        assert_eq!(
            faults(&LaneLook {
                ready: 2,
                ..lane("ring", 1)
            }),
            [Fault::CountWrong]
        );
        assert_eq!(
            faults(&LaneLook {
                ready: 2,
                counted: None,
                ..lane("ring", 1)
            }),
            []
        );
    }

    #[test]
    fn a_lane_that_no_claim_could_serve_is_found_and_not_mended() {
        let cures = |name: &str| {
            let look = LaneLook {
                lane: name.to_owned(),
                ..lane("ring", 0)
            };
            let findings = judge_lane(&look);
            assert_eq!(findings.len(), 1, "{name}");
            findings[0].cure.clone()
        };
        let known = "ship/send/-/1";
        assert_eq!(cures(known), Some(Cure::Place(known.to_owned())));
        for unknown in ["x", "ship/nowhere/-/1", "idle/send/-/1"] {
            assert_eq!(cures(unknown), None, "{unknown}");
        }
    }
}
