//! park.lua and resume.lua: a scope stops and goes on, its jobs stay where they are.

use std::collections::HashMap;

use parceld_domain::outcome::Fate;
use parceld_domain::scope::Scope;
use parceld_store::{Claimed, NewJob};

use crate::bed::{Bed, ids, parked, payment, taobao, to};

/// Jobs parked by a scope, as moves would have left them.
async fn stopped(bed: &Bed, scope: &str, count: usize) {
    bed.crowd("parked", count).await;
    bed.bare((0..count).flat_map(|n| {
        [
            vec!["HSET".into(), format!("~job:c{n}"), "scope".into(), scope.into()],
            vec!["SADD".into(), format!("~blocked:{scope}"), format!("c{n}")],
        ]
    }))
    .await;
}

#[tokio::test]
async fn a_parked_scope_stops_its_lanes_and_no_others() {
    let table: [(&str, &[&str]); 6] = [
        ("shop:1", &["p"]),
        ("shop:2", &["a", "p"]),
        ("endpoint:send", &["p"]),
        ("endpoint:submit-payment", &["a"]),
        ("balance", &["a"]),
        ("account", &[]),
    ];
    for (scope, left) in table {
        let bed = Bed::new().await;
        bed.put(taobao("a", "1")).await;
        bed.put(payment("p")).await;
        let scope: Scope = scope.parse().unwrap();
        bed.store.park(&scope, "test").await.unwrap();
        let mut taken = Vec::new();
        while let Some(Claimed::Jobs(claim)) = bed.ask().await {
            taken.push(ids(&claim)[0].to_owned());
        }
        taken.sort_unstable();
        assert_eq!(taken, left, "{scope}");
        let stats = bed.store.stats().await.unwrap();
        assert_eq!(
            (stats.parked.len(), stats.parked[0].jobs),
            (1, 2 - left.len() as u64),
            "{scope}"
        );
        assert_eq!(
            (stats.parked[0].scope.as_str(), stats.parked[0].reason.as_str()),
            (scope.to_string().as_str(), "test")
        );

        assert!(bed.store.resume(&scope).await.unwrap());
        assert!(!bed.store.resume(&scope).await.unwrap());
        for _ in left.len()..2 {
            bed.take().await;
        }
        assert!(bed.store.parked_scopes().await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn parked_time_moves_no_job_and_costs_no_attempt() {
    let bed = Bed::new().await;
    bed.put(taobao("a", "1")).await;
    bed.store.park(&Scope::Account, "401").await.unwrap();
    bed.nothing().await;
    bed.put(taobao("b", "1")).await;
    let job = bed.job("a").await;
    assert_eq!((job.state.as_str(), job.attempts, job.version), ("ready", 0, 1));
    assert_eq!(bed.store.stats().await.unwrap().parked[0].jobs, 2);
    bed.store.resume(&Scope::Account).await.unwrap();
    assert_eq!(ids(&bed.take().await), ["a"]);
}

#[tokio::test]
async fn a_lane_stopped_twice_waits_for_both() {
    let bed = Bed::new().await;
    bed.put(taobao("a", "1")).await;
    let shop: Scope = "shop:1".parse().unwrap();
    bed.store.park(&Scope::Account, "401").await.unwrap();
    bed.store.park(&shop, "303").await.unwrap();
    bed.nothing().await;
    bed.store.resume(&Scope::Account).await.unwrap();
    bed.nothing().await;
    bed.store.resume(&shop).await.unwrap();
    assert_eq!(ids(&bed.take().await), ["a"]);
}

#[tokio::test]
async fn the_jobs_of_all_lanes_are_counted_at_once_and_the_lanes_moved_aside_ten_a_claim() {
    let bed = Bed::new().await;
    let jobs: Vec<NewJob> = (0..125)
        .map(|n| taobao(&format!("j{n}"), &format!("{n}")))
        .collect();
    bed.store.enqueue_many(&jobs).await.unwrap();
    bed.store
        .park(&"endpoint:send".parse().unwrap(), "404")
        .await
        .unwrap();
    for aside in (0..=12).map(|claims| 10 * claims).chain([125]) {
        let lanes: i64 = bed.raw(&["SCARD", "~aside:endpoint:send"]).await;
        assert_eq!(
            (lanes, bed.store.stats().await.unwrap().parked[0].jobs),
            (aside, 125)
        );
        bed.claim().await;
    }
    bed.nothing().await;
}

#[tokio::test]
async fn a_job_that_two_scopes_stop_is_counted_with_each() {
    let bed = Bed::new().await;
    for (id, shop) in [("a", "1"), ("b", "1"), ("c", "2")] {
        bed.put(taobao(id, shop)).await;
    }
    let shop: Scope = "shop:1".parse().unwrap();
    let counted = async || {
        let mut parked = bed.store.stats().await.unwrap().parked;
        parked.sort_by(|a, b| a.scope.cmp(&b.scope));
        parked
            .iter()
            .map(|scope| (scope.scope.clone(), scope.jobs))
            .collect::<Vec<_>>()
    };
    let both = |account, of_shop| vec![("account".to_owned(), account), ("shop:1".to_owned(), of_shop)];
    bed.store.park(&Scope::Account, "401").await.unwrap();
    bed.nothing().await;
    bed.store.park(&shop, "303").await.unwrap();
    assert_eq!(counted().await, both(3, 2));
    bed.put(taobao("d", "1")).await;
    assert_eq!(counted().await, both(4, 3));
    let job = bed.job("a").await;
    bed.store
        .operate(&[(&job, to(&job, Fate::Cancelled))])
        .await
        .unwrap();
    assert_eq!(counted().await, both(3, 2));
    bed.store.resume(&Scope::Account).await.unwrap();
    assert_eq!(counted().await, [("shop:1".to_owned(), 2)]);
    assert_eq!(ids(&bed.take().await), ["c"]);
    bed.nothing().await;
    assert_eq!(counted().await, [("shop:1".to_owned(), 2)]);
}

#[tokio::test]
async fn parking_again_keeps_the_time_and_takes_the_newer_reason() {
    let bed = Bed::new().await;
    bed.store.park(&Scope::Account, "one").await.unwrap();
    let first = bed.store.stats().await.unwrap().parked;
    bed.store.park(&Scope::Account, "two").await.unwrap();
    let second = bed.store.stats().await.unwrap().parked;
    assert_eq!((second.len(), second[0].reason.as_str()), (1, "two"));
    assert_eq!(
        (&second[0].since, &second[0].next_probe),
        (&first[0].since, &first[0].next_probe)
    );
}

#[tokio::test]
async fn a_resumed_job_goes_on_without_its_error() {
    let bed = Bed::new().await;
    let scope: Scope = "shop:1".parse().unwrap();
    bed.bring(taobao("a", "1"), parked(scope.clone())).await;
    assert_eq!(bed.field("a", "code").await.as_deref(), Some("302"));
    bed.nothing().await;
    bed.store.resume(&scope).await.unwrap();
    let claim = bed.take().await;
    assert_eq!(ids(&claim), ["a"]);
    for field in ["code", "msg", "class", "advice", "scope"] {
        assert_eq!(bed.field("a", field).await, None, "{field}");
    }
    assert!(bed.settle(&claim.grant, &claim.jobs[0], Fate::Done).await);
}

#[tokio::test]
async fn twenty_thousand_parked_jobs_are_resumed() {
    let bed = Bed::new().await;
    stopped(&bed, "shop:1", 20_000).await;
    let scope: Scope = "shop:1".parse().unwrap();
    bed.store.park(&scope, "303").await.unwrap();
    assert_eq!(bed.store.stats().await.unwrap().parked[0].jobs, 20_000);
    assert!(bed.store.resume(&scope).await.unwrap());
    assert_eq!((bed.count("parked").await, bed.count("ready").await), (0, 20_000));
}

#[tokio::test]
async fn a_resume_that_was_cut_short_is_carried_on_by_claims() {
    let bed = Bed::new().await;
    stopped(&bed, "shop:1", 60).await;
    let _: i64 = bed.raw(&["SADD", "~resuming", "shop:1"]).await;
    for left in [35, 10, 0] {
        assert!(matches!(bed.claim().await, Claimed::Jobs(_)));
        assert_eq!(bed.count("parked").await, left);
    }
    bed.claim().await;
    let resuming: i64 = bed.raw(&["EXISTS", "~resuming"]).await;
    assert_eq!(resuming, 0);
}

#[tokio::test]
async fn a_scope_parked_again_amid_its_resume_keeps_what_is_left() {
    let bed = Bed::new().await;
    stopped(&bed, "shop:1", 60).await;
    let _: i64 = bed.raw(&["SADD", "~resuming", "shop:1"]).await;
    bed.claim().await;
    bed.store.park(&"shop:1".parse().unwrap(), "303").await.unwrap();
    bed.nothing().await;
    assert_eq!(bed.count("parked").await, 35);
    // 35 parked and, of the 25 that had gone on, 24 in the lane that stands aside now.
    assert_eq!(bed.store.stats().await.unwrap().parked[0].jobs, 35 + 24);
}

#[tokio::test]
async fn a_scope_that_an_operator_parks_says_at_once_how_many_jobs_wait_and_is_told_to_the_erp() {
    let bed = Bed::new().await;
    for (id, shop) in [("a", "1"), ("b", "1"), ("c", "2")] {
        bed.put(taobao(id, shop)).await;
    }
    let scope: Scope = "shop:1".parse().unwrap();
    for _ in 0..2 {
        bed.store.hold(&scope, "stock is counted").await.unwrap();
        assert_eq!(bed.store.stats().await.unwrap().parked[0].jobs, 2);
    }
    bed.put(taobao("d", "1")).await;
    assert_eq!(bed.store.stats().await.unwrap().parked[0].jobs, 3);
    assert_eq!(ids(&bed.take().await), ["c"]);
    bed.nothing().await;
    bed.store.resume(&scope).await.unwrap();
    let events: Vec<(String, HashMap<String, String>)> = bed.raw(&["XRANGE", "~events", "-", "+"]).await;
    let told: Vec<(&str, &str)> = events
        .iter()
        .map(|(_, event)| (&*event["event"], &*event["scope"]))
        .collect();
    assert_eq!(told, [("parked", "shop:1"), ("resumed", "shop:1")]);
    for id in ["a", "b", "d"] {
        assert_eq!(ids(&bed.take().await), [id]);
    }
}
