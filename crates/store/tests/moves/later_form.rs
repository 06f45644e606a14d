//! A job of a later form is left to the version that wrote it: untouched, while everybody else goes on.

use std::collections::BTreeMap;

use parceld_domain::errand::Errand;
use parceld_domain::outcome::Fate;
use parceld_domain::scope::Scope;
use parceld_store::{Enqueued, NewJob, Unreadable};

use crate::bed::{Bed, douyin, failed, ids, parked, payment, taobao};

const LATER: &[u8] = b"2";

/// The whole hash.
async fn hash(bed: &Bed, id: &str) -> BTreeMap<String, String> {
    bed.raw(&["HGETALL", &format!("~job:{id}")]).await
}

/// Jobs of a later form, one at each place where moves meet jobs.
async fn later_jobs(bed: &Bed) -> Vec<(&'static str, BTreeMap<String, String>)> {
    let scheduled = Fate::Scheduled { delay_ms: 0 };
    let waiting = Fate::Waiting {
        errand: Errand::Packages,
        delay_ms: 0,
        since_ms: 1,
    };
    bed.bring(taobao("scheduled", "1"), scheduled).await;
    bed.spoil("scheduled", "format", Some(LATER)).await;
    bed.bring(payment("waiting"), waiting).await;
    bed.spoil("waiting", "format", Some(LATER)).await;
    bed.bring(taobao("parked", "9"), parked(Scope::Shop("9".to_owned())))
        .await;
    bed.spoil("parked", "format", Some(LATER)).await;
    bed.bring(taobao("failed", "1"), failed(614)).await;
    bed.spoil("failed", "format", Some(LATER)).await;
    bed.put(taobao("running", "1")).await;
    bed.begin(&bed.take().await).await;
    bed.lose_lease("running").await;
    bed.spoil("running", "format", Some(LATER)).await;
    bed.put(douyin("ready", "7")).await;
    bed.spoil("ready", "format", Some(LATER)).await;
    let mut hashes = Vec::new();
    for id in ["scheduled", "waiting", "parked", "failed", "running", "ready"] {
        hashes.push((id, hash(bed, id).await));
    }
    hashes
}

#[tokio::test]
async fn a_job_of_a_later_form_is_left_untouched_and_those_behind_it_go_on() {
    let bed = Bed::new().await;
    let before = later_jobs(&bed).await;
    bed.put(douyin("ours", "7")).await;
    bed.put(taobao("other", "1")).await;
    let mut taken = Vec::new();
    for _ in 0..2 {
        let claim = bed.take().await;
        taken.extend(ids(&claim).into_iter().map(str::to_owned));
        for job in &claim.jobs {
            assert!(bed.settle(&claim.grant, job, Fate::Done).await);
        }
    }
    taken.sort();
    assert_eq!(taken, ["other", "ours"]);
    bed.store.resume(&Scope::Shop("9".to_owned())).await.unwrap();
    bed.store.release(&Errand::Packages, 10).await.unwrap();
    let all: Vec<String> = before.iter().map(|(id, _)| (*id).to_owned()).collect();
    let loaded = bed.store.load(&all).await.unwrap();
    assert!(loaded.jobs.is_empty(), "{loaded:?}");
    assert!(loaded.unreadable.iter().all(|(_, why)| *why == Unreadable::Newer));
    bed.store.condemn(&loaded.unreadable).await.unwrap();
    for (id, hash_before) in before {
        assert_eq!(hash(&bed, id).await, hash_before, "{id}");
    }
}

#[tokio::test]
async fn the_workers_of_a_later_form_find_its_jobs_where_they_were() {
    let bed = Bed::new().await;
    later_jobs(&bed).await;
    bed.store.resume(&Scope::Shop("9".to_owned())).await.unwrap();
    bed.ask().await;
    // What such a worker is, as far as this version can play one: its own form is the one it finds.
    for id in ["parked", "ready", "running"] {
        bed.spoil(id, "format", Some(b"1")).await;
    }
    bed.lose_lease("running").await;
    let mut taken = Vec::new();
    for _ in 0..40 {
        if let parceld_store::Claimed::Jobs(claim) = bed.claim().await {
            taken.extend(ids(&claim).into_iter().map(str::to_owned));
        }
    }
    taken.sort();
    assert_eq!(taken, ["parked", "ready", "running"]);
}

#[tokio::test]
async fn a_key_of_a_job_of_a_later_form_is_not_given_up() {
    let bed = Bed::new().await;
    bed.bring(taobao("failed", "1"), failed(614)).await;
    bed.spoil("failed", "format", Some(LATER)).await;
    let other = NewJob {
        id: "other".to_owned(),
        payload: parceld_domain::private::Private::new("{}".to_owned()),
        ..taobao("failed", "1")
    };
    let answer = bed.store.enqueue(&other).await.unwrap();
    assert!(matches!(answer, Enqueued::Conflict { .. }), "{answer:?}");
}

#[tokio::test]
async fn the_fields_of_a_job_are_those_of_its_form() {
    // Whoever changes what is stored raises the form, or shows that jobs of this one are still read.
    const FRESH: &str = "attempts created_at created_ms format key kind lane memory payload state step units updated_at version";
    const BEGUN: &str = "attempts begun begun_ms claim claimed_run created_at created_ms fence format intent key kind lane memory \
                         on_death payload state step units updated_at version worker";
    const FAILED: &str = "advice attempts class code created_at created_ms failed_as format key kind lane memory msg \
                          payload state step units updated_at version";
    let bed = Bed::new().await;
    bed.put(taobao("job", "1")).await;
    let names = async || hash(&bed, "job").await.into_keys().collect::<Vec<_>>().join(" ");
    assert_eq!(names().await, FRESH);
    let claim = bed.take().await;
    bed.begin(&claim).await;
    assert_eq!(names().await, BEGUN);
    bed.settle(&claim.grant, &claim.jobs[0], failed(614)).await;
    assert_eq!(names().await, FAILED);
    assert_eq!(bed.field("job", "format").await.as_deref(), Some("1"));
}
