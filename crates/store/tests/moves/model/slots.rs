//! The bucket against the rule that it exists for: any claims, restarts and lost records, and never two slots within
//! 100 ms or eleven calls that may leave in 1.02 seconds; and no slot later than the rule demands.
//!
//! Redis's clock cannot be moved, so time passes by moving the bucket's record of it: all slots and the time last seen.

use parceld_store::{Claimed, Pace, StoreSettings};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use tokio::runtime::Builder;

use crate::bed::{Bed, taobao};

const CASES: u32 = 40;
const PER_SECOND: usize = 10;
const GAP_US: i64 = 100_000;
const WINDOW_US: i64 = 1_020_000;
/// Slots are granted no further ahead than this.
const HORIZON_US: i64 = 250_000;
/// A worker is granted no longer a lead and spread.
const LEAD_MAX_US: i64 = 1_000_000;
/// Longer than any silence.
const SILENCE_US: i64 = 2_400_000;
/// A clock that stands more than this before what it showed was set.
const STEP_US: i64 = 1_000;
/// How much more than its dial a worker's spread may be: what it does not know about Redis's clock.
const UNCERTAIN_US: i64 = 100_000;

#[derive(Debug, Clone)]
enum Act {
    /// A claim of a worker that needs so long until its first byte, and may have to dial for so long.
    Claim {
        lead_us: i64,
        dial_us: i64,
    },
    /// The last granted token again.
    Again,
    Pass {
        us: i64,
    },
    /// Redis starts again and still has its data.
    Restart,
    /// Redis starts again, or fails over, without its last writes.
    Forget,
    /// Redis's clock is set back.
    StepBack {
        us: i64,
    },
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let lead = prop_oneof![5 => Just(0_i64), 3 => 1..60_000_i64, 1 => 60_000..3_000_000_i64];
    let dial = prop_oneof![4 => Just(0_i64), 1 => 0..500_000_i64];
    // Mostly less than a gap, so that the bucket is under pressure for more than a window.
    let pass = prop_oneof![20 => 0..110_000_i64, 2 => 100_000..400_000_i64, 1 => 400_000..4_000_000_i64];
    let act = prop_oneof![
        30 => (lead, dial).prop_map(|(lead_us, dial_us)| Act::Claim { lead_us, dial_us }),
        2 => Just(Act::Again),
        20 => pass.prop_map(|us| Act::Pass { us }),
        1 => Just(Act::Restart),
        1 => Just(Act::Forget),
        1 => (STEP_US + 500..3_000_000_i64).prop_map(|us| Act::StepBack { us }),
    ];
    (any::<bool>(), prop::collection::vec(act, 20..140)).prop_map(|(after_silence, acts)| {
        let mut all = Vec::new();
        if after_silence {
            let claim = Act::Claim {
                lead_us: 0,
                dial_us: 0,
            };
            all.extend([claim, Act::Pass { us: SILENCE_US }]);
        }
        all.extend(acts);
        all
    })
}

/// One account's slots. All times are Redis's clock and what was made to pass besides, in microseconds.
struct Slots {
    bed: Bed,
    passed_us: i64,
    /// Slots, the newest last, and how long after each its call may leave.
    granted: Vec<(i64, i64)>,
    last_token: Option<String>,
    put: usize,
    /// The next claim finds a record that it cannot trust.
    distrusts: bool,
    /// How far the record stands ahead of time, by steps back so small that nobody noticed.
    ahead_us: i64,
    /// When a silence began: between these two.
    silent_since: Option<(i64, i64)>,
}

impl Slots {
    async fn new() -> Self {
        let limited = |settings: &mut StoreSettings| settings.per_second = PER_SECOND as u32;
        Slots {
            bed: Bed::with(limited).await,
            passed_us: 0,
            granted: Vec::new(),
            last_token: None,
            put: 0,
            // A namespace without a record may be one that lost it.
            distrusts: true,
            ahead_us: 0,
            silent_since: None,
        }
    }

    async fn now_us(&self) -> i64 {
        let (seconds, micros): (i64, i64) = self.bed.raw(&["TIME"]).await;
        seconds * 1_000_000 + micros + self.passed_us
    }

    async fn does(&mut self, act: &Act) -> Result<(), TestCaseError> {
        match *act {
            Act::Claim { lead_us, dial_us } => return self.claim(lead_us, dial_us).await,
            Act::Again => return self.again().await,
            Act::Pass { us } => {
                self.move_record(-us).await;
                self.passed_us += us;
            }
            Act::StepBack { us } => {
                self.move_record(us).await;
                self.ahead_us += us;
            }
            Act::Restart => {
                let known: i64 = self.bed.raw(&["EXISTS", "~bucket"]).await;
                if known == 1 {
                    let _: i64 = self.bed.raw(&["HSET", "~bucket", "run_id", "0f0f"]).await;
                }
                self.distrusts = true;
            }
            Act::Forget => {
                let _: i64 = self.bed.raw(&["DEL", "~bucket"]).await;
                self.distrusts = true;
            }
        }
        Ok(())
    }

