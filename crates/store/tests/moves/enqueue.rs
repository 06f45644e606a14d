//! enqueue.lua: a key names one job, and a payload survives as it came.

use parceld_domain::errand::Errand;
use parceld_domain::outcome::{Attempts, Fate, Outcome};
use parceld_domain::private::Private;
use parceld_store::{Enqueued, NewJob};

use crate::bed::{Bed, failed, gift, ids, payment, sync, taobao, written};

/// What a JSON decoder with doubles, or one that ends text at NUL, would spoil.
const DELICATE: &str = r#"{"tid":1692089714634374451,"sn":"202011041511461997011","n":"张三 \"引号\" \\ / \u0000\n😀","z":1.10,"e":[]}"#;

fn with_payload(job: NewJob, payload: &str) -> NewJob {
    NewJob {
        payload: Private::new(payload.to_owned()),
        ..job
    }
}

#[tokio::test]
async fn a_job_is_accepted_once_and_its_counters_stand() {
    let bed = Bed::new().await;
    let accepted = |id: &str, state: &str| Enqueued::Accepted {
        id: id.to_owned(),
        state: state.to_owned(),
        replaces: None,
    };
    let job = taobao("a", "1");
    assert_eq!(bed.store.enqueue(&job).await.unwrap(), accepted("a", "ready"));
    let again = bed.store.enqueue(&job).await.unwrap();
    assert_eq!(
        again,
        Enqueued::Duplicate {
            id: "a".into(),
            state: "ready".into()
        }
    );
    assert_eq!(bed.count("ready").await, 1);
    assert_eq!(bed.count("accepted_total").await, 1);
    assert_eq!(bed.count("kind:taobao.ship").await, 1);
    let held: String = bed.raw(&["GET", "~key:taobao.ship:key-a"]).await;
    assert_eq!(held, "a");
}

#[tokio::test]
async fn a_key_with_the_same_payload_is_a_duplicate_and_with_another_a_conflict() {
    let bed = Bed::new().await;
    bed.put(taobao("a", "1")).await;
    let twin = NewJob {
        id: "b".into(),
        ..taobao("a", "1")
    };
    assert_eq!(
        bed.store.enqueue(&twin).await.unwrap(),
        Enqueued::Duplicate {
            id: "a".into(),
            state: "ready".into()
        }
    );
    assert_eq!(
        bed.store.enqueue(&with_payload(twin, "{}")).await.unwrap(),
        Enqueued::Conflict {
            id: "a".into(),
            state: "ready".into(),
            hold: String::new()
        }
    );
    assert_eq!(bed.state("b").await, "gone");
    assert_eq!(bed.count("accepted_total").await, 1);
}

#[tokio::test]
async fn a_repeated_enqueue_without_a_key_is_still_the_same_job() {
    let bed = Bed::new().await;
    bed.put(sync("s", "owner", 2)).await;
    let again = bed.store.enqueue(&sync("s", "owner", 2)).await.unwrap();
    assert!(matches!(again, Enqueued::Duplicate { .. }), "{again:?}");
    bed.put(sync("t", "owner", 2)).await;
    assert_eq!(bed.count("ready").await, 2);
    assert_eq!(ids(&bed.take().await), ["s", "t"]);
}

