//! read_slot.lua: a slot for a read without a job, on the record of all slots.

use std::time::Duration;

use parceld_domain::endpoint::Endpoint;
use parceld_domain::scope::Scope;
use parceld_store::{Claimed, NewJob, Pace, ReadSlot, Slot};

use crate::bed::{Bed, taobao};

async fn limited(per_second: u32, jobs: usize) -> Bed {
    let bed = Bed::with(|settings| settings.per_second = per_second).await;
    let jobs: Vec<NewJob> = (0..jobs).map(|n| taobao(&format!("j{n}"), "1")).collect();
    bed.store.enqueue_many(&jobs).await.unwrap();
    bed
}

impl Bed {
    async fn read_slot(&self) -> ReadSlot {
        self.read_slot_at(Pace::default()).await
    }

    async fn read_slot_at(&self, pace: Pace) -> ReadSlot {
        self.store.read_slot(Endpoint::GetOrderList, pace).await.unwrap()
    }

    async fn granted(&self) -> Slot {
        match self.read_slot().await {
            ReadSlot::Granted(slot) => slot,
            other => panic!("a slot was expected: {other:?}"),
        }
    }

    async fn refused(&self) -> u64 {
        match self.read_slot().await {
            ReadSlot::NotBefore { wait_ms } => wait_ms,
            other => panic!("no slot was expected: {other:?}"),
        }
    }
}

#[tokio::test]
async fn reads_beside_claims_keep_the_limit_and_are_one_a_second() {
    const SLOTS: usize = 32;
    let bed = limited(10, SLOTS).await;
    bed.open_bucket().await;
    let (mut granted, mut reads) = (Vec::new(), Vec::new());
    while granted.len() < SLOTS {
        if let ReadSlot::Granted(_) = bed.read_slot().await {
            granted.push(bed.listed("log").await[0]);
            reads.push(granted[granted.len() - 1]);
        }
        match bed.claim().await {
            Claimed::Nothing { wait_ms } => tokio::time::sleep(Duration::from_millis(wait_ms)).await,
            _ => granted.push(bed.listed("log").await[0]),
        }
    }
    assert!(
        granted.windows(2).all(|pair| pair[1] - pair[0] >= 100_000),
        "{granted:?}"
    );
    assert!(
        granted
            .windows(11)
            .all(|window| window[10] - window[0] >= 1_020_000),
        "{granted:?}"
    );
    assert!(
        reads.windows(2).all(|pair| pair[1] - pair[0] >= 1_000_000),
        "{reads:?}"
    );
    // Whoever claims all the time leaves them that share.
    assert!(reads.len() >= 3, "{reads:?}");
}

#[tokio::test]
async fn under_a_low_limit_a_read_is_a_tenth_of_the_calls() {
    let bed = limited(2, 0).await;
    bed.open_bucket().await;
    bed.granted().await;
    let wait_ms = bed.refused().await;
    assert!((4_000..=5_000).contains(&wait_ms), "{wait_ms}");
}

#[tokio::test]
async fn a_read_that_may_leave_late_stands_on_record_so() {
    const DIAL_US: u64 = 300_000;
    let bed = limited(10, 0).await;
    bed.open_bucket().await;
    let pace = Pace {
        lead_us: 30_000,
        dial_us: DIAL_US,
    };
    let ReadSlot::Granted(slot) = bed.read_slot_at(pace).await else {
        panic!("a slot is free")
    };
    let spread_us = bed.listed("spread").await[0];
    let span_us = slot.leave_by.duration_since(slot.slot).as_micros();
    assert!(spread_us >= DIAL_US && u128::from(spread_us) >= span_us);
    let ahead_us = bed.listed("log").await[0] - slot.now_ms * 1000;
    assert!((30_000..=31_000).contains(&ahead_us), "{ahead_us}");
}

#[tokio::test]
async fn nothing_is_read_while_the_account_or_the_endpoint_is_parked() {
    let bed = limited(10, 0).await;
    bed.open_bucket().await;
    let before = bed.listed("log").await;
    for scope in [Scope::Account, Scope::Endpoint(Endpoint::GetOrderList)] {
        bed.store.park(&scope, "a test").await.unwrap();
        assert_eq!(bed.read_slot().await, ReadSlot::Parked(scope.clone()));
        bed.store.resume(&scope).await.unwrap();
    }
    assert_eq!(bed.listed("log").await, before);
    for scope in [Scope::Balance, Scope::Endpoint(Endpoint::OrderCreate)] {
        bed.store.park(&scope, "a test").await.unwrap();
    }
    bed.granted().await;
}

#[tokio::test]
async fn a_fresh_redis_begins_with_the_same_silence_and_records_it() {
    let bed = limited(10, 0).await;
    let wait_ms = bed.refused().await;
    assert!((1_900..=2_020).contains(&wait_ms), "{wait_ms}");
    let log = bed.listed("log").await;
    assert!(bed.refused().await <= wait_ms);
    assert_eq!(bed.listed("log").await, log);
}

#[tokio::test]
async fn a_read_of_before_the_clock_was_set_back_holds_up_none() {
    let bed = limited(10, 0).await;
    bed.open_bucket().await;
    let ahead = (bed.now_ms().await + 3_600_000) * 1000;
    let _: i64 = bed.raw(&["HSET", "~bucket", "read", &ahead.to_string()]).await;
    bed.granted().await;
}

#[tokio::test]
async fn without_a_limit_every_read_is_granted_at_once() {
    let bed = Bed::new().await;
    bed.granted().await;
    bed.granted().await;
}
