//! promote.lua: what time has made due, in bounded portions, and leases that ran out.

use std::time::{Duration, Instant};

use parceld_domain::outcome::{Attempts, Fate, Outcome};
use parceld_store::{Begun, Claimed};

use crate::bed::{Bed, begin, douyin, ids, payment, taobao, written};

const MANY: usize = 20_000;
/// A claim must not feel the crowd; one that went through all of it would take far longer, even on a busy machine
/// whose Redis serves other tests too.
const CLAIM_BOUND: Duration = Duration::from_millis(500);

async fn timed_claim(bed: &Bed) -> Claimed {
    let began = Instant::now();
    let claimed = bed.claim().await;
    let took = began.elapsed();
    assert!(took < CLAIM_BOUND, "{took:?}");
    claimed
}

#[tokio::test]
async fn twenty_thousand_due_jobs_are_promoted_a_few_a_claim() {
    let bed = Bed::new().await;
    bed.crowd("scheduled", MANY).await;
    for round in 1..=20 {
        assert!(matches!(timed_claim(&bed).await, Claimed::Jobs(_)));
        assert_eq!(bed.count("scheduled").await, (MANY - 25 * round) as i64);
    }
    assert_eq!(bed.count("running").await, 20);
    assert_eq!(bed.count("ready").await, 24 * 20);
}

#[tokio::test]
async fn twenty_thousand_expired_leases_are_reclaimed_a_few_a_claim() {
    let bed = Bed::new().await;
    bed.crowd("running", MANY).await;
    for round in 1..=20 {
        assert!(matches!(timed_claim(&bed).await, Claimed::Jobs(_)));
        assert_eq!(bed.count("running").await, (MANY - 24 * round) as i64);
    }
}

#[tokio::test]
async fn twenty_thousand_hints_of_nothing_stop_no_other_lane() {
    let bed = Bed::new().await;
    bed.put(taobao("ghostly", "1")).await;
    let ghosts = (0..MANY).map(|n| vec!["LPUSH".into(), "~lane:ship/send/-/1".into(), format!("ghost-{n}")]);
    bed.bare(ghosts).await;
    bed.put(payment("p")).await;
    let Claimed::Jobs(claim) = timed_claim(&bed).await else {
        panic!("the payment is within reach")
    };
    assert_eq!(ids(&claim), ["p"]);
}

#[tokio::test]
async fn members_without_a_job_stop_no_claim() {
    let bed = Bed::new().await;
    for set in ["running", "scheduled", "waiting", "wait:packages"] {
        let _: i64 = bed.raw(&["ZADD", &format!("~{set}"), "1", "ghost"]).await;
    }
    let _: i64 = bed.raw(&["SADD", "~resuming", "shop:1"]).await;
    let _: i64 = bed.raw(&["SADD", "~blocked:shop:1", "ghost"]).await;
    bed.put(taobao("a", "1")).await;
    assert_eq!(ids(&bed.take().await), ["a"]);
    for set in ["scheduled", "waiting"] {
        let left: i64 = bed.raw(&["ZCARD", &format!("~{set}")]).await;
        assert_eq!(left, 0, "{set}");
    }
    assert_eq!(bed.count("running").await, 1);
}

#[tokio::test]
async fn a_claim_lost_before_its_call_goes_to_the_head_of_its_lane_and_counts_nothing() {
    let bed = Bed::new().await;
    bed.put(taobao("a", "1")).await;
    let lost = bed.take().await;
    bed.put(taobao("b", "1")).await;
    bed.lose_lease("a").await;
    let claim = bed.take().await;
    assert_eq!(ids(&claim), ["a"]);
    assert_eq!((claim.jobs[0].attempts, claim.jobs[0].deaths), (0, 0));
    assert!(claim.grant.fence > lost.grant.fence);
    assert_eq!(bed.begin(&lost).await, Begun::Lost);
    assert!(!bed.settle(&lost.grant, &lost.jobs[0], Fate::Done).await);
    assert_eq!(bed.state("a").await, "running");
}

#[tokio::test]
async fn a_death_after_the_begin_makes_the_move_that_the_begin_wrote_down() {
    let bed = Bed::new().await;
    bed.put(payment("a")).await;
    let claim = bed.take().await;
    let mut intent = begin(&claim.jobs[0]);
    let later = Outcome::new(
        "died",
        Fate::Scheduled { delay_ms: 3_600_000 },
        claim.jobs[0].step,
        Attempts::Keep,
    );
    intent.on_death = written(&claim.jobs[0], later);
    let began_ms = bed.now_ms().await;
    assert_eq!(
        bed.store
            .begin(&claim.grant, &claim.lane, 1_000, &[intent])
            .await
            .unwrap(),
        Begun::Granted
    );
    let begun_ms: u64 = bed.field("a", "begun_ms").await.unwrap().parse().unwrap();
    assert!((began_ms..=bed.now_ms().await).contains(&begun_ms));
    // The lease runs out half an hour later.
    let earlier = begun_ms - 1_800_000;
    let _: i64 = bed
        .raw(&["HSET", "~job:a", "begun_ms", &earlier.to_string()])
        .await;
    bed.lose_lease("a").await;
    bed.nothing().await;
    let due_ms: u64 = bed.raw(&["ZSCORE", "~scheduled", "a"]).await;
    assert_eq!(due_ms, earlier + 3_600_000);
    let job = bed.job("a").await;
    assert_eq!((job.attempts, job.deaths), (1, 1));
    assert!(!bed.settle(&claim.grant, &claim.jobs[0], Fate::Done).await);
}

#[tokio::test]
async fn the_third_death_ends_a_job_that_went_alone_after_the_second() {
    let bed = Bed::new().await;
    for id in ["a", "b", "c"] {
        bed.put(douyin(id, "1")).await;
    }
    let claim = bed.take().await;
    for deaths in 1..=2 {
        let claim = if deaths == 1 { &claim } else { &bed.take().await };
        assert_eq!(ids(claim), ["a", "b", "c"]);
        assert_eq!(bed.begin(claim).await, Begun::Granted);
        for id in ids(claim) {
            bed.lose_lease(id).await;
        }
    }
    let alone = bed.take().await;
    assert_eq!(ids(&alone), ["a"]);
    assert_eq!(alone.jobs[0].deaths, 2);
    assert_eq!(bed.begin(&alone).await, Begun::Granted);
    bed.lose_lease("a").await;
    let next = bed.take().await;
    assert_eq!(ids(&next), ["b"]);
    assert_eq!(bed.state("a").await, "failed");
    assert_eq!(bed.field("a", "class").await.as_deref(), Some("poison"));
    let poisoned: i64 = bed.raw(&["HGET", "~failed:codes", "- douyin.ship"]).await;
    assert_eq!(poisoned, 1);
    // The mates go on; a settle clears what they went through.
    assert!(
        bed.settle(&next.grant, &next.jobs[0], Fate::Ready { front: false })
            .await
    );
    assert_eq!(ids(&bed.take().await), ["c"]);
    let freed = bed.take().await;
    assert_eq!((ids(&freed), freed.jobs[0].deaths), (vec!["b"], 0));
    assert_eq!(bed.field("b", "alone").await, None);
}
