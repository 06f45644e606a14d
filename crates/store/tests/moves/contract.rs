//! The keys that people and programs outside read, as the contract names them.

use std::collections::HashMap;

use parceld_domain::errand::Errand;
use parceld_domain::outcome::Fate;
use parceld_domain::scope::Scope;
use parceld_store::NewJob;

use crate::bed::{Bed, error, failed, payment, taobao, to};

/// One job in every state.
async fn populated() -> Bed {
    let bed = Bed::new().await;
    bed.bring(taobao("failed", "1"), failed(614)).await;
    bed.bring(taobao("done", "1"), Fate::Done).await;
    let shop = Fate::Parked {
        scope: Scope::Shop("9".to_owned()),
        error: error(302, "店铺未授权"),
        link: Some("https://authorise".to_owned()),
        need: None,
    };
    bed.bring(taobao("parked", "1"), shop).await;
    let fate = Fate::Waiting {
        errand: Errand::Packages,
        delay_ms: 60_000,
        since_ms: 1,
    };
    bed.bring(payment("waiting"), fate).await;
    bed.put(taobao("running", "1")).await;
    bed.take().await;
    let later = bed.now_ms().await + 60_000;
    bed.put(NewJob {
        due_ms: Some(later),
        ..taobao("scheduled", "1")
    })
    .await;
    bed.put(taobao("cancelled", "1")).await;
    let job = bed.job("cancelled").await;
    bed.store
        .operate(&[(&job, to(&job, Fate::Cancelled))])
        .await
        .unwrap();
    bed.put(taobao("ready", "1")).await;
    let _: i64 = bed.raw(&["LPUSH", "~inbox", "bad", "next"]).await;
    bed.store
        .inbox_reject(&b"bad".to_vec(), "not JSON")
        .await
        .unwrap();
    bed
}

#[tokio::test]
async fn every_key_has_the_type_that_the_contract_gives_it() {
    let bed = populated().await;
    let types = [
        ("hash", "job:failed"),
        ("hash", "failed:codes"),
        ("hash", "scope:shop:9"),
        ("zset", "failed"),
        ("zset", "done"),
        ("zset", "cancelled"),
        ("zset", "scheduled"),
        ("zset", "running"),
        ("zset", "waiting"),
        ("zset", "parked"),
        ("string", "key:taobao.ship:key-failed"),
        ("string", "HELP"),
        ("list", "history:failed"),
        ("list", "inbox"),
        ("list", "rejected"),
        ("stream", "events"),
    ];
    for (wanted, name) in types {
        let found: String = bed.raw(&["TYPE", &format!("~{name}")]).await;
        assert_eq!(found, wanted, "{name}");
    }
}

#[tokio::test]
async fn each_job_is_a_member_of_the_set_of_its_state_with_a_score_in_milliseconds() {
    let bed = populated().await;
    let now_ms = bed.now_ms().await;
    for state in [
        "failed",
        "done",
        "cancelled",
        "scheduled",
        "running",
        "waiting",
        "parked",
    ] {
        let members: Vec<(String, u64)> = bed
            .raw(&["ZRANGE", &format!("~{state}"), "0", "-1", "WITHSCORES"])
            .await;
        assert_eq!(members.len(), 1, "{state}");
        assert_eq!(members[0].0, state);
        assert!(
            members[0].1.abs_diff(now_ms) < 120_000,
            "{state}: {}",
            members[0].1
        );
        assert_eq!(bed.state(state).await, state);
        assert_eq!(bed.count(state).await, 1, "{state}");
    }
}

#[tokio::test]
async fn a_jobs_hash_has_the_fields_of_the_contract_and_times_of_china() {
    let bed = populated().await;
    let failed: HashMap<String, String> = bed.raw(&["HGETALL", "~job:failed"]).await;
    let fields = [
        "kind",
        "key",
        "state",
        "step",
        "attempts",
        "created_at",
        "updated_at",
        "payload",
        "code",
        "msg",
        "class",
        "advice",
    ];
    for field in fields {
        assert!(failed.contains_key(field), "{field}");
    }
    for time in ["created_at", "updated_at"] {
        let time = &failed[time];
        assert_eq!(
            (time.len(), &time[10..11], &time[23..]),
            (29, "T", "+08:00"),
            "{time}"
        );
    }
    assert!(bed.field("scheduled", "run_at").await.is_some());
    assert_eq!(bed.field("parked", "scope").await.as_deref(), Some("shop:9"));
}

#[tokio::test]
async fn times_are_those_of_the_calendar() {
    let bed = Bed::new().await;
    // A year that has begun in China only; a leap day; a century that is no leap year, and one that is.
    let table = [
        (4_102_416_000_001, "2100-01-01T00:00:00.001+08:00"),
        (3_981_311_999_000, "2096-02-29T07:59:59.000+08:00"),
        (4_107_513_599_999, "2100-02-28T23:59:59.999+08:00"),
        (4_107_513_600_000, "2100-03-01T00:00:00.000+08:00"),
        (13_574_534_400_000, "2400-02-29T00:00:00.000+08:00"),
    ];
    for (ms, wanted) in table {
        let id = ms.to_string();
        bed.put(NewJob {
            due_ms: Some(ms),
            ..taobao(&id, "1")
        })
        .await;
        assert_eq!(bed.field(&id, "run_at").await.as_deref(), Some(wanted));
    }
}

#[tokio::test]
async fn a_parked_scope_tells_why_since_when_and_where_to_authorise() {
    let bed = populated().await;
    let scope: HashMap<String, String> = bed.raw(&["HGETALL", "~scope:shop:9"]).await;
    assert_eq!(
        (
            scope["reason"].as_str(),
            scope["link"].as_str(),
            scope["jobs"].as_str()
        ),
        ("店铺未授权", "https://authorise", "1")
    );
    for time in ["since", "next_probe"] {
        assert!(scope[time].ends_with("+08:00"), "{}", scope[time]);
    }
}

#[tokio::test]
async fn an_erp_hears_of_every_end_parking_and_resumption() {
    let bed = populated().await;
    bed.store.resume(&Scope::Shop("9".to_owned())).await.unwrap();
    let entries: Vec<(String, HashMap<String, String>)> = bed.raw(&["XRANGE", "~events", "-", "+"]).await;
    let told: Vec<_> = entries
        .iter()
        .map(|(_, entry)| (entry["event"].as_str(), entry["id"].as_str()))
        .collect();
    let wanted = [
        ("failed", "failed"),
        ("done", "done"),
        ("parked", ""),
        ("parked", "parked"),
        ("cancelled", "cancelled"),
        ("resumed", ""),
        ("resumed", "parked"),
    ];
    assert_eq!(told, wanted);
    let failed = &entries[0].1;
    assert_eq!(
        (
            failed["code"].as_str(),
            failed["kind"].as_str(),
            failed["key"].as_str()
        ),
        ("614", "taobao.ship", "key-failed")
    );
}

#[tokio::test]
async fn nothing_that_moves_count_has_a_time_to_live() {
    let bed = populated().await;
    let keys: Vec<String> = bed.raw(&["KEYS", "~*"]).await;
    assert!(keys.len() > 20);
    for key in keys {
        let ttl: i64 = bed.raw(&["TTL", &key]).await;
        // A claim's answer is kept for the time of its lease only, and is counted nowhere.
        assert_eq!(ttl == -1, !key.contains(":claim:"), "{key}: {ttl}");
    }
}
