//! Redis broken by hand, one thing at a time: found, by its word and what it is wrong about.

use parceld_domain::audit::Fault::{self, *};
use parceld_domain::audit::Finding;

use super::{LIMITS, each_state, findings, populated, told};

/// What the audit tells once these commands have broken what was sound; then what can be mended is, and the rest is left.
async fn breaking(commands: &[&[&str]], expected: &[(Fault, &str)]) {
    let bed = populated().await;
    for words in commands {
        let _: redis::Value = bed.raw(words).await;
    }
    let findings = findings(&bed).await;
    assert_eq!(told(&findings), expected, "{commands:?}: {findings:#?}");
    let repair = bed.store.repair(&LIMITS).await.unwrap();
    let is_left = |finding: &&Finding| finding.cure.is_none() && finding.fault != CountWrong;
    let incurable: Vec<Finding> = findings.iter().filter(is_left).cloned().collect();
    assert_eq!(
        told(&repair.left.findings),
        told(&incurable),
        "{commands:?}: {repair:#?}"
    );
    let curable = findings.iter().filter(|finding| finding.cure.is_some());
    let mended = told(&repair.mended);
    for finding in curable.filter(|finding| finding.fault != CountWrong) {
        let told = (finding.fault, finding.subject.as_str());
        assert!(mended.contains(&told), "{commands:?}: {repair:#?}");
    }
}

#[tokio::test]
async fn a_job_that_is_not_in_the_set_of_its_state_is_found() {
    for state in each_state().filter(|state| *state != "ready") {
        let set = format!("~{state}");
        let (subject, count) = (format!("job:{state}"), format!("count:{state}"));
        let mut expected = vec![
            (StateUnlisted, subject.as_str()),
            (CountWrong, &count),
            (CountWrong, "count:ready"),
        ];
        if state == "failed" {
            expected.push((CountWrong, "count:failed:codes:*"));
        }
        expected.sort_unstable();
        breaking(&[&["ZREM", &set, state]], &expected).await;
    }
}

