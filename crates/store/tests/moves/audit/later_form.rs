//! Jobs of a later form: looked at, and left to the version that wrote them.

use parceld_domain::audit::Cure;

use super::mended::{every_cure, everything};
use super::{LIMITS, audit, each_state, populated};
use crate::bed::Bed;

const LATER: &[u8] = b"2";

/// Jobs that would each have a finding, and a cure for most of them, were they of this form.
async fn odd() -> Bed {
    let bed = populated().await;
    for words in [
        &["LREM", "~lane:ship/send/-/1", "0", "ready"][..],
        &["ZREM", "~scheduled", "scheduled"],
        &["ZADD", "~running", "9999999999999", "running"],
        &["ZREM", "~watch", "package:1\twaiting"],
        &["ZADD", "~watch", "0", "package:2\twaiting"],
        &["ZREM", "~wait:packages", "waiting"],
        &["ZADD", "~wait:orders", "1", "waiting"],
        &["SREM", "~blocked:shop:9", "parked"],
        &["HSET", "~job:done", "kind", "taobao.sell"],
        &["ZADD", "~done", "1", "failed"],
        &["DEL", "~key:taobao.ship:key-failed"],
        &["HSET", "~job:cancelled", "begun", "1"],
    ] {
        let _: redis::Value = bed.raw(words).await;
    }
    bed
}

fn is_about_a_job(subject: &str) -> bool {
    subject.starts_with("job:") || subject.starts_with("key:")
}

#[tokio::test]
async fn no_job_of_a_later_form_has_a_finding() {
    let bed = odd().await;
    let ours = audit(&bed).await.findings;
    for id in each_state() {
        let subject = format!("job:{id}");
        assert!(
            ours.iter().any(|finding| finding.subject == subject),
            "{id}: {ours:#?}"
        );
        bed.spoil(id, "format", Some(LATER)).await;
    }
    let seen = audit(&bed).await;
    let named = seen
        .findings
        .iter()
        .filter(|finding| is_about_a_job(&finding.subject));
    assert_eq!(
        named.collect::<Vec<_>>(),
        Vec::<&parceld_domain::audit::Finding>::new()
    );
    assert_eq!((seen.jobs, seen.newer), (8, 8));
}

#[tokio::test]
async fn no_repair_touches_a_job_of_a_later_form() {
    let bed = odd().await;
    for id in each_state() {
        bed.spoil(id, "format", Some(LATER)).await;
    }
    let unlist = |set: &str, id: &str| Cure::Unlist {
        set: set.to_owned(),
        id: id.to_owned(),
    };
    let mut cures = every_cure();
    cures.retain(|cure| {
        use Cure::{Hint, Key, List, Shorten, Unblock, Unlist, Watch};
        matches!(
            cure,
            Hint(_) | Key(_) | List { .. } | Shorten(_) | Unblock(_) | Unlist { .. } | Watch(_)
        )
    });
    cures.extend([
        unlist("done", "failed"),
        unlist("watch", "package:2\twaiting"),
        unlist("wait:orders", "waiting"),
        Cure::CountLane("ship/send/-/1".to_owned()),
    ]);
    let _: i64 = bed.raw(&["RPUSH", "~lane:ship/send/-/1", "ready"]).await;
    let _: i64 = bed.raw(&["HINCRBY", "~ready", "ship/send/-/1", "3"]).await;
    let before = everything(&bed).await;
    for cure in cures {
        assert!(!bed.store.mend(&cure, &LIMITS).await.unwrap(), "{cure:?}");
    }
    assert_eq!(everything(&bed).await, before);
}

#[tokio::test]
async fn beside_jobs_of_a_later_form_no_counter_is_compared_with_a_recount() {
    let bed = populated().await;
    bed.spoil("ready", "format", Some(LATER)).await;
    for words in [
        &["HINCRBY", "~counts", "kind:taobao.ship", "1"][..],
        &["HINCRBY", "~counts", "done", "1"],
        &["HINCRBY", "~ready", "ship/send/-/1", "1"],
    ] {
        let _: redis::Value = bed.raw(words).await;
    }
    let seen = audit(&bed).await;
    assert_eq!(seen.findings, []);
    assert_eq!((seen.newer, seen.unsettled), (1, vec!["counts", "failed:codes"]));
    let repair = bed.store.repair(&LIMITS).await.unwrap();
    assert_eq!(repair.mended, []);
}
