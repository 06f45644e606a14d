//! claim.lua: slots are shared by weight among classes, by turns among lanes.

use std::collections::BTreeMap;

use parceld_domain::class::Class;
use parceld_domain::errand::Errand;
use parceld_domain::outcome::Fate;
use parceld_store::{Claimed, NewJob};

use crate::bed::{Bed, ids, payment, sync, taobao};

#[tokio::test]
async fn lanes_of_a_class_take_turns() {
    let bed = Bed::new().await;
    for n in 0..6 {
        bed.put(taobao(&format!("big-{n}"), "big")).await;
    }
    for n in 0..2 {
        bed.put(taobao(&format!("small-{n}"), "small")).await;
    }
    let mut order = Vec::new();
    for _ in 0..5 {
        order.push(ids(&bed.take().await)[0].to_owned());
    }
    assert_eq!(order, ["big-0", "small-0", "big-1", "small-1", "big-2"]);
}

#[tokio::test]
async fn classes_share_four_hundred_slots_by_their_weights() {
    let bed = Bed::with(|settings| settings.batch_units = Vec::new()).await;
    let mut jobs: Vec<NewJob> = Vec::new();
    for n in 0..300 {
        jobs.push(payment(&format!("p{n}")));
        jobs.push(taobao(&format!("t{n}"), "1"));
        jobs.push(sync(&format!("s{n}"), "o", 1));
    }
    bed.store.enqueue_many(&jobs).await.unwrap();
    let mut share: BTreeMap<Class, i32> = BTreeMap::new();
    for _ in 0..400 {
        *share.entry(bed.take().await.lane.class).or_default() += 1;
    }
    // 16 : 8 : 2 of 400.
    for (class, due) in [(Class::Pay, 246), (Class::Ship, 123), (Class::Sync, 31)] {
        assert!(
            (share[&class] - due).abs() <= 3,
            "{class}: {} instead of {due}",
            share[&class]
        );
    }
}

#[tokio::test]
async fn slots_that_a_class_cannot_use_go_to_the_others() {
    let bed = Bed::with(|settings| settings.batch_units = Vec::new()).await;
    bed.put(payment("p")).await;
    let jobs: Vec<NewJob> = (0..20).map(|n| sync(&format!("s{n}"), "o", 1)).collect();
    bed.store.enqueue_many(&jobs).await.unwrap();
    for _ in 0..21 {
        bed.take().await;
    }
    // A class that was idle for long has saved nothing up: it gets its share from now on, not all slots.
    let jobs: Vec<NewJob> = (0..20).map(|n| payment(&format!("q{n}"))).collect();
    bed.store.enqueue_many(&jobs).await.unwrap();
    let jobs: Vec<NewJob> = (20..40).map(|n| sync(&format!("s{n}"), "o", 1)).collect();
    bed.store.enqueue_many(&jobs).await.unwrap();
    let mut syncs = 0;
    for _ in 0..18 {
        syncs += i32::from(bed.take().await.lane.class == Class::Sync);
    }
    assert!((1..=3).contains(&syncs), "{syncs} of 18");
}

#[tokio::test]
async fn errands_and_lanes_of_a_class_take_turns() {
    let bed = Bed::with(|settings| settings.errand_gap_ms = 0).await;
    let fate = Fate::Waiting {
        errand: Errand::Orders,
        delay_ms: 0,
        since_ms: 1,
    };
    bed.bring(payment("w"), fate).await;
    let verify = |id: &str| {
        let mut job = taobao(id, "1");
        job.lane.class = Class::Reconcile;
        job
    };
    for n in 0..4 {
        bed.put(verify(&format!("v{n}"))).await;
    }
    let mut order = Vec::new();
    for page in 2..6 {
        match bed.ask().await {
            Some(Claimed::Jobs(_)) => order.push("lane"),
            Some(Claimed::Errand(claim)) => {
                order.push("errand");
                let turn = parceld_store::Turn::Page(page);
                assert!(
                    bed.store
                        .turn_page(&claim.grant, &claim.errand, &turn, false, "")
                        .await
                        .unwrap()
                );
            }
            other => panic!("{other:?}"),
        }
    }
    order.sort_unstable();
    assert_eq!(order, ["errand", "errand", "lane", "lane"]);
}
