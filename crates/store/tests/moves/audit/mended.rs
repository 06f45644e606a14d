//! A repair looks again: what is right, or moved meanwhile, is not touched.

use std::collections::BTreeMap;

use parceld_domain::audit::{Cure, Fault, Limits};
use parceld_domain::errand::Errand;
use parceld_store::Turn;
use redis::Value;

use super::{LIMITS, each_state, findings, populated, ship};
use crate::bed::Bed;

/// Everything that stands in the namespace, in one form.
pub(super) async fn everything(bed: &Bed) -> BTreeMap<String, String> {
    let keys: Vec<String> = bed.raw(&["KEYS", "~*"]).await;
    let mut found = BTreeMap::new();
    for key in keys {
        let kind: String = bed.raw(&["TYPE", &key]).await;
        let value = if kind == "hash" {
            // A hash that grows is moved bit by bit, and shows its fields in another order meanwhile.
            let fields: BTreeMap<String, String> = bed.raw(&["HGETALL", &key]).await;
            format!("{fields:?}")
        } else {
            let value: Value = bed.raw(&["DUMP", &key]).await;
            format!("{value:?}")
        };
        found.insert(key, value);
    }
    found
}

pub(super) fn every_cure() -> Vec<Cure> {
    let lane = "ship/send/-/1".to_owned();
    let mut cures = vec![
        Cure::CountStates,
        Cure::CountLane(lane.clone()),
        Cure::CountScope("shop:9".to_owned()),
        Cure::Place(lane),
        Cure::Place("nonsense".to_owned()),
        Cure::Probe("shop:9".to_owned()),
        Cure::Probe("account".to_owned()),
        Cure::Turn("packages".to_owned()),
        Cure::Turn("probe:shop:9".to_owned()),
        Cure::Unlist {
            set: "watch".to_owned(),
            id: "package:1\twaiting".to_owned(),
        },
        Cure::Unlist {
            set: "wait:packages".to_owned(),
            id: "waiting".to_owned(),
        },
    ];
    for id in each_state().chain(["nobody"]) {
        let id = id.to_owned();
        for set in [id.as_str(), "jobs"] {
            cures.push(Cure::Unlist {
                set: set.to_owned(),
                id: id.clone(),
            });
        }
        cures.extend([
            Cure::List {
                id: id.clone(),
                score_ms: 1,
            },
            Cure::Hint(id.clone()),
            Cure::Shorten(id.clone()),
            Cure::Watch(id.clone()),
            Cure::Unblock(id.clone()),
            Cure::Key(id),
        ]);
    }
    cures
}

#[tokio::test]
async fn no_repair_touches_what_is_right() {
    let bed = populated().await;
    let before = everything(&bed).await;
    for cure in every_cure() {
        assert!(!bed.store.mend(&cure, &LIMITS).await.unwrap(), "{cure:?}");
    }
    let after = everything(&bed).await;
    let keys = before.keys().chain(after.keys());
    let changed: Vec<&String> = keys.filter(|key| before.get(*key) != after.get(*key)).collect();
    assert!(changed.is_empty(), "{changed:?}");
}

#[tokio::test]
async fn a_recount_is_not_written_once_work_has_gone_on() {
    let bed = populated().await;
    let _: i64 = bed.raw(&["HINCRBY", "~counts", "kind:taobao.ship", "5"]).await;
    let stale = findings(&bed).await;
    bed.put(ship("newer")).await;
    for finding in stale {
        let Some(cure @ Cure::Recount { .. }) = finding.cure else {
            continue;
        };
        assert!(!bed.store.mend(&cure, &LIMITS).await.unwrap(), "{cure:?}");
    }
    assert_eq!(bed.count("kind:taobao.ship").await, 7 + 5 + 1);
    let repair = bed.store.repair(&LIMITS).await.unwrap();
    assert_eq!(repair.left.findings, []);
    assert_eq!(bed.count("kind:taobao.ship").await, 7 + 1);
}