    async fn move_record(&self, by_us: i64) {
        let record: (Option<String>, Option<i64>) = self.bed.raw(&["HMGET", "~bucket", "log", "seen"]).await;
        let (Some(log), Some(seen)) = record else { return };
        let moved: Vec<String> = log
            .split(',')
            .map(|slot| (slot.parse::<i64>().unwrap() + by_us).to_string())
            .collect();
        let (log, seen) = (moved.join(","), (seen + by_us).to_string());
        let _: i64 = self
            .bed
            .raw(&["HSET", "~bucket", "log", &log, "seen", &seen])
            .await;
    }

    async fn claim(&mut self, lead_us: i64, dial_us: i64) -> Result<(), TestCaseError> {
        self.put += 1;
        self.bed.put(taobao(&format!("j{:03}", self.put), "1")).await;
        let seen: Option<i64> = self.bed.raw(&["HGET", "~bucket", "seen"]).await;
        let token = self.bed.token();
        let pace = Pace {
            lead_us: lead_us.unsigned_abs(),
            dial_us: dial_us.unsigned_abs(),
        };
        let from = self.now_us().await;
        let answer = self.bed.store.claim(&token, "worker-1", pace).await.unwrap();
        let to = self.now_us().await;
        let lag_us = |now: i64| seen.map_or(0, |seen| seen + self.passed_us - now);
        // Amid the bound, either is right.
        prop_assume!((lag_us(from) > STEP_US) == (lag_us(to) > STEP_US));
        self.distrusts |= lag_us(to) > STEP_US;
        if std::mem::take(&mut self.distrusts) {
            self.silent_since = Some((from, to));
            self.ahead_us = 0;
        }
        let (since_from, since_to) = self.silent_since.unwrap_or_default();
        let lead = lead_us.min(LEAD_MAX_US);
        // A silence may have to cover slots that nobody knows of, up to so far ahead of its beginning.
        let latest = self.next(to + lead, since_to + LEAD_MAX_US + HORIZON_US) + self.ahead_us;
        let Claimed::Jobs(_) = answer else {
            let waits = matches!(answer, Claimed::Nothing { .. });
            prop_assert!(waits, "{answer:?}");
            prop_assert!(
                latest - from - lead > HORIZON_US - UNCERTAIN_US - dial_us,
                "nothing, although a slot was free at {latest}, asked at {from}, {self:?}"
            );
            return Ok(());
        };
        let (slot, spread) = self.slot(&token).await;
        prop_assert!((dial_us.min(LEAD_MAX_US)..=dial_us + UNCERTAIN_US).contains(&spread));
        let granted_lead = lead_us.min(LEAD_MAX_US - spread);
        let earliest = self.next(from + granted_lead, since_from);
        prop_assert!(
            (earliest..=latest).contains(&slot),
            "slot {slot}, not {earliest}..={latest}, asked at {from} with {lead}, {self:?}"
        );
        prop_assert!(
            slot - to - lead <= HORIZON_US,
            "slot {slot} is too far ahead of {to}"
        );
        self.granted.push((slot, spread));
        self.last_token = Some(token);
        Ok(())
    }

    /// What the rule makes of a wish, given what was granted, and what may have been granted until `unknown`.
    fn next(&self, wished: i64, unknown: i64) -> i64 {
        let after_last = self.granted.last().map(|(slot, _)| slot + GAP_US);
        let mut departures: Vec<i64> = self.granted.iter().map(|(slot, spread)| slot + spread).collect();
        departures.sort_unstable();
        let tenth = departures.iter().rev().nth(PER_SECOND - 1);
        let bounds = [
            after_last,
            tenth.map(|left| left + WINDOW_US),
            Some(unknown + WINDOW_US),
        ];
        bounds.into_iter().flatten().fold(wished, i64::max)
    }

    /// The slot of a granted claim, and its spread.
    async fn slot(&self, token: &str) -> (i64, i64) {
        let record: String = self.bed.raw(&["GET", &format!("~claim:{token}")]).await;
        let record: serde_json::Value = serde_json::from_str(&record).unwrap();
        let slot: i64 = record["slot"].as_str().unwrap().parse().unwrap();
        let spread = self.bed.listed("spread").await[0];
        (slot + self.passed_us, i64::try_from(spread).unwrap())
    }

    async fn again(&mut self) -> Result<(), TestCaseError> {
        let Some(token) = &self.last_token else {
            return Ok(());
        };
        let log: Option<String> = self.bed.raw(&["HGET", "~bucket", "log"]).await;
        let answer = self
            .bed
            .store
            .claim(token, "worker-1", Pace::default())
            .await
            .unwrap();
        prop_assert!(matches!(answer, Claimed::Jobs(_)), "{answer:?}");
        let after: Option<String> = self.bed.raw(&["HGET", "~bucket", "log"]).await;
        prop_assert_eq!(log, after, "a token again takes no second slot");
        Ok(())
    }
}

impl std::fmt::Debug for Slots {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let newest: Vec<(i64, i64)> = self.granted.iter().rev().take(PER_SECOND).copied().collect();
        write!(f, "silent since {:?}, granted {newest:?}", self.silent_since)
    }
}

proptest! {
    #![proptest_config(super::config(CASES))]

    #[test]
    fn any_claims_keep_slots_as_far_apart_as_the_limit_needs_and_no_further(acts in acts()) {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut slots = Slots::new().await;
            for act in &acts {
                slots.does(act).await?;
            }
            Ok::<(), TestCaseError>(())
        })?;
    }
}
