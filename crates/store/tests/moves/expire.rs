//! expire.lua: a finished job goes with all that belongs to it, its key answers on.

use parceld_domain::outcome::Fate;
use parceld_store::{Enqueued, NewJob};

use crate::bed::{Bed, failed, taobao, to};

#[tokio::test]
async fn a_job_past_its_time_leaves_nothing_but_its_key() {
    let bed = Bed::new().await;
    bed.bring(taobao("a", "1"), failed(614)).await;
    bed.bring(taobao("b", "1"), Fate::Done).await;
    bed.bring(taobao("kept", "1"), Fate::Done).await;
    assert!(!bed.store.expire().await.unwrap());
    assert_eq!(bed.count("failed").await, 1);
    for (set, id) in [("failed", "a"), ("done", "b")] {
        let _: i64 = bed.raw(&["ZADD", &format!("~{set}"), "1", id]).await;
    }
    assert!(!bed.store.expire().await.unwrap());
    let left: i64 = bed
        .raw(&[
            "EXISTS",
            "~job:a",
            "~history:a",
            "~job:b",
            "~history:b",
            "~failed",
            "~failed:codes",
        ])
        .await;
    assert_eq!(left, 0);
    let stats = bed.store.stats().await.unwrap();
    assert_eq!(stats.states.values().sum::<u64>(), 1);
    assert_eq!((stats.kinds.values().sum::<u64>(), stats.accepted_total), (1, 3));
    let known: Vec<String> = bed.raw(&["ZRANGE", "~jobs", "0", "-1"]).await;
    assert_eq!(known, ["kept"]);
    let again = NewJob {
        id: "new".into(),
        ..taobao("a", "1")
    };
    assert_eq!(
        bed.store.enqueue(&again).await.unwrap(),
        Enqueued::Duplicate {
            id: "a".into(),
            state: "gone".into()
        }
    );
    let ttl_ms: i64 = bed.raw(&["PTTL", "~key:taobao.ship:key-a"]).await;
    assert!(ttl_ms > 399 * 86_400_000, "{ttl_ms}");
    let forever: i64 = bed.raw(&["PTTL", "~key:taobao.ship:key-kept"]).await;
    assert_eq!(forever, -1);
}

#[tokio::test]
async fn a_hundred_jobs_a_call_are_removed() {
    let bed = Bed::new().await;
    let new: Vec<NewJob> = (0..150).map(|n| taobao(&format!("j{n}"), "1")).collect();
    bed.store.enqueue_many(&new).await.unwrap();
    let all: Vec<String> = new.iter().map(|job| job.id.clone()).collect();
    let jobs = bed.store.load(&all).await.unwrap().jobs;
    let moves: Vec<_> = jobs.iter().map(|job| (job, to(job, Fate::Cancelled))).collect();
    bed.store.operate(&moves).await.unwrap();
    bed.bare(
        all.iter()
            .map(|id| vec!["ZADD".into(), "~cancelled".into(), "1".into(), id.clone()]),
    )
    .await;
    assert!(bed.store.expire().await.unwrap());
    assert_eq!(bed.count("cancelled").await, 50);
    assert!(!bed.store.expire().await.unwrap());
    assert_eq!(bed.count("cancelled").await, 0);
}