#[tokio::test]
async fn mended_jobs_go_on_where_they_stood() {
    let bed = populated().await;
    let _: i64 = bed.raw(&["DEL", "~lane:ship/send/-/1"]).await;
    let _: i64 = bed.raw(&["DEL", "~ring:ship"]).await;
    let _: i64 = bed.raw(&["ZREM", "~running", "running"]).await;
    let _: i64 = bed.raw(&["DEL", "~scope:shop:9"]).await;
    let now_ms = bed.now_ms().await;
    assert_eq!(bed.store.repair(&LIMITS).await.unwrap().left.findings, []);
    let lease_until_ms: u64 = bed.raw(&["ZSCORE", "~running", "running"]).await;
    assert!(lease_until_ms >= now_ms + LIMITS.lease_ms, "{lease_until_ms}");
    bed.lose_lease("running").await;
    let mut taken = Vec::new();
    for _ in 0..3 {
        taken.push(bed.take().await.jobs[0].id.clone());
    }
    taken.sort();
    assert_eq!(taken, ["parked", "ready", "running"]);
}

#[tokio::test]
async fn a_lease_that_another_worker_keeps_for_an_hour_is_not_shortened() {
    let bed = populated().await;
    let far = (bed.now_ms().await + Limits::AHEAD_MAX_MS).to_string();
    let _: i64 = bed.raw(&["ZADD", "~running", &far, "running"]).await;
    assert!(
        !bed.store
            .mend(&Cure::Shorten("running".to_owned()), &LIMITS)
            .await
            .unwrap()
    );
    assert_eq!(bed.store.repair(&LIMITS).await.unwrap().mended, []);
}

/// Whether the pass that is under way may say at its end that it looked for the waiting job in vain, once what these
/// commands broke amid it was mended.
async fn is_looked_for_after(broken: &[&[&str]]) -> bool {
    let bed = populated().await;
    let _: i64 = bed.raw(&["ZADD", "~waiting", "1", "waiting"]).await;
    let first = bed.errand().await;
    assert_eq!((&first.errand, first.page), (&Errand::Packages, 1));
    let turned = bed
        .store
        .turn_page(&first.grant, &first.errand, &Turn::Page(2), false, "");
    assert!(turned.await.unwrap());
    for words in broken {
        let _: i64 = bed.raw(words).await;
    }
    let repair = bed.store.repair(&LIMITS).await.unwrap();
    assert_eq!(repair.left.findings, []);
    assert_eq!(repair.mended.is_empty(), broken.is_empty());
    let watch = Cure::Watch("waiting".to_owned());
    assert!(!bed.store.mend(&watch, &LIMITS).await.unwrap());
    bed.store.unmet_count(&Errand::Packages).await.unwrap() == 1
}

#[tokio::test]
async fn a_pass_under_way_proves_nothing_about_a_job_that_it_could_not_find_before_the_repair() {
    assert!(is_looked_for_after(&[]).await);
    assert!(!is_looked_for_after(&[&["DEL", "~watch"]]).await);
    assert!(!is_looked_for_after(&[&["ZREM", "~wait:packages", "waiting"]]).await);
}

#[tokio::test]
async fn the_next_pass_looks_for_a_job_that_was_mended_between_two() {
    let bed = populated().await;
    let _: i64 = bed.raw(&["DEL", "~watch"]).await;
    let _: i64 = bed.raw(&["ZREM", "~wait:packages", "waiting"]).await;
    assert_eq!(bed.store.repair(&LIMITS).await.unwrap().left.findings, []);
    assert_eq!(bed.store.unmet_count(&Errand::Packages).await.unwrap(), 1);
}

#[tokio::test]
async fn nothing_goes_into_a_ring_that_no_claim_could_serve() {
    const UNKNOWN: &str = "ship/nowhere/-/1";
    let bed = populated().await;
    bed.spoil("ready", "lane", Some(UNKNOWN.as_bytes())).await;
    let _: i64 = bed.raw(&["DEL", "~lane:ship/send/-/1"]).await;
    let _: i64 = bed.raw(&["RPUSH", &format!("~lane:{UNKNOWN}"), "stale"]).await;
    let found = findings(&bed).await;
    let lost = |fault| found.iter().find(|finding| finding.fault == fault);
    for fault in [Fault::LaneLost, Fault::LaneUnlisted] {
        assert_eq!(lost(fault).map(|finding| &finding.cure), Some(&None), "{fault:?}");
    }
    let before = everything(&bed).await;
    for cure in [Cure::Place(UNKNOWN.to_owned()), Cure::Hint("ready".to_owned())] {
        assert!(!bed.store.mend(&cure, &LIMITS).await.unwrap(), "{cure:?}");
    }
    assert_eq!(everything(&bed).await, before);
}
