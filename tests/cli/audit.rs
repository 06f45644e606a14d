//! `parceld audit`: silent when all is right, exact when it is not.

use std::fs;
use std::path::Path;

use parceld_domain::audit::Fault;
use parceld_test_support::{Persistence, PrivateRedis};
use serde_json::json;

use crate::bed::{Bed, gift, ship, text};

#[tokio::test]
async fn a_sound_redis_is_audited_with_0() {
    let bed = Bed::new().await;
    bed.enqueue(&[ship("A", "YT1"), gift("B")]).await;
    let ran = bed.run(&["audit"]).await;
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (0, "audit: 2 jobs looked at, no finding\n")
    );
    // The Redis of these tests may keep nothing on disk, of which every command warns.
    let told: Vec<&str> = ran.stderr.lines().collect();
    assert!(told.iter().all(|line| line.contains("append-only")), "{told:?}");
    let document = bed.json(&["audit"]).await;
    let expected = json!({
        "looked_at": {"jobs": 2, "newer": 0, "keys": 2, "lanes": 2, "scopes": 0, "errands": 0},
        "findings": [], "repaired": [], "left_out": 0, "unsettled": [],
    });
    assert_eq!(document, expected);
}

#[tokio::test]
async fn a_finding_ends_with_1_and_says_what_why_and_what_to_do() {
    let redis = PrivateRedis::start(Persistence::Always).await;
    let bed = Bed::at(&redis.url(), "broken");
    let id = text(&bed.enqueue(&[ship("A", "YT1")]).await[0], "id");
    redis.command(&["DEL", "broken:key:taobao.ship:A"]);
    let ran = bed.run(&["-o", "json", "audit"]).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("the audit has 1 finding;"), "{}", ran.stderr);
    let expected = json!([{
        "code": "key-lost", "subject": format!("job:{id}"), "detail": "its key leads to nothing",
        "why": Fault::KeyLost.why(), "advice": Fault::KeyLost.advice(), "repairable": true,
    }]);
    assert_eq!(ran.document()["findings"], expected);
    let table = bed.run(&["audit"]).await;
    assert_eq!(table.code, 1);
    assert!(
        table
            .stdout
            .starts_with("audit: 1 jobs looked at, 1 finding\n\nFINDING "),
        "{}",
        table.stdout
    );
    assert!(table.stdout.contains("key-lost"), "{}", table.stdout);
}

#[tokio::test]
async fn a_repair_says_what_it_mended_and_what_it_left() {
    let redis = PrivateRedis::start(Persistence::Always).await;
    let bed = Bed::at(&redis.url(), "broken");
    let id = text(&bed.enqueue(&[ship("A", "YT1")]).await[0], "id");
    redis.command(&["HINCRBY", "broken:counts", "done", "3"]);
    let dry = bed.run(&["audit"]).await;
    assert_eq!(dry.code, 1);
    assert_eq!(redis.command(&["HGET", "broken:counts", "done"]), "3");
    let ran = bed.run(&["audit", "--repair"]).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.stdout
            .starts_with("audit: 1 jobs looked at, 1 finding repaired, no finding\n\nREPAIRED "),
        "{}",
        ran.stdout
    );
    assert_eq!(bed.json(&["audit"]).await["findings"], json!([]));
    redis.command(&["DEL", "broken:key:taobao.ship:A"]);
    redis.command(&["HSET", &format!("broken:job:{id}"), "begun", "1"]);
    let ran = bed.run(&["-o", "json", "audit", "--repair"]).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    let document = ran.document();
    assert_eq!(document["repaired"][0]["code"], "key-lost");
    assert_eq!(document["findings"][0]["code"], "intent-left");
    assert_eq!(document["findings"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn jobs_of_a_later_version_are_named_as_such_and_not_as_broken() {
    let redis = PrivateRedis::start(Persistence::Always).await;
    let bed = Bed::at(&redis.url(), "later");
    let id = text(&bed.enqueue(&[ship("A", "YT1")]).await[0], "id");
    redis.command(&[
        "HSET",
        &format!("later:job:{id}"),
        "format",
        "2",
        "state",
        "asleep",
    ]);
    let ran = bed.run(&["audit", "--repair"]).await;
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (0, "audit: 1 jobs looked at, no finding\n")
    );
    assert!(
        ran.stderr
            .contains("of 1 jobs a later version of parceld has written 1: they were left to it"),
        "{}",
        ran.stderr
    );
    assert_eq!(bed.json(&["audit"]).await["looked_at"]["newer"], 1);
}

#[test]
fn the_runbook_has_a_row_for_every_finding() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/runbook.md");
    let runbook = fs::read_to_string(path).unwrap();
    let rows: Vec<&str> = runbook
        .split("## Audit finding")
        .nth(1)
        .expect("it has the section")
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    let faults: Vec<&str> = Fault::ALL.iter().map(|fault| fault.as_str()).collect();
    assert_eq!(rows, faults);
}