#[tokio::test]
async fn a_failed_job_gives_its_key_up_to_another_payload() {
    let bed = Bed::new().await;
    bed.bring(payment("a"), failed(10402)).await;
    let heir = NewJob {
        id: "b".into(),
        ..with_payload(payment("a"), r#"{"n":2}"#)
    };
    assert_eq!(
        bed.store.enqueue(&heir).await.unwrap(),
        Enqueued::Accepted {
            id: "b".into(),
            state: "ready".into(),
            replaces: Some("a".into())
        }
    );
    assert_eq!(bed.field("b", "replaces").await.as_deref(), Some("a"));
    assert_eq!(bed.field("a", "replaced_by").await.as_deref(), Some("b"));
    assert_eq!(bed.field("b", "remark").await.as_deref(), Some("key-a#2"));
    let held: String = bed.raw(&["GET", "~key:gift.order:key-a"]).await;
    assert_eq!(held, "b");
    let claim = bed.take().await;
    assert!(bed.settle(&claim.grant, &claim.jobs[0], failed(1)).await);
    bed.put(NewJob {
        id: "c".into(),
        ..with_payload(payment("a"), r#"{"n":3}"#)
    })
    .await;
    assert_eq!(bed.field("c", "remark").await.as_deref(), Some("key-a#3"));
}

#[tokio::test]
async fn a_gift_order_that_could_still_be_paid_keeps_its_key() {
    let bed = Bed::new().await;
    bed.put(payment("a")).await;
    let claim = bed.take().await;
    let job = &claim.jobs[0];
    let outcome = Outcome::new("failed", failed(302), job.step, Attempts::Keep).with_hold("2020110415");
    let moved = bed
        .store
        .settle(&claim.grant, &[("a".into(), written(job, outcome))])
        .await
        .unwrap();
    assert_eq!(moved, [true]);
    let heir = NewJob {
        id: "b".into(),
        ..with_payload(payment("a"), "{}")
    };
    assert_eq!(
        bed.store.enqueue(&heir).await.unwrap(),
        Enqueued::Conflict {
            id: "a".into(),
            state: "failed".into(),
            hold: "2020110415".into()
        }
    );
}

#[tokio::test]
async fn a_done_job_keeps_its_key() {
    let bed = Bed::new().await;
    bed.bring(taobao("a", "1"), Fate::Done).await;
    let other = NewJob {
        id: "b".into(),
        ..with_payload(taobao("a", "1"), "{}")
    };
    let answer = bed.store.enqueue(&other).await.unwrap();
    assert!(
        matches!(answer, Enqueued::Conflict { ref state, .. } if state == "done"),
        "{answer:?}"
    );
}

#[tokio::test]
async fn a_job_for_later_is_scheduled_for_its_time() {
    let bed = Bed::new().await;
    let due_ms = bed.now_ms().await + 3_600_000;
    let job = NewJob {
        due_ms: Some(due_ms),
        ..taobao("a", "1")
    };
    let answer = bed.store.enqueue(&job).await.unwrap();
    assert!(
        matches!(answer, Enqueued::Accepted { ref state, .. } if state == "scheduled"),
        "{answer:?}"
    );
    let score: u64 = bed.raw(&["ZSCORE", "~scheduled", "a"]).await;
    assert_eq!(score, due_ms);
    assert_eq!(bed.count("scheduled").await, 1);
    assert!(bed.field("a", "run_at").await.is_some());
    bed.nothing().await;
    let _: i64 = bed.raw(&["ZADD", "~scheduled", "1", "a"]).await;
    assert_eq!(ids(&bed.take().await), ["a"]);
}

#[tokio::test]
async fn a_time_that_is_past_means_now() {
    let bed = Bed::new().await;
    bed.put(NewJob {
        due_ms: Some(1),
        ..taobao("a", "1")
    })
    .await;
    assert_eq!(bed.state("a").await, "ready");
}

#[tokio::test]
async fn twenty_thousand_jobs_go_in_by_pipelines() {
    let bed = Bed::new().await;
    let jobs: Vec<NewJob> = (0..20_000)
        .map(|n| taobao(&format!("j{n}"), &format!("shop-{}", n % 7)))
        .collect();
    for some in jobs.chunks(2_000) {
        let answers = bed.store.enqueue_many(some).await.unwrap();
        assert!(
            answers
                .iter()
                .all(|answer| matches!(answer, Enqueued::Accepted { .. }))
        );
    }
    assert_eq!(bed.count("ready").await, 20_000);
    let again = bed.store.enqueue_many(&jobs[..10]).await.unwrap();
    assert!(
        again
            .iter()
            .all(|answer| matches!(answer, Enqueued::Duplicate { .. }))
    );
    let stats = bed.store.stats().await.unwrap();
    assert_eq!(stats.states.values().sum::<u64>(), 20_000);
    bed.take().await;
}

#[tokio::test]
async fn delicate_json_survives_byte_for_byte() {
    let bed = Bed::new().await;
    let mut job = with_payload(gift("a"), DELICATE);
    job.lane = payment("a").lane;
    job.memory = DELICATE.to_owned();
    bed.put(job).await;
    let claim = bed.take().await;
    assert_eq!(claim.jobs[0].payload.expose(), DELICATE);
    assert_eq!(claim.jobs[0].memory, DELICATE);
    let waiting = Fate::Waiting {
        errand: Errand::Packages,
        delay_ms: 60_000,
        since_ms: 1_700_000_000_123,
    };
    let outcome = Outcome::new("paid", waiting, claim.jobs[0].step, Attempts::Reset)
        .with_result(DELICATE.to_owned())
        .with_memory(DELICATE.to_owned());
    bed.store
        .settle(&claim.grant, &[("a".into(), written(&claim.jobs[0], outcome))])
        .await
        .unwrap();
    let seen = bed.job("a").await;
    let outcome =
        Outcome::new("polled", Fate::Done, seen.step, Attempts::Reset).with_result(format!("[{DELICATE}]"));
    let moved = bed
        .store
        .observe(&Errand::Packages, &[(&seen, Some(written(&seen, outcome)))])
        .await
        .unwrap();
    assert_eq!(moved, [true]);
    let end = bed.job("a").await;
    assert_eq!(end.payload.expose(), DELICATE);
    assert_eq!(end.memory, DELICATE);
    assert_eq!(end.result, format!("[{DELICATE}]"));
}
