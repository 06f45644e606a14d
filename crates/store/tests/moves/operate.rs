//! operate.lua: what an operator may move, and what not.

use parceld_domain::outcome::{Attempts, Fate, Outcome};
use parceld_domain::private::Private;
use parceld_domain::state::State;
use parceld_store::{JobFilter, NewJob, Operated};

use crate::bed::{Bed, failed, ids, parked, payment, taobao, to, written};

#[tokio::test]
async fn a_failed_job_goes_back_to_work_once() {
    let bed = Bed::new().await;
    let job = bed.bring(taobao("a", "1"), failed(614)).await;
    let retry = || {
        let outcome = Outcome::new("retried", Fate::Ready { front: false }, job.step, Attempts::Reset);
        written(&job, outcome)
    };
    let moved = bed
        .store
        .operate(&[(&job, retry()), (&job, retry())])
        .await
        .unwrap();
    assert_eq!(moved, [Operated::Moved, Operated::Stale]);
    let codes: i64 = bed.raw(&["HLEN", "~failed:codes"]).await;
    assert_eq!((codes, bed.count("failed").await), (0, 0));
    let claim = bed.take().await;
    assert_eq!((ids(&claim), claim.jobs[0].attempts), (vec!["a"], 0));
    assert_eq!(bed.field("a", "code").await, None);
}

#[tokio::test]
async fn what_a_worker_holds_is_never_moved() {
    let bed = Bed::new().await;
    bed.put(taobao("a", "1")).await;
    bed.take().await;
    let job = bed.job("a").await;
    let moved = bed
        .store
        .operate(&[(&job, to(&job, Fate::Cancelled))])
        .await
        .unwrap();
    assert_eq!(moved, [Operated::Stale]);
    assert_eq!(bed.state("a").await, "running");
}

#[tokio::test]
async fn a_cancelled_job_leaves_no_work_behind() {
    let bed = Bed::new().await;
    bed.put(taobao("ready", "1")).await;
    let later = bed.now_ms().await + 60_000;
    bed.put(NewJob {
        due_ms: Some(later),
        ..taobao("scheduled", "1")
    })
    .await;
    for id in ["ready", "scheduled"] {
        let job = bed.job(id).await;
        assert_eq!(
            bed.store
                .operate(&[(&job, to(&job, Fate::Cancelled))])
                .await
                .unwrap(),
            [Operated::Moved]
        );
    }
    let _: i64 = bed.raw(&["ZADD", "~scheduled", "XX", "1", "scheduled"]).await;
    bed.nothing().await;
    assert_eq!(bed.count("cancelled").await, 2);
    let hints: i64 = bed.raw(&["EXISTS", "~lane:ship/send/-/1", "~ready"]).await;
    assert_eq!(hints, 0);
}

#[tokio::test]
async fn a_parked_job_can_be_cancelled_and_its_scope_counts_it_no_more() {
    let bed = Bed::new().await;
    let job = bed
        .bring(taobao("a", "1"), parked("shop:1".parse().unwrap()))
        .await;
    let stopped = async || -> i64 { bed.raw(&["HGET", "~scope:shop:1", "jobs"]).await };
    assert_eq!(stopped().await, 1);
    bed.store
        .operate(&[(&job, to(&job, Fate::Cancelled))])
        .await
        .unwrap();
    assert_eq!(stopped().await, 0);
    let blocked: i64 = bed.raw(&["EXISTS", "~blocked:shop:1"]).await;
    assert_eq!(blocked, 0);
}

#[tokio::test]
async fn a_job_whose_key_went_to_a_newer_one_cannot_be_retried() {
    let bed = Bed::new().await;
    bed.bring(taobao("a", "1"), failed(614)).await;
    let heir = NewJob {
        id: "b".into(),
        payload: Private::new("{}".into()),
        ..taobao("a", "1")
    };
    bed.put(heir).await;
    let job = bed.job("a").await;
    let moved = bed
        .store
        .operate(&[(&job, to(&job, Fate::Ready { front: false }))])
        .await
        .unwrap();
    assert_eq!(moved, [Operated::Replaced]);
    assert_eq!(bed.state("a").await, "failed");
}

