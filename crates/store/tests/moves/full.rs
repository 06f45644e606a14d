//! A full Redis refuses work but never a result.

use parceld_domain::errand::Errand;
use parceld_domain::outcome::Fate;
use parceld_domain::scope::Scope;
use parceld_store::{Begun, StoreError, Turn};
use parceld_test_support::{Persistence, PrivateRedis};

use crate::bed::{Bed, begin, ids, payment, taobao, to};

#[tokio::test]
async fn a_full_redis_refuses_work_and_records_results() {
    let redis = PrivateRedis::start(Persistence::None).await;
    let bed = Bed::at(&redis.url(), "parceld", |_| ()).await;
    let fate = Fate::Waiting {
        errand: Errand::Packages,
        delay_ms: 0,
        since_ms: 1,
    };
    let waiting = bed.bring(payment("w"), fate).await;
    let errand = bed.errand().await;
    for id in ["a", "b", "c"] {
        bed.put(taobao(id, "1")).await;
    }
    let claim = bed.take().await;
    let spare = bed.take().await;
    let unbegun = bed.take().await;
    assert_eq!(bed.begin(&claim).await, Begun::Granted);
    let _: i64 = bed.raw(&["LPUSH", "~inbox", "bad"]).await;
    redis.set_config("maxmemory", "1");

    let full = |answer: StoreError| assert!(matches!(answer, StoreError::Full), "{answer:?}");
    full(bed.store.enqueue(&taobao("d", "1")).await.unwrap_err());
    full(
        bed.store
            .enqueue_many(&[taobao("d", "1"), taobao("e", "1")])
            .await
            .unwrap_err(),
    );
    full(bed.store.claim("t", "worker-1", 0).await.unwrap_err());
    let intent = begin(&unbegun.jobs[0]);
    full(
        bed.store
            .begin(&unbegun.grant, &unbegun.lane, 10, &[intent])
            .await
            .unwrap_err(),
    );

    assert!(bed.settle(&claim.grant, &claim.jobs[0], Fate::Done).await);
    assert_eq!(
        bed.store
            .hand_back(&spare.grant, None, &["b".to_owned()])
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        bed.store
            .renew(&unbegun.grant, None, &["c".to_owned()])
            .await
            .unwrap(),
        1
    );
    let seen = to(&waiting, Fate::Done);
    assert_eq!(
        bed.store
            .observe(&Errand::Packages, &[(&waiting, Some(seen))])
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
    assert_eq!(bed.store.release(&Errand::Packages, 10).await.unwrap(), 0);
    assert!(
        bed.store
            .inbox_reject(&b"bad".to_vec(), "not JSON")
            .await
            .unwrap()
    );
    bed.store.park(&Scope::Account, "401").await.unwrap();
    assert!(bed.store.resume(&Scope::Account).await.unwrap());
    let job = bed.job("b").await;
    bed.store
        .operate(&[(&job, to(&job, Fate::Cancelled))])
        .await
        .unwrap();
    assert!(!bed.store.expire().await.unwrap());
    assert_eq!(bed.store.stats().await.unwrap().accepted_total, 4);
    assert_eq!(bed.state("a").await, "done");

    redis.set_config("maxmemory", "0");
    bed.put(taobao("d", "1")).await;
    assert_eq!(ids(&bed.take().await), ["d"]);
}
