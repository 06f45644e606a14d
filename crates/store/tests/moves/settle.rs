//! settle.lua, hand_back.lua and renew.lua: a claim ends once, as decided, under its own fence.

use parceld_domain::errand::Errand;
use parceld_domain::money::Points;
use parceld_domain::outcome::{Attempts, Fate, Outcome};
use parceld_domain::scope::Scope;
use parceld_store::{Begun, Claimed};

use crate::bed::{Bed, douyin, error, failed, ids, payment, taobao, to, written};

#[tokio::test]
async fn a_settle_twice_in_a_row_moves_once() {
    let bed = Bed::new().await;
    bed.put(taobao("a", "1")).await;
    let claim = bed.take().await;
    assert!(bed.settle(&claim.grant, &claim.jobs[0], Fate::Done).await);
    assert!(!bed.settle(&claim.grant, &claim.jobs[0], failed(614)).await);
    assert_eq!(bed.state("a").await, "done");
    assert_eq!(
        (
            bed.count("done").await,
            bed.count("failed").await,
            bed.count("running").await
        ),
        (1, 0, 0)
    );
}

#[tokio::test]
async fn a_batch_that_goes_back_keeps_its_order_at_the_head_and_at_the_tail() {
    let bed = Bed::new().await;
    for id in ["a", "b", "c"] {
        bed.put(douyin(id, "1")).await;
    }
    for front in [true, false] {
        let claim = bed.take().await;
        assert_eq!(ids(&claim), ["a", "b", "c"]);
        bed.put(douyin(if front { "d" } else { "e" }, "1")).await;
        let back: Vec<_> = claim
            .jobs
            .iter()
            .map(|job| (job.id.clone(), to(job, Fate::Ready { front })))
            .collect();
        assert_eq!(bed.store.settle(&claim.grant, &back).await.unwrap(), [true; 3]);
        let lane: Vec<String> = bed
            .raw(&["LRANGE", "~lane:ship/dy-ship-free/-/1", "0", "-1"])
            .await;
        if front {
            assert_eq!(lane, ["a", "b", "c", "d"]);
            let claim = bed.take().await;
            assert!(bed.settle(&claim.grant, &claim.jobs[3], Fate::Done).await);
            let abc: Vec<_> = claim.jobs[..3].iter().map(|job| job.id.clone()).collect();
            assert_eq!(bed.store.hand_back(&claim.grant, None, &abc).await.unwrap(), 3);
        } else {
            assert_eq!(lane, ["e", "a", "b", "c"]);
        }
    }
}

#[tokio::test]
async fn each_job_of_a_batch_goes_its_own_way() {
    let bed = Bed::new().await;
    for id in ["a", "b", "c"] {
        bed.put(douyin(id, "1")).await;
    }
    let claim = bed.take().await;
    bed.lose_lease("b").await;
    let _: Claimed = bed.claim().await;
    let fates = [Fate::Done, Fate::Done, failed(614)];
    let moves: Vec<_> = claim
        .jobs
        .iter()
        .zip(fates)
        .map(|(job, fate)| (job.id.clone(), to(job, fate)))
        .collect();
    assert_eq!(
        bed.store.settle(&claim.grant, &moves).await.unwrap(),
        [true, false, true]
    );
    assert_eq!(bed.state("a").await, "done");
    assert_eq!(bed.state("b").await, "running");
    assert_eq!(bed.state("c").await, "failed");
}

#[tokio::test]
async fn a_failed_job_says_why_and_is_counted_by_its_code() {
    let bed = Bed::new().await;
    bed.bring(taobao("a", "1"), failed(614)).await;
    let wanted = [
        ("code", "614"),
        ("msg", "系统异常"),
        ("class", "terminal"),
        ("advice", "请核对"),
    ];
    for (field, value) in wanted {
        assert_eq!(bed.field("a", field).await.as_deref(), Some(value), "{field}");
    }
    let counted: i64 = bed.raw(&["HGET", "~failed:codes", "614 taobao.ship"]).await;
    assert_eq!(counted, 1);
    let events: Vec<redis::Value> = bed.raw(&["XRANGE", "~events", "-", "+"]).await;
    assert_eq!(events.len(), 1);
}