#[tokio::test]
async fn many_jobs_are_operated_in_portions() {
    let bed = Bed::new().await;
    let new: Vec<NewJob> = (0..250).map(|n| taobao(&format!("j{n}"), "1")).collect();
    bed.store.enqueue_many(&new).await.unwrap();
    let all: Vec<String> = new.iter().map(|job| job.id.clone()).collect();
    let jobs = bed.store.load(&all).await.unwrap().jobs;
    let moves: Vec<_> = jobs.iter().map(|job| (job, to(job, Fate::Cancelled))).collect();
    assert_eq!(
        bed.store.operate(&moves).await.unwrap(),
        vec![Operated::Moved; 250]
    );
    assert_eq!(bed.count("cancelled").await, 250);
}

#[tokio::test]
async fn a_gift_order_cancelled_after_a_failover_keeps_its_key_because_a_lost_claim_may_have_paid_it() {
    let bed = Bed::new().await;
    for (id, run, hold) in [("a", "another", Some("unknown")), ("b", "", Some(""))] {
        bed.put(payment(id)).await;
        if !run.is_empty() {
            let _: i64 = bed
                .raw(&["HSET", &format!("~job:{id}"), "entered_run", run])
                .await;
        }
        let job = bed.job(id).await;
        let cancelled = Outcome::new("cancelled", Fate::Cancelled, job.step, Attempts::Keep).with_hold("");
        let moved = bed.store.operate(&[(&job, written(&job, cancelled))]).await;
        assert_eq!(moved.unwrap(), [Operated::Moved]);
        assert_eq!(bed.field(id, "hold").await.as_deref(), hold, "{id}");
    }
}

#[tokio::test]
async fn a_listing_of_what_has_ended_leaves_out_what_ended_since() {
    let bed = Bed::new().await;
    bed.bring(taobao("a", "1"), failed(614)).await;
    let until_ms = bed.raw::<u64>(&["ZSCORE", "~failed", "a"]).await;
    bed.bring(taobao("b", "1"), failed(614)).await;
    let _: i64 = bed
        .raw(&["ZADD", "~failed", &(until_ms + 1).to_string(), "b"])
        .await;
    let filter = JobFilter {
        state: Some(State::Failed),
        limit: 9,
        until_ms: Some(until_ms),
        ..JobFilter::default()
    };
    let listed = bed.store.list(&filter).await.unwrap();
    assert_eq!(listed.iter().map(|job| &*job.id).collect::<Vec<_>>(), ["a"]);
}

#[tokio::test]
async fn a_listing_of_more_than_one_round_trip_is_newest_first_and_leaves_out_and_doubles_none() {
    const JOBS: usize = 1_200;
    for state in [
        Some(State::Scheduled),
        Some(State::Done),
        Some(State::Ready),
        None,
    ] {
        let bed = Bed::new().await;
        bed.crowd(state.unwrap_or(State::Ready).as_str(), JOBS).await;
        let score = |n: usize| (1_000 + n).to_string();
        let sets = ["jobs", "done"];
        bed.bare(
            (0..JOBS).flat_map(|n| {
                sets.map(|set| vec!["ZADD".into(), format!("~{set}"), score(n), format!("c{n}")])
            }),
        )
        .await;
        for limit in [1, 500, 501, 1_100, 5_000] {
            let filter = JobFilter {
                state,
                limit,
                ..JobFilter::default()
            };
            let listed = bed.store.list(&filter).await.unwrap();
            let wanted: Vec<String> = (0..JOBS).rev().take(limit).map(|n| format!("c{n}")).collect();
            let ids: Vec<String> = listed.into_iter().map(|job| job.id).collect();
            assert_eq!(ids, wanted, "{state:?}");
        }
    }
}
