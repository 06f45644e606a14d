//! claim.lua: what one call takes, once and within bounds.

use parceld_domain::endpoint::Endpoint;
use parceld_domain::outcome::{Attempts, Fate, Outcome};
use parceld_domain::private::Private;
use parceld_store::{Begun, Claimed, Enqueued, NewJob, Pace};
use parceld_test_support::{Persistence, PrivateRedis};

use crate::bed::{Bed, douyin, ids, parked, sync, taobao, written};

async fn put_many(bed: &Bed, jobs: &[NewJob]) {
    let answers = bed.store.enqueue_many(jobs).await.unwrap();
    assert!(
        answers
            .iter()
            .all(|answer| matches!(answer, Enqueued::Accepted { .. }))
    );
}

#[tokio::test]
async fn an_idle_claim_answers_a_wait_and_writes_nothing() {
    let redis = PrivateRedis::start(Persistence::None).await;
    let bed = Bed::at(&redis.url(), "parceld", |settings| settings.per_second = 10).await;
    // The first claim of a fresh Redis writes its window of silence.
    bed.claim().await;
    bed.open_bucket().await;
    let changes = |info: String| {
        let line = info
            .lines()
            .find(|line| line.starts_with("rdb_changes_since_last_save:"));
        line.expect("Redis counts its changes").to_owned()
    };
    let before = changes(redis.command(&["INFO", "persistence"]));
    for _ in 0..10 {
        let answer = bed.claim().await;
        assert!(
            matches!(answer, Claimed::Nothing { wait_ms: 2_000 }),
            "{answer:?}"
        );
    }
    assert_eq!(changes(redis.command(&["INFO", "persistence"])), before);
}

#[tokio::test]
async fn an_idle_claim_waits_no_longer_than_until_the_next_due_time() {
    let bed = Bed::new().await;
    let due_ms = bed.now_ms().await + 1_900;
    bed.put(NewJob {
        due_ms: Some(due_ms),
        ..taobao("a", "1")
    })
    .await;
    let Claimed::Nothing { wait_ms } = bed.claim().await else {
        panic!("nothing is due")
    };
    assert!((1..=1_900).contains(&wait_ms), "{wait_ms}");
}

#[tokio::test]
async fn the_same_token_gets_the_same_answer() {
    let bed = Bed::new().await;
    put_many(&bed, &[taobao("a", "1"), taobao("b", "1")]).await;
    let mut seen = Vec::new();
    for _ in 0..3 {
        let Claimed::Jobs(claim) = bed
            .store
            .claim("same", "worker-1", Pace::default())
            .await
            .unwrap()
        else {
            panic!("there is work")
        };
        seen.push((
            ids(&claim)[0].to_owned(),
            claim.grant.fence,
            claim.grant.lease_until_ms,
            claim.units_max,
        ));
    }
    assert_eq!(seen[0].0, "a");
    assert!(seen.iter().all(|one| *one == seen[0]), "{seen:?}");
    assert_eq!(bed.count("running").await, 1);
    assert_eq!(ids(&bed.take().await), ["b"]);
}

#[tokio::test]
async fn jobs_of_one_shop_share_a_call_and_others_do_not() {
    let bed = Bed::new().await;
    let jobs: Vec<NewJob> = (0..60)
        .map(|n| douyin(&format!("d{n:02}"), "1"))
        .chain([douyin("other", "2")])
        .collect();
    put_many(&bed, &jobs).await;
    let claim = bed.take().await;
    assert_eq!((claim.jobs.len(), claim.units_max), (50, 50));
    assert_eq!(
        (claim.jobs[0].id.as_str(), claim.jobs[49].id.as_str()),
        ("d00", "d49")
    );
    assert_eq!(ids(&bed.take().await), ["other"]);
    assert_eq!(bed.take().await.jobs.len(), 10);
    assert_eq!(bed.count("running").await, 61);
    bed.nothing().await;
}

#[tokio::test]
async fn units_are_what_fills_a_call() {
    let bed = Bed::new().await;
    put_many(
        &bed,
        &[
            sync("a", "o", 30),
            sync("b", "o", 30),
            sync("c", "o", 30),
            sync("d", "o", 1000),
        ],
    )
    .await;
    assert_eq!(ids(&bed.take().await), ["a", "b"]);
    assert_eq!(ids(&bed.take().await), ["c", "d"]);
}

#[tokio::test]
async fn a_job_with_a_tighter_bound_keeps_its_call_small() {
    let bed = Bed::new().await;
    let jobs: Vec<NewJob> = (0..8).map(|n| douyin(&format!("d{n}"), "1")).collect();
    put_many(&bed, &jobs).await;
    let claim = bed.take().await;
    let halved: Vec<_> = claim
        .jobs
        .iter()
        .map(|job| {
            let outcome = Outcome::new(
                "bisected",
                Fate::Ready { front: true },
                job.step,
                Attempts::Restore,
            );
            (job.id.clone(), written(job, outcome.with_max_batch(4)))
        })
        .collect();
    // The transition goes without a lane, so that the job returns to the one it came from.
    assert_eq!(bed.store.settle(&claim.grant, &halved).await.unwrap(), [true; 8]);
    let first = bed.take().await;
    assert_eq!((ids(&first), first.units_max), (vec!["d0", "d1", "d2", "d3"], 4));
    assert_eq!(ids(&bed.take().await), ["d4", "d5", "d6", "d7"]);
}

