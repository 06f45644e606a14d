//! begin.lua: the last gate before the first byte.

use parceld_domain::errand::Errand;
use parceld_domain::outcome::{Attempts, Fate, Outcome};
use parceld_domain::scope::Scope;
use parceld_domain::state::Step;
use parceld_store::{Begin, Begun};

use crate::bed::{Bed, begin, payment, taobao, written};

#[tokio::test]
async fn a_granted_begin_leaves_the_intent_on_record() {
    let bed = Bed::new().await;
    bed.put(taobao("a", "1")).await;
    let claim = bed.take().await;
    assert_eq!(bed.begin(&claim).await, Begun::Granted);
    let intent = bed.field("a", "intent").await.unwrap();
    assert_eq!(intent, r#"{"event":"begin","step":"send"}"#);
    assert!(
        bed.field("a", "on_death")
            .await
            .unwrap()
            .contains(r#""to":"ready""#)
    );
    let record = bed.store.job("a").await.unwrap().unwrap();
    assert!(
        record.history[0].contains(r#""event":"begin""#),
        "{:?}",
        record.history
    );
    let line: serde_json::Value = serde_json::from_str(&record.history[0]).unwrap();
    assert!(line["at"].is_string());
}

#[tokio::test]
async fn a_repeated_begin_counts_one_attempt() {
    let bed = Bed::new().await;
    bed.put(taobao("a", "1")).await;
    let claim = bed.take().await;
    for _ in 0..3 {
        assert_eq!(bed.begin(&claim).await, Begun::Granted);
    }
    assert_eq!(bed.job("a").await.attempts, 1);
    let begun = bed.store.job("a").await.unwrap().unwrap().history;
    assert_eq!(begun.iter().filter(|line| line.contains("begin")).count(), 1);
}

#[tokio::test]
async fn a_call_that_counts_nothing_leaves_the_attempts_alone() {
    let bed = Bed::new().await;
    bed.put(taobao("a", "1")).await;
    let claim = bed.take().await;
    let intent = Begin {
        counts: false,
        ..begin(&claim.jobs[0])
    };
    let begun = bed.begin_as(&claim, intent).await;
    assert_eq!(begun, Begun::Granted);
    assert_eq!(bed.job("a").await.attempts, 0);
}

#[tokio::test]
async fn an_old_fence_begins_nothing() {
    let bed = Bed::new().await;
    bed.put(taobao("a", "1")).await;
    let old = bed.take().await;
    bed.lose_lease("a").await;
    let new = bed.take().await;
    assert_eq!(bed.begin(&old).await, Begun::Lost);
    assert_eq!(bed.field("a", "begun").await, None);
    assert_eq!(bed.begin(&new).await, Begun::Granted);
}

#[tokio::test]
async fn a_lease_too_short_for_the_call_begins_nothing() {
    let bed = Bed::with(|settings| settings.lease_ms = 5_000).await;
    bed.put(taobao("a", "1")).await;
    let claim = bed.take().await;
    assert_eq!(bed.begin(&claim).await, Begun::Short);
    assert_eq!(bed.job("a").await.attempts, 0);
    let begun = bed
        .store
        .begin(&claim.grant, &claim.lane, 1_000, &[begin(&claim.jobs[0])])
        .await
        .unwrap();
    assert_eq!(begun, Begun::Granted);
}

#[tokio::test]
async fn a_scope_parked_since_the_claim_stops_the_call_but_not_its_probe() {
    let bed = Bed::new().await;
    bed.put(payment("a")).await;
    let mut claim = bed.take().await;
    for scope in ["shop:1", "endpoint:send"] {
        bed.store.park(&scope.parse().unwrap(), "test").await.unwrap();
    }
    bed.store.park(&Scope::Balance, "no points").await.unwrap();
    assert_eq!(bed.begin(&claim).await, Begun::Parked(Scope::Balance));
    assert_eq!(bed.field("a", "begun").await, None);
    claim.grant.probe = Some(Scope::Balance);
    assert_eq!(bed.begin(&claim).await, Begun::Granted);
}

#[tokio::test]
async fn a_guarded_call_is_refused_under_another_redis_than_its_step_was_entered_under() {
    let bed = Bed::new().await;
    bed.put(payment("a")).await;
    let claim = bed.take().await;
    let _: i64 = bed.raw(&["HSET", "~job:a", "entered_run", "another"]).await;
    let guarded = || Begin {
        guarded: true,
        ..begin(&claim.jobs[0])
    };
    let begun = bed
        .store
        .begin(&claim.grant, &claim.lane, 10, &[guarded()])
        .await
        .unwrap();
    assert_eq!(begun, Begun::Failover(vec!["a".into()]));
    assert_eq!(bed.field("a", "begun").await, None);
    let free = bed
        .store
        .begin(&claim.grant, &claim.lane, 10, &[begin(&claim.jobs[0])])
        .await
        .unwrap();
    assert_eq!(free, Begun::Granted);
    // A look-up that begins because of it stands under the Redis of now.
    let job = &claim.jobs[0];
    let on = Outcome::new(
        "found",
        Fate::Ready { front: true },
        Step::Confirm,
        Attempts::Reset,
    );
    assert_eq!(
        bed.store
            .settle(&claim.grant, &[("a".into(), written(job, on).after_failover())])
            .await
            .unwrap(),
        [true]
    );
    let claim = bed.take().await;
    let intent = Begin {
        guarded: true,
        ..begin(&claim.jobs[0])
    };
    let begun = bed.begin_as(&claim, intent).await;
    assert_eq!(begun, Begun::Granted);
}

#[tokio::test]
async fn a_payment_is_guarded_when_the_settle_that_leads_to_it_was_claimed_from_another_redis() {
    let bed = Bed::new().await;
    for (id, claimed_run, expected) in [
        ("a", "another", Begun::Failover(vec!["a".into()])),
        ("b", "", Begun::Granted),
    ] {
        bed.put(payment(id)).await;
        let claim = bed.take().await;
        let key = format!("~job:{id}");
        let confirm = Outcome::new(
            "created",
            Fate::Ready { front: true },
            Step::Confirm,
            Attempts::Reset,
        );
        let moves = [(id.to_owned(), written(&claim.jobs[0], confirm))];
        assert_eq!(bed.store.settle(&claim.grant, &moves).await.unwrap(), [true]);
        let claim = bed.take().await;
        if !claimed_run.is_empty() {
            // As a replica has it that was promoted: entered and claimed under the Redis before it.
            let lost = [
                "HSET",
                &key,
                "claimed_run",
                claimed_run,
                "entered_run",
                claimed_run,
            ];
            let _: i64 = bed.raw(&lost).await;
        }
        let pay = Outcome::new(
            "confirmed",
            Fate::Ready { front: true },
            Step::Pay,
            Attempts::Reset,
        );
        let moves = [(id.to_owned(), written(&claim.jobs[0], pay))];
        assert_eq!(bed.store.settle(&claim.grant, &moves).await.unwrap(), [true]);
        let claim = bed.take().await;
        let intent = Begin {
            guarded: true,
            ..begin(&claim.jobs[0])
        };
        let begun = bed.begin_as(&claim, intent).await;
        assert_eq!(begun, expected, "{id}");
    }
}

#[tokio::test]
async fn a_payment_that_a_look_led_to_is_guarded_by_the_redis_under_which_the_order_was_created() {
    let bed = Bed::with(|settings| settings.errand_gap_ms = 0).await;
    for (id, lost_run, expected) in [
        ("a", "another", Begun::Failover(vec!["a".into()])),
        ("b", "", Begun::Granted),
    ] {
        let waiting = Fate::Waiting {
            errand: Errand::Packages,
            delay_ms: 60_000,
            since_ms: 0,
        };
        let identify = Outcome::new("found", waiting, Step::Identify, Attempts::Reset);
        bed.put(payment(id)).await;
        let claim = bed.take().await;
        let moves = [(id.to_owned(), written(&claim.jobs[0], identify))];
        assert_eq!(bed.store.settle(&claim.grant, &moves).await.unwrap(), [true]);
        if !lost_run.is_empty() {
            let _: i64 = bed
                .raw(&["HSET", &format!("~job:{id}"), "entered_run", lost_run])
                .await;
        }
        let job = bed.job(id).await;
        let pay = Outcome::new(
            "identified",
            Fate::Ready { front: false },
            Step::Pay,
            Attempts::Reset,
        );
        let seen = [(&job, Some(written(&job, pay)))];
        assert_eq!(bed.store.observe(&Errand::Packages, &seen).await.unwrap(), [true]);
        let claim = bed.take().await;
        let intent = Begin {
            guarded: true,
            ..begin(&claim.jobs[0])
        };
        let begun = bed.begin_as(&claim, intent).await;
        assert_eq!(begun, expected);
    }
}

#[tokio::test]
async fn a_look_that_was_under_way_at_a_failover_vouches_for_no_create_and_no_payment() {
    let bed = Bed::with(|settings| settings.errand_gap_ms = 0).await;
    for (look, errand, then) in [
        (Step::Find, Errand::Orders, Step::Create),
        (Step::Confirm, Errand::Packages, Step::Pay),
    ] {
        for is_because_of_it in [false, true] {
            let id = format!("{then}-{is_because_of_it}");
            bed.put(payment(&id)).await;
            let claim = bed.take().await;
            let key = format!("~job:{id}");
            let lost = ["HSET", &key, "claimed_run", "another", "entered_run", "another"];
            let _: i64 = bed.raw(&lost).await;
            let waiting = Fate::Waiting {
                errand: errand.clone(),
                delay_ms: 60_000,
                since_ms: 0,
            };
            let look_up = written(
                &claim.jobs[0],
                Outcome::new("unknown", waiting, look, Attempts::Keep),
            );
            let look_up = if is_because_of_it {
                look_up.after_failover()
            } else {
                look_up
            };
            let settled = bed.store.settle(&claim.grant, &[(id.clone(), look_up)]).await;
            assert_eq!(settled.unwrap(), [true]);
            let job = bed.job(&id).await;
            let again = Outcome::new("in-vain", Fate::Ready { front: false }, then, Attempts::Keep);
            let seen = [(&job, Some(written(&job, again)))];
            assert_eq!(bed.store.observe(&errand, &seen).await.unwrap(), [true]);
            let claim = bed.take().await;
            let intent = Begin {
                guarded: true,
                ..begin(&claim.jobs[0])
            };
            let expected = match is_because_of_it {
                true => Begun::Granted,
                false => Begun::Failover(vec![id.clone()]),
            };
            assert_eq!(bed.begin_as(&claim, intent).await, expected, "{id}");
        }
    }
}