#[tokio::test]
async fn a_retry_is_scheduled_and_shows_what_it_met() {
    let bed = Bed::new().await;
    bed.put(taobao("a", "1")).await;
    let claim = bed.take().await;
    let before_ms = bed.now_ms().await;
    let retry = Fate::Scheduled { delay_ms: 60_000 };
    let outcome =
        Outcome::new("retry", retry, claim.jobs[0].step, Attempts::Keep).with_error(error(101, "网络异常"));
    bed.store
        .settle(&claim.grant, &[("a".into(), written(&claim.jobs[0], outcome))])
        .await
        .unwrap();
    let due_ms: u64 = bed.raw(&["ZSCORE", "~scheduled", "a"]).await;
    assert!((before_ms + 60_000..=bed.now_ms().await + 60_000).contains(&due_ms));
    assert_eq!(bed.field("a", "code").await.as_deref(), Some("101"));
    let _: i64 = bed.raw(&["ZADD", "~scheduled", "1", "a"]).await;
    let claim = bed.take().await;
    assert_eq!(bed.field("a", "run_at").await, None);
    assert!(bed.settle(&claim.grant, &claim.jobs[0], Fate::Done).await);
    assert_eq!(
        bed.field("a", "code").await,
        None,
        "a job that ended well shows no error"
    );
}

#[tokio::test]
async fn a_waiting_job_stands_by_its_errand_since_its_time() {
    let bed = Bed::new().await;
    let fate = Fate::Waiting {
        errand: Errand::Orders,
        delay_ms: 5_000,
        since_ms: 1_700_000_000_000,
    };
    bed.bring(payment("a"), fate).await;
    let since: u64 = bed.raw(&["ZSCORE", "~wait:orders", "a"]).await;
    assert_eq!(since, 1_700_000_000_000);
    let due_ms: u64 = bed.raw(&["ZSCORE", "~waiting", "a"]).await;
    let now_ms = bed.now_ms().await;
    assert!((now_ms..=now_ms + 5_000).contains(&due_ms));
    assert_eq!(bed.field("a", "errand").await.as_deref(), Some("orders"));
}

#[tokio::test]
async fn a_block_parks_the_job_and_its_scope() {
    let bed = Bed::new().await;
    for id in ["a", "b"] {
        bed.put(payment(id)).await;
    }
    let claims = [bed.take().await, bed.take().await];
    for (claim, need) in claims.iter().zip([900, 500]) {
        let fate = Fate::Parked {
            scope: Scope::Balance,
            error: error(302, "余额不足"),
            link: Some("https://authorise".to_owned()),
            need: Some(Points(need)),
        };
        assert!(bed.settle(&claim.grant, &claim.jobs[0], fate).await);
    }
    let parked: Vec<String> = bed
        .raw(&["HMGET", "~scope:balance", "reason", "link", "need", "jobs"])
        .await;
    assert_eq!(parked, ["余额不足", "https://authorise", "500", "2"]);
    let blocked: Vec<String> = bed.raw(&["SMEMBERS", "~blocked:balance"]).await;
    assert_eq!(blocked.len(), 2);
    assert_eq!(bed.field("a", "scope").await.as_deref(), Some("balance"));
    let probe: Option<u64> = bed.raw(&["ZSCORE", "~errands", "probe:balance"]).await;
    assert!(probe.is_some());
}

#[tokio::test]
async fn attempts_are_kept_reset_or_taken_back_as_decided() {
    let bed = Bed::new().await;
    bed.put(taobao("a", "1")).await;
    for (attempts, left) in [
        (Attempts::Keep, 1),
        (Attempts::Restore, 1),
        (Attempts::Keep, 2),
        (Attempts::Reset, 0),
    ] {
        let claim = bed.take().await;
        assert_eq!(bed.begin(&claim).await, Begun::Granted);
        let outcome = Outcome::new("moved", Fate::Ready { front: true }, claim.jobs[0].step, attempts);
        bed.store
            .settle(&claim.grant, &[("a".into(), written(&claim.jobs[0], outcome))])
            .await
            .unwrap();
        assert_eq!(bed.job("a").await.attempts, left, "{attempts:?}");
    }
}

