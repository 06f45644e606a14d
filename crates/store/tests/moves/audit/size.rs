//! Many jobs: looked at in pieces, and what a long lane hides is found.

use parceld_domain::audit::{Cure, Fault};

use super::{LIMITS, audit, populated, told};
use crate::bed::Bed;

const MANY: usize = 20_000;
const LANE: &str = "ship/send/-/1";

/// Ready shipments without keys, put in with bare commands.
async fn many(bed: &Bed, jobs: usize) {
    let payload = r#"{"shop_id":"1","tid":"1","out_sid":"YT1","company_code":"YTO"}"#;
    let words = |words: &[&str]| {
        words
            .iter()
            .map(|word| (*word).to_owned())
            .collect::<Vec<String>>()
    };
    let jobs_of = (0..jobs).flat_map(|number| {
        let (id, score) = (format!("j{number:06}"), (1_800_000_000_000 + number).to_string());
        let hash = [
            "HSET",
            &format!("~job:{id}"),
            "kind",
            "taobao.ship",
            "key",
            "",
            "state",
            "ready",
            "step",
            "send",
            "version",
            "1",
            "attempts",
            "0",
            "created_ms",
            &score,
            "units",
            "1",
            "lane",
            LANE,
            "payload",
            payload,
        ];
        let lane = format!("~lane:{LANE}");
        [
            words(&hash),
            words(&["ZADD", "~jobs", &score, &id]),
            words(&["RPUSH", &lane, &id]),
        ]
    });
    bed.bare(jobs_of).await;
    let count = jobs.to_string();
    let counts = [
        "HSET",
        "~counts",
        "ready",
        &count,
        "kind:taobao.ship",
        &count,
        "accepted_total",
        &count,
    ];
    let rest = [
        words(&counts),
        words(&["HSET", "~ready", LANE, &count]),
        words(&["HSET", "~lanes", LANE, "ring"]),
        words(&["RPUSH", "~ring:ship", LANE]),
    ];
    bed.bare(rest).await;
}

#[tokio::test]
async fn one_lost_hint_among_twenty_thousand_is_found_and_nothing_else() {
    let bed = Bed::new().await;
    many(&bed, MANY).await;
    let sound = audit(&bed).await;
    assert_eq!(
        (sound.jobs, sound.lanes, sound.findings),
        (MANY as u64, 1, Vec::new())
    );
    let _: i64 = bed.raw(&["LREM", &format!("~lane:{LANE}"), "0", "j012345"]).await;
    assert_eq!(
        told(&audit(&bed).await.findings),
        [(Fault::LaneUnlisted, "job:j012345")]
    );
}

#[tokio::test]
async fn of_more_findings_than_are_kept_the_worst_are_kept_and_the_rest_counted() {
    let bed = Bed::new().await;
    many(&bed, 1_200).await;
    let _: i64 = bed.raw(&["DEL", &format!("~lane:{LANE}")]).await;
    // Met last, because no list names it.
    let _: i64 = bed.raw(&["HSET", "~job:unlisted", "state", "asleep"]).await;
    let audit = audit(&bed).await;
    assert_eq!(audit.findings.len(), parceld_store::FINDINGS_MAX);
    // Besides: the count of the lane, and what cannot be read of the last one.
    assert_eq!(audit.left_out, 200 + 1 + 2);
    let unlisted = "job:unlisted";
    let worst = [(Fault::JobUnreadable, unlisted), (Fault::JobUnlisted, unlisted)];
    assert_eq!(told(&audit.findings)[..2], worst);
}

#[tokio::test]
async fn a_hint_that_a_lane_too_long_to_search_may_hide_is_told_once_the_lane_is_shorter() {
    const SEARCHED_MAX: usize = 50_000;
    let bed = populated().await;
    let lane = format!("~lane:{LANE}");
    let _: i64 = bed.raw(&["DEL", &lane]).await;
    for _ in 0..SEARCHED_MAX / 1_000 {
        let mut push = vec!["RPUSH", &lane];
        push.resize(2 + 1_000, "stale");
        let _: i64 = bed.raw(&push).await;
    }
    let _: i64 = bed.raw(&["RPUSH", &lane, "stale"]).await;
    let hint = Cure::Hint("ready".to_owned());
    let too_long = audit(&bed).await;
    assert_eq!(
        (told(&too_long.findings), too_long.unsettled),
        (vec![], vec!["lanes"])
    );
    assert!(!bed.store.mend(&hint, &LIMITS).await.unwrap());
    let _: String = bed.raw(&["LPOP", &lane]).await;
    let shorter = audit(&bed).await;
    let lost = (Fault::LaneUnlisted, "job:ready");
    assert_eq!((told(&shorter.findings), shorter.unsettled), (vec![lost], vec![]));
    assert!(bed.store.mend(&hint, &LIMITS).await.unwrap());
}

#[tokio::test]
async fn more_ready_jobs_than_one_search_may_look_for_are_each_looked_for() {
    let bed = Bed::new().await;
    many(&bed, 10).await;
    let lane = format!("~lane:{LANE}");
    let _: i64 = bed.raw(&["DEL", &lane]).await;
    for _ in 0..20 {
        let mut push = vec!["RPUSH", &lane];
        push.resize(2 + 1_000, "stale");
        let _: i64 = bed.raw(&push).await;
    }
    let seen = audit(&bed).await;
    let lost = seen
        .findings
        .iter()
        .filter(|finding| finding.fault == Fault::LaneUnlisted);
    assert_eq!((lost.count(), seen.unsettled.len()), (10, 0));
}
