//! take.lua: the one call that tries whether a parked scope has healed.

use parceld_domain::errand::Errand;
use parceld_domain::outcome::Fate;
use parceld_domain::scope::Scope;
use parceld_store::{Begun, Claimed, JobClaim, Turn};

use crate::bed::{Bed, ids, parked, payment, sync, taobao};

pub(crate) async fn due(bed: &Bed, scope: &str) {
    let _: i64 = bed
        .raw(&["ZADD", "~errands", "1", &format!("probe:{scope}")])
        .await;
}

/// The probe of shop 1, which job `a` was parked by while job `b` stands in its lane.
pub(crate) async fn probe_of_a_shop(bed: &Bed, scope: &Scope) -> JobClaim {
    bed.bring(taobao("a", "1"), parked(scope.clone())).await;
    bed.put(taobao("b", "1")).await;
    bed.nothing().await;
    due(bed, "shop:1").await;
    bed.take().await
}

#[tokio::test]
async fn the_account_is_probed_by_an_errand_with_growing_pauses() {
    let bed = Bed::new().await;
    bed.put(taobao("a", "1")).await;
    bed.store.park(&Scope::Account, "401").await.unwrap();
    bed.nothing().await;
    for pause_ms in [4_000, 8_000, 16_000, 32_000, 60_000, 60_000] {
        due(&bed, "account").await;
        let claim = bed.errand().await;
        assert_eq!(claim.errand, Errand::Probe(Scope::Account));
        assert_eq!(claim.grant.probe, Some(Scope::Account));
        let next: u64 = bed.raw(&["ZSCORE", "~errands", "probe:account"]).await;
        assert_eq!(next, claim.grant.now_ms + pause_ms);
        assert!(
            bed.store
                .turn_page(&claim.grant, &claim.errand, &Turn::End, false, "")
                .await
                .unwrap()
        );
        let kept: u64 = bed.raw(&["ZSCORE", "~errands", "probe:account"]).await;
        assert_eq!(kept, next);
        bed.nothing().await;
    }
    bed.store.resume(&Scope::Account).await.unwrap();
    assert_eq!(ids(&bed.take().await), ["a"]);
    bed.nothing().await;
}

#[tokio::test]
async fn the_balance_tells_what_payments_were_short_of() {
    let bed = Bed::new().await;
    bed.store.park(&Scope::Balance, "302").await.unwrap();
    let _: i64 = bed.raw(&["HSET", "~scope:balance", "need", "500"]).await;
    due(&bed, "balance").await;
    let claim = bed.errand().await;
    assert_eq!(claim.errand, Errand::Probe(Scope::Balance));
    assert_eq!(claim.need.map(|need| need.0), Some(500));
}

#[tokio::test]
async fn a_shop_is_probed_by_one_parked_job_of_its_own() {
    let bed = Bed::new().await;
    let scope: Scope = "shop:1".parse().unwrap();
    let claim = probe_of_a_shop(&bed, &scope).await;
    assert_eq!((ids(&claim), claim.units_max), (vec!["a"], 1));
    assert_eq!(claim.grant.probe, Some(scope.clone()));
    assert_eq!(bed.begin(&claim).await, Begun::Granted);
    bed.nothing().await;
    assert!(
        bed.settle(&claim.grant, &claim.jobs[0], parked(scope.clone()))
            .await
    );
    assert_eq!(bed.store.stats().await.unwrap().parked[0].jobs, 2);
}

#[tokio::test]
async fn a_shop_without_parked_jobs_is_probed_by_one_of_its_lane() {
    let bed = Bed::new().await;
    for id in ["a", "b"] {
        bed.put(taobao(id, "1")).await;
    }
    bed.store.park(&"shop:1".parse().unwrap(), "303").await.unwrap();
    bed.nothing().await;
    due(&bed, "shop:1").await;
    let claim = bed.take().await;
    assert_eq!(ids(&claim), ["a"]);
    assert_eq!(claim.grant.probe, "shop:1".parse().ok());
    assert_eq!(bed.store.stats().await.unwrap().parked[0].jobs, 1);
    bed.nothing().await;
    assert_eq!(
        bed.store
            .hand_back(&claim.grant, None, &["a".to_owned()])
            .await
            .unwrap(),
        1
    );
    bed.nothing().await;
    due(&bed, "shop:1").await;
    let again = bed.take().await;
    assert_eq!(
        (ids(&again), again.grant.probe.clone()),
        (vec!["a"], "shop:1".parse().ok())
    );
    bed.store.resume(&"shop:1".parse().unwrap()).await.unwrap();
    assert_eq!(ids(&bed.take().await), ["b"]);
}

#[tokio::test]
async fn the_endpoint_of_a_sweep_is_probed_by_the_sweep() {
    let bed = Bed::new().await;
    let fate = Fate::Waiting {
        errand: Errand::Packages,
        delay_ms: 0,
        since_ms: 1,
    };
    bed.bring(payment("a"), fate).await;
    bed.store
        .park(&"endpoint:get-package-list".parse().unwrap(), "404")
        .await
        .unwrap();
    bed.nothing().await;
    due(&bed, "endpoint:get-package-list").await;
    let claim = bed.errand().await;
    assert_eq!(claim.errand, Errand::Packages);
    assert_eq!(claim.grant.probe, "endpoint:get-package-list".parse().ok());
    bed.nothing().await;
}

