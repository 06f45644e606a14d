//! What the moves leave is right, whatever state it is in.

use parceld_domain::scope::Scope;

use super::{LIMITS, audit, findings, populated, ship};
use crate::bed::{Bed, parked};

#[tokio::test]
async fn an_empty_namespace_has_no_finding() {
    let bed = Bed::new().await;
    let audit = audit(&bed).await;
    assert_eq!((audit.jobs, audit.findings), (0, Vec::new()));
}

#[tokio::test]
async fn jobs_in_every_state_have_no_finding() {
    let bed = populated().await;
    let audit = audit(&bed).await;
    assert_eq!(audit.findings, []);
    assert_eq!((audit.jobs, audit.keys, audit.left_out), (8, 8, 0));
    assert_eq!((audit.scopes, audit.unsettled.len()), (1, 0));
}

#[tokio::test]
async fn a_scope_that_an_operator_holds_and_one_on_its_way_back_have_no_finding() {
    let bed = populated().await;
    let (account, shop) = (Scope::Account, Scope::Shop("9".to_owned()));
    bed.store.hold(&account, "held").await.unwrap();
    bed.nothing().await;
    assert_eq!(findings(&bed).await, []);
    // What a resume leaves to the claims that follow.
    bed.store.resume(&account).await.unwrap();
    let _: i64 = bed.raw(&["DEL", "~scope:shop:9"]).await;
    let _: i64 = bed.raw(&["SREM", "~scopes", &shop.to_string()]).await;
    let _: i64 = bed.raw(&["ZREM", "~errands", "probe:shop:9"]).await;
    let _: i64 = bed.raw(&["SADD", "~resuming", &shop.to_string()]).await;
    assert_eq!(findings(&bed).await, []);
}

#[tokio::test]
async fn a_key_of_a_job_that_had_its_time_and_one_that_a_newer_job_took_over_have_no_finding() {
    let bed = populated().await;
    let _: i64 = bed.raw(&["ZADD", "~done", "1", "done"]).await;
    bed.store.expire().await.unwrap();
    let changed = r#"{"shop_id":"1","tid":"x","out_sid":"YT2","company_code":"YTO"}"#;
    let mut newer = ship("newer");
    newer.key = "key-failed".to_owned();
    newer.payload = parceld_domain::private::Private::new(changed.to_owned());
    bed.put(newer).await;
    let audit = audit(&bed).await;
    assert_eq!(audit.findings, []);
    assert_eq!((audit.jobs, audit.keys), (8, 8));
}

#[tokio::test]
async fn a_job_that_failed_as_a_probe_many_times_has_no_finding_and_is_listed_again_at_the_time_of_its_parking()
 {
    let bed = Bed::new().await;
    let scope = Scope::Shop("1".to_owned());
    bed.bring(ship("a"), parked(scope.clone())).await;
    let since: u64 = bed.raw(&["ZSCORE", "~parked", "a"]).await;
    for _ in 0..60 {
        let _: i64 = bed.raw(&["ZADD", "~errands", "1", "probe:shop:1"]).await;
        let claim = bed.take().await;
        assert!(
            bed.settle(&claim.grant, &claim.jobs[0], parked(scope.clone()))
                .await
        );
    }
    assert_eq!(findings(&bed).await, []);
    let _: i64 = bed.raw(&["ZREM", "~parked", "a"]).await;
    assert_eq!(bed.store.repair(&LIMITS).await.unwrap().left.findings, []);
    assert_eq!(bed.raw::<u64>(&["ZSCORE", "~parked", "a"]).await, since);
}
