//! The record of granted slots.

use super::{Fault, Finding, Limits};

/// The bucket at one instant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BucketLook {
    /// Redis's time, Unix microseconds.
    pub now_us: u64,
    /// The slots, newest first, separated by commas; empty before the first claim.
    pub log: String,
    /// How long after its slot each of their calls may leave, in the same order; what is missing is zero.
    pub spread: String,
}

/// In which no more calls than allowed may begin: a second, and 20 ms for jitter on the way.
const WINDOW_US: u64 = 1_020_000;
/// A slot lies a second and a quarter ahead at most, and two of silence after a restart.
const AHEAD_MAX_US: u64 = 10_000_000;

/// What is wrong with the slots.
#[must_use]
pub fn judge_bucket(look: &BucketLook, limits: &Limits) -> Vec<Finding> {
    if limits.per_second == 0 || look.log.is_empty() {
        return Vec::new();
    }
    let mut wrong: Vec<String> = Vec::new();
    match (numbers(&look.log), numbers(&look.spread)) {
        (Some(slots), Some(spread)) => {
            wrong.extend(spacing(&slots, &spread, u64::from(limits.per_second)));
            let ahead_us = slots[0].saturating_sub(look.now_us);
            if ahead_us > AHEAD_MAX_US {
                wrong.push(format!(
                    "the next call is held back for {} s",
                    ahead_us / 1_000_000
                ));
            }
        }
        _ => wrong.push("the record of granted slots cannot be read".to_owned()),
    }
    let finding = |detail| Finding::new(Fault::BucketDisordered, "bucket", detail, None);
    wrong.into_iter().map(finding).collect()
}

fn numbers(text: &str) -> Option<Vec<u64>> {
    let numbers = text.split(',').filter(|number| !number.is_empty());
    numbers.map(|number| number.parse().ok()).collect()
}

/// A window of silence fills the record with one instant, which is no slot: such a tail is passed over.
fn spacing(slots: &[u64], spread: &[u64], per_second: u64) -> Option<String> {
    let oldest = slots.last()?;
    let granted = slots.iter().take_while(|slot| *slot != oldest).count();
    for (at, slot) in slots[..granted].iter().enumerate() {
        let gap_us = slot.checked_sub(slots[at + 1]);
        if gap_us.is_none_or(|gap_us| gap_us < 1_000_000 / per_second) {
            return Some(format!("slot {slot} is {gap_us:?} us after the one before it"));
        }
        // The calls before it may have left as late as this.
        let mut left: Vec<u64> = (at + 1..slots.len())
            .map(|earlier| slots[earlier] + spread.get(earlier).copied().unwrap_or_default())
            .collect();
        left.sort_unstable_by(|one, other| other.cmp(one));
        let crowd = left.get(per_second as usize - 1);
        let window_us = crowd.map(|latest| slot.saturating_sub(*latest));
        if let Some(window_us) = window_us.filter(|window_us| *window_us < WINDOW_US) {
            return Some(format!(
                "{} calls may leave within {} ms, the last at slot {slot}",
                per_second + 1,
                window_us / 1000
            ));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::LIMITS;

    fn details(slots: &[u64]) -> Vec<String> {
        let log: Vec<String> = slots.iter().map(u64::to_string).collect();
        let look = BucketLook {
            now_us: 50_000_000,
            log: log.join(","),
            spread: String::new(),
        };
        let findings = judge_bucket(&look, &LIMITS);
        findings.into_iter().map(|finding| finding.detail).collect()
    }

    /// Slots as the move grants them, newest first: a window of silence, then as quick as the limit allows.
    fn granted(count: usize) -> Vec<u64> {
        let mut slots = vec![40_000_000; 20];
        for _ in 0..count {
            slots.insert(0, (slots[0] + 100_000).max(slots[9] + WINDOW_US));
            slots.pop();
        }
        slots
    }

    #[test]
    fn slots_as_the_limit_allows_them_are_in_order() {
        for count in [0, 1, 5, 10, 11, 35] {
            assert!(details(&granted(count)).is_empty(), "{count}");
        }
        assert!(details(&[]).is_empty());
    }

    #[test]
    fn two_slots_too_close_or_the_wrong_way_round_are_found() {
        let found = |slots: &[u64]| details(slots).concat();
        let mut slots = granted(35);
        slots[0] = slots[1] + 99_999;
        let too_close = found(&slots);
        assert!(
            too_close.contains("is Some(99999) us after the one before it"),
            "{too_close}"
        );
        slots = granted(35);
        slots.swap(3, 4);
        let swapped = found(&slots);
        assert!(
            swapped.contains("is None us after the one before it"),
            "{swapped}"
        );
    }

    #[test]
    fn an_eleventh_slot_in_a_second_is_found() {
        let slots: Vec<u64> = (0..20).map(|slot| 49_000_000 - slot * 100_000).collect();
        assert_eq!(
            details(&slots),
            ["11 calls may leave within 1000 ms, the last at slot 49000000"]
        );
    }

    #[test]
    fn a_call_that_may_leave_late_counts_from_then() {
        let slots: Vec<u64> = (0..20).map(|slot| 49_000_000 - slot * 102_000).collect();
        let log: Vec<String> = slots.iter().map(u64::to_string).collect();
        let look = |spread: &str| BucketLook {
            now_us: 50_000_000,
            log: log.join(","),
            spread: spread.to_owned(),
        };
        let zeros = ["0"; 20].join(",");
        assert!(judge_bucket(&look(&zeros), &LIMITS).is_empty());
        let one_late = zeros.replacen("0,0,0,0,0,0,0,0,0,0,0", "0,0,0,0,0,0,0,0,0,0,5000", 1);
        assert_eq!(judge_bucket(&look(&one_late), &LIMITS).len(), 1);
    }

    #[test]
    fn a_bucket_that_holds_calls_back_for_long_is_found() {
        let mut slots = granted(20);
        slots[0] = 65_000_000;
        assert_eq!(details(&slots), ["the next call is held back for 15 s"]);
    }

    #[test]
    fn a_record_that_is_no_numbers_is_found_and_without_a_limit_nothing_is_asked() {
        let look = BucketLook {
            now_us: 1,
            log: "1,x".to_owned(),
            ..BucketLook::default()
        };
        assert_eq!(judge_bucket(&look, &LIMITS).len(), 1);
        let unlimited = Limits {
            per_second: 0,
            ..LIMITS
        };
        assert!(judge_bucket(&look, &unlimited).is_empty());
    }
}
