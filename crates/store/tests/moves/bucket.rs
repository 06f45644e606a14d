//! bucket.lua: the send slots, as Redis recorded them.

use std::time::Duration;

use parceld_store::{Claimed, NewJob, Pace, Store, StoreSettings};
use parceld_test_support::{Persistence, PrivateRedis};

use crate::bed::{Bed, ids, taobao};

impl Bed {
    /// A list of the bucket's record, newest first, in microseconds.
    pub(crate) async fn listed(&self, field: &str) -> Vec<u64> {
        let list: String = self.raw(&["HGET", "~bucket", field]).await;
        list.split(',').map(|number| number.parse().unwrap()).collect()
    }
}

async fn limited(jobs: usize) -> Bed {
    let bed = Bed::with(|settings| settings.per_second = 10).await;
    let jobs: Vec<NewJob> = (0..jobs).map(|n| taobao(&format!("j{n}"), "1")).collect();
    bed.store.enqueue_many(&jobs).await.unwrap();
    bed
}

/// The slots on record, newest first, in microseconds.
async fn slots(bed: &Bed) -> Vec<u64> {
    bed.listed("log").await
}

#[tokio::test]
async fn no_eleven_slots_fall_into_one_second() {
    let bed = limited(26).await;
    bed.open_bucket().await;
    let mut granted = Vec::new();
    while granted.len() < 26 {
        match bed.claim().await {
            Claimed::Nothing { wait_ms } => tokio::time::sleep(Duration::from_millis(wait_ms)).await,
            _ => granted.push(slots(&bed).await[0]),
        }
    }
    for pair in granted.windows(2) {
        assert!(pair[1] - pair[0] >= 100_000, "{granted:?}");
    }
    for window in granted.windows(11) {
        assert!(window[10] - window[0] >= 1_020_000, "{granted:?}");
    }
    // The limit is also used: 26 slots need 2.5 s, the rest is for a busy machine.
    assert!(granted[25] - granted[0] < 5_000_000, "{granted:?}");
}

/// A worker that needs so long between a claim and its first byte.
fn lead(lead_us: u64) -> Pace {
    Pace { lead_us, dial_us: 0 }
}

#[tokio::test]
async fn a_call_that_may_leave_late_keeps_the_second_behind_its_last_instant_clear() {
    const DIAL_US: u64 = 300_000;
    let bed = limited(24).await;
    bed.open_bucket().await;
    let dialling = Pace {
        lead_us: 0,
        dial_us: DIAL_US,
    };
    // The first two have to dial and so may leave behind some that are granted after them.
    let mut granted: Vec<(u64, u64)> = Vec::new();
    while granted.len() < 24 {
        let pace = if granted.len() < 2 { dialling } else { lead(0) };
        match bed.store.claim(&bed.token(), "worker-1", pace).await.unwrap() {
            Claimed::Nothing { wait_ms } => tokio::time::sleep(Duration::from_millis(wait_ms)).await,
            Claimed::Jobs(claim) => {
                let span = claim.grant.leave_by.duration_since(claim.grant.slot);
                let spread_us = bed.listed("spread").await[0];
                assert!(spread_us >= pace.dial_us && u128::from(spread_us) >= span.as_micros());
                granted.push((slots(&bed).await[0], spread_us));
            }
            Claimed::Errand(errand) => panic!("{errand:?}"),
        }
    }
    for (n, (slot, _)) in granted.iter().enumerate() {
        let may_be_near = granted[..n]
            .iter()
            .filter(|(before, spread)| before + spread + 1_020_000 > *slot);
        assert!(may_be_near.count() < 10, "call {n} of {granted:?}");
    }
    // The late ones cost what they say and no more: 1 s for each ten calls, and their dials.
    let all = granted[23].0 - granted[0].0;
    assert!(all < 4_000_000, "{all} us for 24 calls");
}

#[tokio::test]
async fn slots_are_reserved_a_quarter_of_a_second_ahead_at_most() {
    let bed = limited(20).await;
    bed.open_bucket().await;
    let mut granted = 0;
    let wait_ms = loop {
        match bed.claim().await {
            Claimed::Nothing { wait_ms } => break wait_ms,
            Claimed::Jobs(claim) => {
                granted += 1;
                let ahead = slots(&bed).await[0].saturating_sub(claim.grant.now_ms * 1000);
                assert!(ahead <= 251_000, "{ahead} us ahead");
            }
            Claimed::Errand(errand) => panic!("{errand:?}"),
        }
        assert!(granted < 10, "a burst has no end");
    };
    assert!(granted >= 3, "{granted}");
    assert!((1..=100).contains(&wait_ms), "{wait_ms}");
}