#[tokio::test]
async fn a_probe_that_finds_nothing_to_try_marks_no_other_work() {
    let bed = Bed::new().await;
    // Of a class that has less weight than probes, so that the probe is tried first.
    bed.put(sync("s", "2", 1)).await;
    bed.store.park(&"shop:1".parse().unwrap(), "303").await.unwrap();
    due(&bed, "shop:1").await;
    let claim = bed.take().await;
    assert_eq!((ids(&claim), claim.grant.probe.clone()), (vec!["s"], None));
}

#[tokio::test]
async fn while_the_account_is_parked_nothing_else_is_probed() {
    let bed = Bed::new().await;
    bed.bring(taobao("a", "1"), parked("shop:1".parse().unwrap()))
        .await;
    bed.store.park(&Scope::Balance, "302").await.unwrap();
    bed.store.park(&Scope::Account, "401").await.unwrap();
    due(&bed, "shop:1").await;
    due(&bed, "balance").await;
    bed.nothing().await;
}

#[tokio::test]
async fn a_probe_whose_scope_was_resumed_is_dropped() {
    let bed = Bed::new().await;
    bed.store.park(&Scope::Account, "401").await.unwrap();
    bed.store.resume(&Scope::Account).await.unwrap();
    due(&bed, "account").await;
    bed.nothing().await;
    let left: i64 = bed.raw(&["EXISTS", "~errands", "~errand:probe:account"]).await;
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_parking_sets_its_first_probe_two_seconds_later() {
    let bed = Bed::new().await;
    let before_ms = bed.now_ms().await;
    bed.store.park(&Scope::Account, "401").await.unwrap();
    let Claimed::Nothing { wait_ms } = bed.claim().await else {
        panic!("the probe is not due")
    };
    assert!(wait_ms <= 2_000);
    let first: u64 = bed.raw(&["ZSCORE", "~errands", "probe:account"]).await;
    assert!((before_ms + 2_000..=bed.now_ms().await + 2_000).contains(&first));
}

#[tokio::test]
async fn a_probe_under_way_is_the_only_one_of_its_scope() {
    let bed = Bed::new().await;
    bed.store.park(&Scope::Account, "401").await.unwrap();
    due(&bed, "account").await;
    let claim = bed.errand().await;
    due(&bed, "account").await;
    bed.nothing().await;
    let next: u64 = bed.raw(&["ZSCORE", "~errands", "probe:account"]).await;
    assert_eq!(next, claim.grant.lease_until_ms);
    bed.store
        .turn_page(&claim.grant, &claim.errand, &Turn::End, false, "")
        .await
        .unwrap();
    due(&bed, "account").await;
    assert_eq!(bed.errand().await.errand, Errand::Probe(Scope::Account));
}

#[tokio::test]
async fn what_an_operator_holds_is_not_probed_whoever_parked_it_first() {
    let bed = Bed::new().await;
    bed.put(taobao("a", "1")).await;
    let shop: Scope = "shop:1".parse().unwrap();
    bed.store.park(&shop, "303").await.unwrap();
    bed.store.hold(&shop, "stock-taking").await.unwrap();
    bed.store.park(&shop, "303").await.unwrap();
    due(&bed, "shop:1").await;
    bed.nothing().await;
    assert!(bed.store.resume(&shop).await.unwrap());
    assert_eq!(ids(&bed.take().await), ["a"]);
    // What is parked anew by the vendor is probed again.
    bed.store.park(&shop, "303").await.unwrap();
    let next: String = bed.raw(&["HGET", "~scope:shop:1", "next_probe"]).await;
    assert!(!next.is_empty());
}

#[tokio::test]
async fn probes_of_many_parked_scopes_hide_no_errand_that_everybody_waits_for() {
    const SHOPS: u32 = 60;
    let bed = Bed::new().await;
    for shop in 0..SHOPS {
        let scope: Scope = format!("shop:{shop}").parse().unwrap();
        bed.bring(
            taobao(&format!("parked-{shop}"), &shop.to_string()),
            parked(scope),
        )
        .await;
    }
    let waits = Fate::Waiting {
        errand: Errand::Packages,
        delay_ms: 0,
        since_ms: 1,
    };
    bed.bring(payment("waits"), waits).await;
    for shop in 0..SHOPS {
        due(&bed, &format!("shop:{shop}")).await;
    }
    // The classes take turns by weight: an errand that is seen has its turn among the first few.
    for _ in 0..5 {
        if let Claimed::Errand(claim) = bed.claim().await {
            assert_eq!(claim.errand, Errand::Packages);
            return;
        }
    }
    panic!("the look-up is hidden behind the probes");
}

#[tokio::test]
async fn a_probe_under_way_lifts_nothing_that_an_operator_has_stopped_since() {
    let bed = Bed::new().await;
    let scope: Scope = "shop:1".parse().unwrap();
    let probe = probe_of_a_shop(&bed, &scope).await;
    bed.store.hold(&scope, "stock is counted").await.unwrap();
    assert_eq!(bed.begin(&probe).await, Begun::Parked(scope.clone()));
    assert!(!bed.store.heal(&scope).await.unwrap());
    bed.nothing().await;
    assert!(bed.store.resume(&scope).await.unwrap());
    assert_eq!(ids(&bed.take().await), ["b"]);
}