#[tokio::test]
async fn names_are_watched_until_they_change_or_the_job_ends() {
    let bed = Bed::new().await;
    bed.put(payment("a")).await;
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let seen = async || {
        let found = bed
            .store
            .watchers(&names(&["sn:1", "sn:2", "remark:a b"]))
            .await
            .unwrap();
        found
            .into_iter()
            .map(|watcher| (watcher.name, watcher.id))
            .collect::<Vec<_>>()
    };
    let pair = |name: &str| (name.to_owned(), "a".to_owned());
    let steps = [
        (
            Some(names(&["sn:1", "remark:a b"])),
            vec![pair("sn:1"), pair("remark:a b")],
        ),
        (None, vec![pair("sn:1"), pair("remark:a b")]),
        (Some(names(&["sn:2"])), vec![pair("sn:2")]),
    ];
    for (watch, wanted) in steps {
        let claim = bed.take().await;
        let mut outcome = Outcome::new(
            "moved",
            Fate::Ready { front: true },
            claim.jobs[0].step,
            Attempts::Keep,
        );
        outcome.watch = watch;
        bed.store
            .settle(&claim.grant, &[("a".into(), written(&claim.jobs[0], outcome))])
            .await
            .unwrap();
        assert_eq!(seen().await, wanted);
    }
    let claim = bed.take().await;
    assert!(bed.settle(&claim.grant, &claim.jobs[0], Fate::Done).await);
    assert!(seen().await.is_empty());
    let left: i64 = bed.raw(&["ZCARD", "~watch"]).await;
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_watcher_is_found_behind_many_of_longer_names_with_the_same_beginning() {
    let bed = Bed::new().await;
    let many = (0..30).map(|n| (format!("j{n}"), format!("remark:a 0{n}")));
    for (id, name) in many.chain([("z".to_owned(), "remark:a".to_owned())]) {
        bed.put(payment(&id)).await;
        let claim = bed.take().await;
        let fate = Fate::Scheduled { delay_ms: 60_000 };
        let outcome = Outcome::new("moved", fate, claim.jobs[0].step, Attempts::Keep).with_watch(vec![name]);
        let moves = [(id, written(&claim.jobs[0], outcome))];
        assert_eq!(bed.store.settle(&claim.grant, &moves).await.unwrap(), [true]);
    }
    let found = bed.store.watchers(&["remark:a".to_owned()]).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].id, "z");
}

#[tokio::test]
async fn history_is_bounded_and_newest_first() {
    let bed = Bed::new().await;
    bed.put(taobao("a", "1")).await;
    for _ in 0..60 {
        let claim = bed.take().await;
        assert!(
            bed.settle(&claim.grant, &claim.jobs[0], Fate::Ready { front: true })
                .await
        );
    }
    let claim = bed.take().await;
    assert!(bed.settle(&claim.grant, &claim.jobs[0], failed(614)).await);
    let history = bed.store.job("a").await.unwrap().unwrap().history;
    assert_eq!(history.len(), 50);
    let newest: serde_json::Value = serde_json::from_str(&history[0]).unwrap();
    assert_eq!((&newest["code"], &newest["step"]), (&614.into(), &"send".into()));
}

#[tokio::test]
async fn events_are_bounded() {
    let bed = Bed::new().await;
    let entry = || {
        ["XADD", "~events", "*", "event", "done"]
            .map(str::to_owned)
            .to_vec()
    };
    bed.bare((0..10_500).map(|_| entry())).await;
    bed.bring(taobao("a", "1"), Fate::Done).await;
    let events: i64 = bed.raw(&["XLEN", "~events"]).await;
    // Redis drops whole nodes of a hundred entries.
    assert!((10_000..10_200).contains(&events), "{events}");
}

#[tokio::test]
async fn a_handed_back_claim_counts_nothing_and_keeps_the_order() {
    let bed = Bed::new().await;
    for id in ["a", "b"] {
        bed.put(douyin(id, "1")).await;
    }
    let claim = bed.take().await;
    bed.put(douyin("c", "1")).await;
    assert_eq!(bed.begin(&claim).await, Begun::Granted);
    let both = ["a".to_owned(), "b".to_owned()];
    assert_eq!(bed.store.hand_back(&claim.grant, None, &both).await.unwrap(), 2);
    assert_eq!(bed.store.hand_back(&claim.grant, None, &both).await.unwrap(), 0);
    let next = bed.take().await;
    assert_eq!(ids(&next), ["a", "b", "c"]);
    assert!(next.jobs.iter().all(|job| job.attempts == 0));
    assert_eq!(
        bed.store.hand_back(&claim.grant, None, &both).await.unwrap(),
        0,
        "the fence is old"
    );
}

#[tokio::test]
async fn a_lease_is_extended_never_shortened_and_only_under_its_fence() {
    let bed = Bed::new().await;
    bed.put(taobao("a", "1")).await;
    let claim = bed.take().await;
    let id = ["a".to_owned()];
    let ends = async || -> u64 { bed.raw(&["ZSCORE", "~running", "a"]).await };
    assert_eq!(ends().await, claim.grant.lease_until_ms);
    let _: i64 = bed
        .raw(&["ZADD", "~running", &(bed.now_ms().await + 1_000).to_string(), "a"])
        .await;
    assert_eq!(bed.store.renew(&claim.grant, None, &id).await.unwrap(), 1);
    assert!(ends().await >= claim.grant.lease_until_ms);
    let far = bed.now_ms().await + 900_000;
    let _: i64 = bed.raw(&["ZADD", "~running", &far.to_string(), "a"]).await;
    assert_eq!(bed.store.renew(&claim.grant, None, &id).await.unwrap(), 1);
    assert_eq!(ends().await, far);
    bed.lose_lease("a").await;
    bed.take().await;
    assert_eq!(bed.store.renew(&claim.grant, None, &id).await.unwrap(), 0);
}