#[tokio::test]
async fn a_job_in_a_second_set_is_found() {
    breaking(
        &[&["ZADD", "~done", "5", "ready"]],
        &[
            (StateDoubled, "job:ready"),
            (CountWrong, "count:done"),
            (CountWrong, "count:ready"),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_ready_job_without_a_hint_is_found() {
    let lane = "~lane:ship/send/-/1";
    breaking(
        &[&["LREM", lane, "0", "ready"]],
        &[(LaneUnlisted, "job:ready"), (CountWrong, "lane:ship/send/-/1")],
    )
    .await;
}

#[tokio::test]
async fn a_lane_that_no_ring_holds_and_one_that_stands_twice_are_found() {
    let (ring, lane) = ("~ring:ship", "ship/send/-/1");
    let lost = [(LaneLost, "lane:ship/send/-/1")];
    breaking(&[&["LREM", ring, "0", lane]], &lost).await;
    breaking(&[&["RPUSH", ring, lane]], &lost).await;
    breaking(&[&["DEL", ring], &["HDEL", "~lanes", lane]], &lost).await;
    breaking(&[&["DEL", ring], &["HSET", "~lanes", lane, "shop:9"]], &lost).await;
}

#[tokio::test]
async fn ids_without_a_job_and_a_job_without_a_listing_are_found() {
    breaking(
        &[&["DEL", "~job:done"]],
        &[
            (JobMissing, "job:done"),
            (JobMissing, "job:done"),
            (KeyElsewhere, "key:taobao.ship:key-done"),
            (CountWrong, "count:counts:kind:taobao.ship"),
        ],
    )
    .await;
    breaking(
        &[&["ZREM", "~jobs", "done"]],
        &[
            (JobUnlisted, "job:done"),
            (CountWrong, "count:counts:kind:taobao.ship"),
            (CountWrong, "count:kind:*"),
            (CountWrong, "count:ready"),
        ],
    )
    .await;
    breaking(
        &[&["ZADD", "~running", "1", "nobody"]],
        &[
            (JobMissing, "job:nobody"),
            (CountWrong, "count:ready"),
            (CountWrong, "count:running"),
        ],
    )
    .await;
}

#[tokio::test]
async fn leases_that_nobody_holds_reclaims_or_ends_are_found() {
    let lease = |fault: Fault| [(fault, "job:running")];
    breaking(&[&["HDEL", "~job:running", "fence"]], &lease(LeaseUnheld)).await;
    breaking(&[&["ZADD", "~running", "1", "running"]], &lease(LeaseOverdue)).await;
    breaking(
        &[&["ZADD", "~running", "99999999999999", "running"]],
        &lease(LeaseEndless),
    )
    .await;
}

#[tokio::test]
async fn intents_that_are_left_old_or_unreadable_are_found() {
    let (running, ready) = ("~job:running", "~job:ready");
    breaking(&[&["HSET", ready, "begun", "1"]], &[(IntentLeft, "job:ready")]).await;
    breaking(
        &[&["HSET", running, "begun_ms", "1"]],
        &[(IntentUnsettled, "job:running")],
    )
    .await;
    breaking(
        &[&["HDEL", running, "on_death"]],
        &[(IntentUnreadable, "job:running")],
    )
    .await;
}

#[tokio::test]
async fn work_that_is_due_for_long_is_found() {
    for state in ["scheduled", "waiting"] {
        let subject = format!("job:{state}");
        breaking(
            &[&["ZADD", &format!("~{state}"), "1", state]],
            &[(DueOverdue, &subject)],
        )
        .await;
    }
    breaking(
        &[&["ZADD", "~errands", "1", "packages"]],
        &[(DueOverdue, "errand:packages")],
    )
    .await;
}

#[tokio::test]
async fn a_waiting_job_that_nothing_leads_to_is_found() {
    let waiting = "job:waiting";
    breaking(
        &[&["ZREM", "~wait:packages", "waiting"]],
        &[(WaitUnlisted, waiting)],
    )
    .await;
    breaking(
        &[&["ZREM", "~watch", "package:1\twaiting"]],
        &[(WatchLost, waiting)],
    )
    .await;
    breaking(
        &[&["HDEL", "~job:waiting", "watch"], &["DEL", "~watch"]],
        &[(WatchNone, waiting)],
    )
    .await;
    breaking(
        &[&["ZADD", "~watch", "0", "sn:1\tready"]],
        &[(WatchLost, "job:ready")],
    )
    .await;
    breaking(
        &[&["ZADD", "~wait:orders", "1", "waiting"]],
        &[(StateDoubled, waiting)],
    )
    .await;
}

#[tokio::test]
async fn an_errand_that_nobody_continues_is_found() {
    let stuck = [(ErrandStuck, "errand:orders")];
    breaking(&[&["HSET", "~errand:orders", "page", "3"]], &stuck).await;
    breaking(&[&["ZADD", "~errands", "99999999999999", "orders"]], &stuck).await;
}

#[tokio::test]
async fn a_parked_job_or_scope_that_would_never_go_on_is_found() {
    let lost = (ParkedLost, "job:parked");
    breaking(
        &[&["SREM", "~blocked:shop:9", "parked"]],
        &[lost, (CountWrong, "scope:shop:9")],
    )
    .await;
    breaking(
        &[&["DEL", "~scope:shop:9"]],
        &[lost, (ScopeUnprobed, "scope:shop:9")],
    )
    .await;
    let scope = [(ScopeUnprobed, "scope:shop:9")];
    breaking(&[&["ZREM", "~errands", "probe:shop:9"]], &scope).await;
    breaking(&[&["SREM", "~scopes", "shop:9"]], &scope).await;
    breaking(
        &[&["HINCRBY", "~scope:shop:9", "jobs", "2"]],
        &[(CountWrong, "scope:shop:9")],
    )
    .await;
}

#[tokio::test]
async fn a_key_that_leads_nowhere_or_astray_is_found() {
    let (name, ready) = ("~key:taobao.ship:key-ready", "job:ready");
    breaking(&[&["DEL", name]], &[(KeyLost, ready)]).await;
    breaking(&[&["PEXPIRE", name, "60000"]], &[(KeyLost, ready)]).await;
    breaking(
        &[&["SET", name, "done"]],
        &[(KeyElsewhere, ready), (KeyElsewhere, "key:taobao.ship:key-ready")],
    )
    .await;
    breaking(
        &[&["SET", "~key:gift.order:G", "nobody"]],
        &[(KeyElsewhere, "key:gift.order:G")],
    )
    .await;
}

#[tokio::test]
async fn a_job_that_no_worker_could_read_is_found() {
    for (field, value) in [
        ("kind", "x"),
        ("step", "pay"),
        ("payload", "{"),
        ("version", "old"),
        ("lane", "x"),
    ] {
        let bed = populated().await;
        let _: redis::Value = bed.raw(&["HSET", "~job:done", field, value]).await;
        let findings = findings(&bed).await;
        assert!(
            told(&findings).contains(&(JobUnreadable, "job:done")),
            "{field}: {findings:#?}"
        );
    }
    let bed = populated().await;
    let _: redis::Value = bed.raw(&["HSET", "~job:done", "state", "asleep"]).await;
    assert!(told(&findings(&bed).await).contains(&(JobUnreadable, "job:done")));
}

#[tokio::test]
async fn every_counter_that_is_off_is_found() {
    let counts = "~counts";
    breaking(
        &[&["HINCRBY", counts, "done", "1"]],
        &[(CountWrong, "count:done")],
    )
    .await;
    breaking(
        &[&["HINCRBY", counts, "kind:taobao.ship", "-1"]],
        &[
            (CountWrong, "count:counts:kind:taobao.ship"),
            (CountWrong, "count:kind:*"),
        ],
    )
    .await;
    breaking(
        &[&["HINCRBY", "~failed:codes", "614 taobao.ship", "1"]],
        &[
            (CountWrong, "count:failed:codes:*"),
            (CountWrong, "count:failed:codes:614 taobao.ship"),
        ],
    )
    .await;
    breaking(
        &[&["HINCRBY", "~ready", "ship/send/-/1", "1"]],
        &[(CountWrong, "count:ready:*"), (CountWrong, "lane:ship/send/-/1")],
    )
    .await;
}

#[tokio::test]
async fn slots_out_of_order_are_found() {
    breaking(
        &[&["HSET", "~bucket", "log", "100,200,50"]],
        &[(BucketDisordered, "bucket")],
    )
    .await;
}
