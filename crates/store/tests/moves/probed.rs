//! What a probe leaves behind: a changed job or an unchanged one, and room for the next probe.

use parceld_domain::errand::Errand;
use parceld_domain::outcome::Fate;
use parceld_domain::scope::Scope;
use parceld_store::{Begin, Begun, Turn};

use crate::bed::{Bed, begin, ids, parked, payment, taobao};
use crate::probe::{due, probe_of_a_shop};

#[tokio::test]
async fn a_probe_that_fails_tells_nobody_and_leaves_the_time_of_the_parking() {
    let bed = Bed::new().await;
    let scope: Scope = "shop:1".parse().unwrap();
    bed.bring(taobao("a", "1"), parked(scope.clone())).await;
    let events = || async { bed.raw::<i64>(&["XLEN", "~events"]).await };
    let score = || async { bed.raw::<u64>(&["ZSCORE", "~parked", "a"]).await };
    let history = || async { bed.raw::<i64>(&["LLEN", "~history:a"]).await };
    let told = || async {
        let updated_at = bed.field("a", "updated_at").await;
        (events().await, score().await, history().await, updated_at)
    };
    let before = told().await;
    for _ in 0..3 {
        due(&bed, "shop:1").await;
        let claim = bed.take().await;
        let intent = Begin {
            counts: false,
            ..begin(&claim.jobs[0])
        };
        assert_eq!(bed.begin_as(&claim, intent).await, Begun::Granted);
        assert!(
            bed.settle(&claim.grant, &claim.jobs[0], parked(scope.clone()))
                .await
        );
        assert_eq!(told().await, before);
    }
    bed.store.resume(&scope).await.unwrap();
    let claim = bed.take().await;
    assert_eq!(bed.field("a", "parked_ms").await, None);
    assert!(bed.settle(&claim.grant, &claim.jobs[0], parked(scope)).await);
    let after = (events().await, history().await);
    assert!(after.0 > before.0 && after.1 > before.2, "{after:?}");
}

#[tokio::test]
async fn a_scope_parked_anew_by_a_probe_of_the_time_before_is_told_with_its_new_time() {
    for parked_by_another in [false, true] {
        let bed = Bed::new().await;
        let scope: Scope = "shop:1".parse().unwrap();
        bed.bring(taobao("a", "1"), parked(scope.clone())).await;
        due(&bed, "shop:1").await;
        let probe = bed.take().await;
        assert_eq!(ids(&probe), ["a"]);
        bed.store.resume(&scope).await.unwrap();
        let resumed_ms = bed.now_ms().await;
        if parked_by_another {
            bed.bring(taobao("b", "1"), parked(scope.clone())).await;
        }
        let told = async || {
            let parked = bed.raw::<Vec<String>>(&["LRANGE", "~history:a", "0", "-1"]).await;
            let parked = parked.iter().filter(|line| line.contains("moved")).count();
            (bed.raw::<usize>(&["XLEN", "~events"]).await, parked)
        };
        let before = told().await;
        assert!(
            bed.settle(&probe.grant, &probe.jobs[0], parked(scope.clone()))
                .await
        );
        let of_the_scope = usize::from(!parked_by_another);
        assert_eq!(told().await, (before.0 + 1 + of_the_scope, before.1 + 1));
        assert!(bed.raw::<u64>(&["ZSCORE", "~parked", "a"]).await >= resumed_ms);
    }
}

#[tokio::test]
async fn a_probe_that_leads_to_something_leaves_its_call_in_the_history_as_any_call_does() {
    let bed = Bed::new().await;
    let scope: Scope = "shop:1".parse().unwrap();
    bed.bring(taobao("a", "1"), parked(scope.clone())).await;
    let probed = async |fate: Fate| {
        due(&bed, "shop:1").await;
        let claim = bed.take().await;
        let call = Begin {
            intent: format!(r#"{{"event":"call","fence":{}}}"#, claim.grant.fence),
            counts: false,
            ..begin(&claim.jobs[0])
        };
        assert_eq!(bed.begin_as(&claim, call).await, Begun::Granted);
        assert!(bed.settle(&claim.grant, &claim.jobs[0], fate).await);
        claim.grant.fence
    };
    probed(parked(scope.clone())).await;
    let fence = probed(Fate::Done).await;
    let history: Vec<String> = bed.raw(&["LRANGE", "~history:a", "0", "-1"]).await;
    let lines: Vec<serde_json::Value> = history
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let told: Vec<&str> = lines.iter().filter_map(|line| line["event"].as_str()).collect();
    assert_eq!(told, ["moved", "call", "moved", "begin", "accepted"]);
    assert_eq!(lines[1]["fence"], fence);
    assert!(lines[1]["at"].as_str() <= lines[0]["at"].as_str());
}

#[tokio::test]
async fn a_probe_that_was_decided_leaves_room_for_the_next_one_whether_its_call_was_made_or_not() {
    for begun in [false, true] {
        let bed = Bed::new().await;
        let scope: Scope = "shop:1".parse().unwrap();
        let probe = probe_of_a_shop(&bed, &scope).await;
        if begun {
            assert_eq!(bed.begin(&probe).await, Begun::Granted);
        }
        let later = Fate::Scheduled { delay_ms: 60_000 };
        assert!(bed.settle(&probe.grant, &probe.jobs[0], later).await);
        due(&bed, "shop:1").await;
        let next = bed.take().await;
        assert_eq!((ids(&next), next.grant.probe.clone()), (vec!["b"], Some(scope)));
    }
}

#[tokio::test]
async fn a_page_that_was_a_probe_leaves_room_for_the_next_one() {
    let bed = Bed::new().await;
    let scope: Scope = "endpoint:get-package-list".parse().unwrap();
    let fate = Fate::Waiting {
        errand: Errand::Packages,
        delay_ms: 0,
        since_ms: 1,
    };
    bed.bring(payment("a"), fate).await;
    bed.store.park(&scope, "404").await.unwrap();
    bed.nothing().await;
    for _ in 0..2 {
        due(&bed, "endpoint:get-package-list").await;
        let claim = bed.errand().await;
        assert_eq!(
            (claim.errand, claim.grant.probe.clone()),
            (Errand::Packages, Some(scope.clone()))
        );
        let again = Turn::Again { page: 1, delay_ms: 0 };
        let turned = bed
            .store
            .turn_page(&claim.grant, &Errand::Packages, &again, true, "");
        assert!(turned.await.unwrap());
    }
}

#[tokio::test]
async fn a_refusal_from_before_the_parking_ends_no_probe_under_way() {
    let bed = Bed::new().await;
    let scope: Scope = "shop:1".parse().unwrap();
    bed.put(taobao("late", "1")).await;
    let late = bed.take().await;
    assert_eq!(bed.begin(&late).await, Begun::Granted);
    let probe = probe_of_a_shop(&bed, &scope).await;
    assert_eq!(bed.begin(&probe).await, Begun::Granted);
    assert!(bed.settle(&late.grant, &late.jobs[0], parked(scope)).await);
    due(&bed, "shop:1").await;
    bed.nothing().await;
}