#[tokio::test]
async fn a_job_with_a_tighter_bound_joins_no_call_that_is_past_it() {
    let bed = Bed::new().await;
    put_many(&bed, &["a", "b", "c"].map(|id| douyin(id, "1"))).await;
    let _: i64 = bed.raw(&["HSET", "~job:c", "max_batch", "2"]).await;
    assert_eq!(ids(&bed.take().await), ["a", "b"]);
    assert_eq!(ids(&bed.take().await), ["c"]);
}

#[tokio::test]
async fn a_job_that_goes_alone_shares_no_call() {
    let bed = Bed::new().await;
    put_many(&bed, &[douyin("a", "1"), douyin("b", "1"), douyin("c", "1")]).await;
    let _: i64 = bed.raw(&["HSET", "~job:b", "alone", "1"]).await;
    assert_eq!(ids(&bed.take().await), ["a"]);
    assert_eq!(ids(&bed.take().await), ["b"]);
    assert_eq!(ids(&bed.take().await), ["c"]);
}

#[tokio::test]
async fn jobs_that_go_alone_are_in_flight_one_at_a_time_and_others_pass_them() {
    let bed = Bed::new().await;
    put_many(&bed, &[douyin("a", "1"), douyin("b", "2"), douyin("c", "3")]).await;
    for id in ["a", "b"] {
        let _: i64 = bed.raw(&["HSET", &format!("~job:{id}"), "alone", "1"]).await;
    }
    let first = bed.take().await;
    assert_eq!(ids(&first), ["a"]);
    assert_eq!(ids(&bed.take().await), ["c"]);
    bed.nothing().await;
    assert!(bed.settle(&first.grant, &first.jobs[0], Fate::Done).await);
    assert_eq!(ids(&bed.take().await), ["b"]);
}

#[tokio::test]
async fn a_call_takes_a_hundred_jobs_at_most() {
    let bed = Bed::with(|settings| settings.batch_units = vec![(Endpoint::DyShipFree, 500)]).await;
    let jobs: Vec<NewJob> = (0..130).map(|n| douyin(&format!("d{n}"), "1")).collect();
    put_many(&bed, &jobs).await;
    assert_eq!(bed.take().await.jobs.len(), 100);
    assert_eq!(bed.take().await.jobs.len(), 30);
}

#[tokio::test]
async fn a_call_takes_a_mebibyte_of_payload_at_most() {
    let bed = Bed::new().await;
    let payload = format!(r#"{{"p":"{}"}}"#, "x".repeat(61_440 - 8));
    assert_eq!(payload.len(), 61_440);
    let jobs: Vec<NewJob> = (0..20)
        .map(|n| NewJob {
            payload: Private::new(payload.clone()),
            ..douyin(&format!("d{n}"), "1")
        })
        .collect();
    put_many(&bed, &jobs).await;
    assert_eq!(bed.take().await.jobs.len(), 1_048_576 / 61_440);
    assert_eq!(bed.take().await.jobs.len(), 3);
}

#[tokio::test]
async fn hints_of_jobs_that_moved_on_are_dropped_twenty_a_claim() {
    let bed = Bed::new().await;
    bed.put(taobao("a", "1")).await;
    let ghosts = (0..45).map(|n| vec!["LPUSH".into(), "~lane:ship/send/-/1".into(), format!("ghost-{n}")]);
    bed.bare(ghosts).await;
    for left in [26, 6] {
        let answer = bed.claim().await;
        assert!(matches!(answer, Claimed::Nothing { wait_ms: 0 }), "{answer:?}");
        let hints: i64 = bed.raw(&["LLEN", "~lane:ship/send/-/1"]).await;
        assert_eq!(hints, left);
    }
    let Claimed::Jobs(claim) = bed.claim().await else {
        panic!("the job is within reach")
    };
    assert_eq!(ids(&claim), ["a"]);
}

#[tokio::test]
async fn a_job_whose_hash_does_not_decode_holds_up_nobody() {
    let bed = Bed::new().await;
    put_many(&bed, &[douyin("a", "1"), douyin("b", "1")]).await;
    let _: i64 = bed.raw(&["HSET", "~job:a", "step", "dance"]).await;
    let claim = bed.take().await;
    assert_eq!(ids(&claim), ["b"]);
    assert_eq!(claim.broken.len(), 1);
    assert_eq!(claim.broken[0].0, "a");
}

#[tokio::test]
async fn a_lane_that_ran_empty_is_forgotten_and_comes_back_with_its_next_job() {
    let bed = Bed::new().await;
    bed.bring(taobao("a", "1"), parked("shop:9".parse().unwrap()))
        .await;
    let lanes: i64 = bed.raw(&["HLEN", "~lanes"]).await;
    assert_eq!(lanes, 0);
    bed.put(taobao("b", "1")).await;
    assert_eq!(ids(&bed.take().await), ["b"]);
}

#[tokio::test]
async fn a_fence_is_granted_once_though_a_failover_lost_the_last_ones() {
    let bed = Bed::new().await;
    bed.put(taobao("a", "1")).await;
    let old = bed.take().await;
    let _: i64 = bed.raw(&["DEL", "~fence"]).await;
    bed.lose_lease("a").await;
    let new = bed.take().await;
    assert!(new.grant.fence > old.grant.fence, "{:?}", new.grant);
    assert_eq!(bed.begin(&old).await, Begun::Lost);
    assert_eq!(bed.begin(&new).await, Begun::Granted);
}
