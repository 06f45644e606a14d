//! A full Redis refuses work but never a result.

use parceld_domain::errand::Errand;
use parceld_domain::outcome::Fate;
use parceld_domain::scope::Scope;
use parceld_store::{Begun, Pace, StoreError, Turn, Unreadable};
use parceld_test_support::{Persistence, PrivateRedis};

use crate::bed::{Bed, begin, gift, ids, payment, taobao, to};

/// A server of its own, because its memory is about to be taken from it.
async fn private() -> (PrivateRedis, Bed) {
    let redis = PrivateRedis::start(Persistence::None).await;
    let bed = Bed::at(&redis.url(), "parceld", |_| ()).await;
    (redis, bed)
}

fn fill(redis: &PrivateRedis) {
    redis.set_config("maxmemory", "1");
}

fn waits() -> Fate {
    Fate::Waiting {
        errand: Errand::Packages,
        delay_ms: 0,
        since_ms: 1,
    }
}

#[tokio::test]
async fn a_full_redis_takes_no_work_in_and_starts_none() {
    let (redis, bed) = private().await;
    bed.put(taobao("a", "1")).await;
    let claim = bed.take().await;
    fill(&redis);
    let full = |answer: StoreError| assert!(matches!(answer, StoreError::Full), "{answer:?}");
    full(bed.store.enqueue(&taobao("b", "1")).await.unwrap_err());
    let many = [taobao("b", "1"), taobao("c", "1")];
    full(bed.store.enqueue_many(&many).await.unwrap_err());
    full(
        bed.store
            .claim("t", "worker-1", Pace::default())
            .await
            .unwrap_err(),
    );
    let intent = begin(&claim.jobs[0]);
    full(
        bed.store
            .begin(&claim.grant, &claim.lane, 10, &[intent])
            .await
            .unwrap_err(),
    );

    redis.set_config("maxmemory", "0");
    bed.put(taobao("b", "1")).await;
    assert_eq!(ids(&bed.take().await), ["b"]);
}

#[tokio::test]
async fn a_full_redis_still_records_what_calls_brought() {
    let (redis, bed) = private().await;
    let waiting = bed.bring(payment("w"), waits()).await;
    let errand = bed.errand().await;
    for id in ["a", "b", "c"] {
        bed.put(taobao(id, "1")).await;
    }
    let [claim, spare, running] = [bed.take().await, bed.take().await, bed.take().await];
    assert_eq!(bed.begin(&claim).await, Begun::Granted);
    fill(&redis);
    assert!(bed.settle(&claim.grant, &claim.jobs[0], Fate::Done).await);
    assert_eq!(bed.state("a").await, "done");
    let spare_ids = ["b".to_owned()];
    assert_eq!(
        bed.store.hand_back(&spare.grant, None, &spare_ids).await.unwrap(),
        1
    );
    assert_eq!(
        bed.store
            .renew(&running.grant, None, &["c".to_owned()])
            .await
            .unwrap(),
        1
    );
    let seen = Some(to(&waiting, Fate::Done));
    assert_eq!(
        bed.store
            .observe(&Errand::Packages, &[(&waiting, seen)])
            .await
            .unwrap(),
        [true]
    );
    assert!(
        bed.store
            .turn_page(&errand.grant, &errand.errand, &Turn::End, false, "")
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn a_full_redis_still_takes_a_catalogue_in_and_gives_spoilt_jobs_to_a_person() {
    let (redis, bed) = private().await;
    bed.put(gift("g")).await;
    let errand = bed.errand().await;
    assert_eq!(errand.errand, Errand::Catalogue);
    bed.bring(payment("spoilt"), waits()).await;
    bed.spoil("spoilt", "step", Some(b"nowhere")).await;
    let unreadable = bed.store.load(&["spoilt".to_owned()]).await.unwrap().unreadable;
    assert!(
        matches!(unreadable.as_slice(), [(_, Unreadable::Spoilt(_))]),
        "{unreadable:?}"
    );
    let began_ms = bed.now_ms().await;
    fill(&redis);
    bed.store.condemn(&unreadable).await.unwrap();
    assert_eq!(bed.state("spoilt").await, "failed");
    assert!(
        bed.store
            .publish_catalogue(&errand.grant, began_ms, "{}")
            .await
            .unwrap()
    );
    assert_eq!(bed.store.catalogue().await.unwrap().as_deref(), Some("{}"));
}

#[tokio::test]
async fn operators_can_work_on_a_full_redis() {
    let (redis, bed) = private().await;
    bed.put(taobao("a", "1")).await;
    let _: i64 = bed.raw(&["LPUSH", "~inbox", "bad"]).await;
    fill(&redis);
    assert!(
        bed.store
            .inbox_reject(&b"bad".to_vec(), "not JSON")
            .await
            .unwrap()
    );
    bed.store.park(&Scope::Account, "401").await.unwrap();
    assert!(bed.store.resume(&Scope::Account).await.unwrap());
    let job = bed.job("a").await;
    bed.store
        .operate(&[(&job, to(&job, Fate::Cancelled))])
        .await
        .unwrap();
    assert_eq!(bed.state("a").await, "cancelled");
    assert_eq!(bed.store.release(&Errand::Packages, 10).await.unwrap(), 0);
    assert!(!bed.store.expire().await.unwrap());
    assert_eq!(bed.store.stats().await.unwrap().accepted_total, 1);
}

#[tokio::test]
async fn a_full_redis_can_still_be_opened() {
    let redis = PrivateRedis::start(Persistence::None).await;
    fill(&redis);
    let bed = Bed::at(&redis.url(), "parceld", |_| ()).await;
    assert_eq!(bed.store.stats().await.unwrap().accepted_total, 0);
}