#[tokio::test]
async fn a_slot_leaves_the_worker_the_time_it_asks_for() {
    let bed = limited(1).await;
    bed.open_bucket().await;
    let Claimed::Jobs(claim) = bed.store.claim("t", "worker-1", lead(30_000)).await.unwrap() else {
        panic!("a slot is free")
    };
    let ahead = slots(&bed).await[0] - claim.grant.now_ms * 1000;
    assert!((30_000..=31_000).contains(&ahead), "{ahead}");
}

#[tokio::test]
async fn no_slot_is_further_ahead_than_the_silence_after_a_restart_covers() {
    let bed = limited(20).await;
    bed.open_bucket().await;
    let mut granted = 0;
    while let Claimed::Jobs(claim) = bed
        .store
        .claim(&bed.token(), "worker-1", lead(60_000_000))
        .await
        .unwrap()
    {
        granted += 1;
        let ahead = slots(&bed).await[0] - claim.grant.now_ms * 1000;
        assert!(ahead <= 1_251_000, "{ahead}");
    }
    assert!(granted >= 3, "{granted}");
}

#[tokio::test]
async fn no_slot_is_spent_without_work() {
    let bed = limited(0).await;
    bed.open_bucket().await;
    let before = slots(&bed).await;
    assert!(matches!(bed.claim().await, Claimed::Nothing { wait_ms: 2_000 }));
    assert_eq!(slots(&bed).await, before);
}

/// Claims answer nothing until every slot that an unrecorded claim may have had (a second ahead at most) is a window
/// past; later claims do not prolong it.
async fn stays_silent(bed: &Bed) {
    let Claimed::Nothing { wait_ms } = bed.claim().await else {
        panic!("silence was expected")
    };
    assert!((1_900..=2_020).contains(&wait_ms), "{wait_ms}");
    let log = slots(bed).await;
    let Claimed::Nothing { wait_ms: later } = bed.claim().await else {
        panic!("silence was expected")
    };
    assert!(later <= wait_ms);
    assert_eq!(slots(bed).await, log);
}

#[tokio::test]
async fn a_fresh_redis_begins_with_a_window_of_silence_that_ends() {
    let bed = limited(1).await;
    let began_us = bed.now_ms().await * 1000;
    stays_silent(&bed).await;
    while let Claimed::Nothing { wait_ms } = bed.claim().await {
        tokio::time::sleep(Duration::from_millis(wait_ms)).await;
    }
    let first = slots(&bed).await[0] - began_us;
    assert!((2_020_000..5_000_000).contains(&first), "{first}");
}

#[tokio::test]
async fn a_server_that_was_restarted_or_failed_over_is_silent_first() {
    let bed = limited(1).await;
    bed.open_bucket().await;
    let _: i64 = bed.raw(&["HSET", "~bucket", "run_id", "another"]).await;
    stays_silent(&bed).await;
}

#[tokio::test]
async fn a_server_that_is_made_master_again_is_silent_first() {
    let redis = PrivateRedis::start(Persistence::None).await;
    let bed = Bed::at(&redis.url(), "parceld", |settings| settings.per_second = 10).await;
    bed.put(taobao("a", "1")).await;
    bed.open_bucket().await;
    assert_eq!(ids(&bed.take().await), ["a"]);
    bed.put(taobao("b", "2")).await;
    bed.open_bucket().await;
    // Its process stays the same, and another one may have granted slots and begun calls in between.
    redis.command(&["REPLICAOF", "127.0.0.1", "1"]);
    redis.command(&["REPLICAOF", "NO", "ONE"]);
    stays_silent(&bed).await;
}

#[tokio::test]
async fn a_clock_that_stepped_back_is_silent_first() {
    let bed = limited(1).await;
    bed.open_bucket().await;
    let ahead = (bed.now_ms().await + 5_000) * 1000;
    let _: i64 = bed.raw(&["HSET", "~bucket", "seen", &ahead.to_string()]).await;
    stays_silent(&bed).await;
}

#[tokio::test]
async fn workers_with_different_limits_share_one_bucket() {
    let bed = limited(12).await;
    bed.open_bucket().await;
    let settings = StoreSettings {
        per_second: 5,
        ..bed.store.settings().clone()
    };
    let slower = Store::connect(settings).await.unwrap();
    let mut granted = Vec::new();
    // Each would otherwise take the other's record for none, and begin a window of silence at every claim.
    while granted.len() < 12 {
        for store in [&bed.store, &slower] {
            match store
                .claim(&bed.token(), "worker-1", Pace::default())
                .await
                .unwrap()
            {
                Claimed::Nothing { wait_ms } => {
                    tokio::time::sleep(Duration::from_millis(wait_ms.min(50))).await;
                }
                _ => granted.push(slots(&bed).await[0]),
            }
        }
        let now_us = bed.now_ms().await * 1000;
        assert!(
            granted.first().is_none_or(|first| now_us < first + 10_000_000),
            "{granted:?}"
        );
    }
    for window in granted.windows(11) {
        assert!(window[10] - window[0] >= 1_020_000, "{granted:?}");
    }
}
