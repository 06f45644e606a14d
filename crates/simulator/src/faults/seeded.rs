//! Faults drawn from a seed, the same ones in every run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Fault, When};
use crate::endpoint::Endpoint;
use crate::facts::Facts;

/// A seeded schedule. Each draw depends on the seed, the endpoint, what the call is about and how often
/// that was asked before, not on who came first: two runs of the same work meet the same faults.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Seeded {
    seed: u64,
    /// The share of calls that are struck, 0 to 1.
    rate: f64,
    /// How long a hanging call hangs.
    #[serde(default = "default_hang_ms")]
    hang_ms: u64,
    /// How late a slow answer is.
    #[serde(default = "default_slow_ms")]
    slow_ms: u64,
    /// The size of a huge answer.
    #[serde(default = "default_huge_bytes")]
    huge_bytes: u64,
    /// Only these endpoints; none: all.
    #[serde(default)]
    endpoints: Vec<String>,
    /// Only these kinds of fault; none: all.
    #[serde(default)]
    kinds: Vec<String>,
    /// No more than so many; none: without end.
    #[serde(default)]
    most: Option<u64>,
    #[serde(default, skip_deserializing)]
    struck: u64,
    #[serde(skip)]
    asked: BTreeMap<String, u64>,
}

impl Seeded {
    /// Counts a call, and answers the fault if the seed draws one.
    pub(crate) fn strike(&mut self, endpoint: Endpoint, facts: &Facts) -> Option<(When, Fault)> {
        let named = self.endpoints.is_empty() || self.endpoints.iter().any(|name| name == endpoint.name());
        if !named || self.most.is_some_and(|most| self.struck >= most) {
            return None;
        }
        let subject = format!("{} {}", endpoint.name(), facts.subject());
        let asked = self.asked.entry(subject.clone()).or_default();
        *asked += 1;
        let mut draws = Draws(self.seed ^ hash(&format!("{subject} {asked}")));
        if draws.fraction() >= self.rate {
            return None;
        }
        self.struck += 1;
        let when = if draws.next() & 1 == 0 {
            When::Before
        } else {
            When::After
        };
        let all = self.all_kinds();
        let kinds: Vec<&Fault> = all
            .iter()
            .filter(|fault| self.kinds.is_empty() || self.kinds.iter().any(|name| name == fault.name()))
            .collect();
        let index = draws.next() % u64::try_from(kinds.len()).unwrap_or(1).max(1);
        let fault = kinds.get(usize::try_from(index).unwrap_or_default())?;
        Some((when, (*fault).clone()))
    }

    /// What is wrong with the schedule, if anything.
    pub(crate) fn check(&self) -> Result<(), String> {
        let kinds = self.all_kinds();
        let strange_kind = self
            .kinds
            .iter()
            .find(|name| kinds.iter().all(|kind| kind.name() != *name));
        let strange_endpoint = self.endpoints.iter().find(|name| !Endpoint::is_name(name));
        match (strange_kind, strange_endpoint) {
            _ if !(0.0..=1.0).contains(&self.rate) => Err(format!("rate: {} is not from 0 to 1", self.rate)),
            (Some(name), _) => Err(format!("kinds: {name} is none")),
            (_, Some(name)) => Err(format!("endpoints: {name} is none")),
            (None, None) => Ok(()),
        }
    }

    fn all_kinds(&self) -> [Fault; 11] {
        let code = |code| Fault::Code {
            code,
            msg: None,
            data: None,
        };
        [
            code(101),
            code(202),
            Fault::Cut,
            Fault::Hang {
                hang_ms: self.hang_ms,
            },
            Fault::Slow {
                slow_ms: self.slow_ms,
            },
            Fault::Http {
                status: 502,
                html: true,
            },
            Fault::Truncate,
            Fault::Mistype,
            Fault::NotEnvelope,
            Fault::Huge {
                huge_bytes: self.huge_bytes,
            },
            Fault::Drip,
        ]
    }
}

fn default_hang_ms() -> u64 {
    3_000
}

fn default_slow_ms() -> u64 {
    300
}

fn default_huge_bytes() -> u64 {
    16 << 20
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// The numbers of splitmix64: small, and the same on every machine.
struct Draws(u64);

impl Draws {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit a double")]
    fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// FNV-1a: the standard library's hasher promises no stable values.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn seeded(seed: u64, rate: f64) -> Seeded {
        serde_json::from_value(json!({"seed": seed, "rate": rate})).expect("a valid schedule")
    }

    fn strikes(schedule: &mut Seeded, tids: impl Iterator<Item = u64>) -> BTreeMap<u64, String> {
        tids.filter_map(|tid| {
            let facts = Facts {
                tid: Some(tid.to_string()),
                ..Facts::default()
            };
            let (when, fault) = schedule.strike(Endpoint::Send, &facts)?;
            Some((tid, format!("{when:?} {fault:?}")))
        })
        .collect()
    }

    #[test]
    fn the_same_seed_strikes_the_same_work_in_any_order() {
        let forth = strikes(&mut seeded(7, 0.3), 0..1_000);
        let back = strikes(&mut seeded(7, 0.3), (0..1_000).rev());
        assert_eq!(forth, back);
        assert_ne!(forth, strikes(&mut seeded(8, 0.3), 0..1_000));
    }

    #[test]
    fn the_rate_is_kept_and_every_kind_comes_both_before_and_after() {
        let struck = strikes(&mut seeded(1, 0.5), 0..2_000);
        assert!((900..1_100).contains(&struck.len()), "{}", struck.len());
        let kinds: std::collections::BTreeSet<&String> = struck.values().collect();
        assert_eq!(kinds.len(), 22);
    }

    #[test]
    fn a_call_that_is_asked_again_is_drawn_again() {
        let mut schedule = seeded(3, 0.5);
        let facts = Facts {
            tid: Some("1".to_owned()),
            ..Facts::default()
        };
        let struck = (0..100)
            .filter(|_| schedule.strike(Endpoint::Send, &facts).is_some())
            .count();
        assert!((20..80).contains(&struck), "{struck}");
    }

    #[test]
    fn no_more_than_asked_are_struck() {
        let mut schedule: Seeded =
            serde_json::from_value(json!({"seed": 1, "rate": 1.0, "most": 3, "kinds": ["cut"]}))
                .expect("valid");
        assert_eq!(strikes(&mut schedule, 0..10).len(), 3);
    }
}
