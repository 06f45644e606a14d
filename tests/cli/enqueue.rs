//! `parceld enqueue`: every line is answered, the good ones whatever the bad ones are.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::time::timeout;

use crate::bed::{Bed, gift, ship, text};

#[tokio::test]
async fn good_lines_are_enqueued_whatever_the_bad_ones_are() {
    let bed = Bed::new().await;
    let mut long = ship("LONG", "YT1").to_string();
    long.truncate(long.len() - 1);
    long.push_str(&format!(",\"x\":\"{}\"}}", "y".repeat(200_000)));
    let input = [
        format!("\u{feff}{}", ship("A", "YT1")),
        r#"{"kind":"taobao.ship","payload":{"shop_id":"7","tid":"1","company_code":"YTO"}}"#.to_owned(),
        String::new(),
        "not json".to_owned(),
        long,
        format!("  {}\r", ship("B", "YT1")),
        r#"{"kind":"taobao.fly","payload":{}}"#.to_owned(),
    ];
    let ran = bed.feed(&["enqueue", "-"], input.join("\n").as_bytes()).await;
    assert_eq!(ran.code, 65, "{ran:?}");
    let answers = ran.lines();
    let numbers: Vec<u64> = answers
        .iter()
        .filter_map(|answer| answer["line"].as_u64())
        .collect();
    assert_eq!(numbers, [1, 2, 4, 5, 6, 7]);
    assert_eq!(
        answers[1],
        json!({"line": 2, "error": "payload.out_sid: missing"})
    );
    assert!(text(&answers[2], "error").starts_with("line is not JSON: "));
    assert!(text(&answers[3], "error").contains("at most 65536"));
    assert!(
        text(&answers[5], "error").starts_with("kind: \"taobao.fly\" is not known; allowed: taobao.ship")
    );
    for (answer, key) in [(&answers[0], "A"), (&answers[4], "B")] {
        let expected = json!({"line": answer["line"], "id": answer["id"], "kind": "taobao.ship", "key": key,
            "state": "ready", "duplicate": false});
        assert_eq!(*answer, expected);
    }
    assert!(
        ran.stderr.contains("2 new, 0 known before, 4 refused"),
        "{}",
        ran.stderr
    );
    assert_eq!(bed.json(&["stats"]).await["accepted"], 2);
}

#[tokio::test]
async fn a_key_answers_its_first_job_and_refuses_another_payload() {
    let bed = Bed::new().await;
    let first = bed.enqueue(&[ship("K", "YT1")]).await;
    let mut numbered = ship("K", "YT1");
    numbered["payload"]["tid"] = json!(1_692_089_714_634_374_451_u64);
    let again = bed.enqueue(&[numbered]).await;
    assert_eq!(again[0]["id"], first[0]["id"]);
    assert_eq!(again[0]["duplicate"], true);
    let other = bed
        .feed(&["enqueue"], ship("K", "YT2").to_string().as_bytes())
        .await;
    assert_eq!(other.code, 65);
    let error = text(&other.lines()[0], "error");
    assert!(
        error.contains(&text(&first[0], "id")) && error.contains("(ready)"),
        "{error}"
    );
    assert_eq!(bed.json(&["stats"]).await["accepted_total"], 1);
}

#[tokio::test]
async fn a_cancelled_job_gives_its_key_up_and_both_name_each_other() {
    let bed = Bed::new().await;
    let first = text(&bed.enqueue(&[gift("G")]).await[0], "id");
    bed.json(&["jobs", "cancel", &first]).await;
    let mut changed = gift("G");
    changed["payload"]["product_number"] = json!(2);
    let answer = bed.enqueue(&[changed]).await.remove(0);
    assert_eq!(answer["replaces"], *first);
    let second = text(&answer, "id");
    let shown = bed.json(&["jobs", "show", &second]).await;
    assert_eq!(
        shown["remark"], "G#2",
        "the vendor's pages show its order by this"
    );
    let table = bed.run(&["jobs", "show", &second]).await.stdout;
    assert!(table.contains("remark      G#2\n"), "{table}");
    assert_eq!(
        bed.json(&["jobs", "show", &first]).await["replaced_by"],
        answer["id"]
    );
    let retried = bed.run(&["jobs", "retry", &first]).await;
    assert_eq!(retried.document(), json!({"retried": 0}));
    assert!(
        retried.stderr.contains("belongs to a newer job"),
        "{}",
        retried.stderr
    );
}

#[tokio::test]
async fn a_file_is_read_and_one_that_is_not_there_is_named() {
    let bed = Bed::new().await;
    let path = std::env::temp_dir().join(format!("parceld-cli-{}.ndjson", std::process::id()));
    let lines: String = (0..1200)
        .map(|number| format!("{}\n", ship(&format!("F{number}"), "YT1")))
        .collect();
    fs::write(&path, lines).unwrap();
    let ran = bed.run(&["enqueue", &path.display().to_string()]).await;
    fs::remove_file(&path).unwrap();
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(ran.lines().len(), 1200);
    let newest = bed.json(&["jobs", "list", "--limit", "1"]).await;
    assert_eq!(newest[0]["key"], "F1199");
    let missing = bed.run(&["enqueue", "/nowhere/jobs.ndjson"]).await;
    assert_eq!(missing.code, 1);
    assert!(
        missing.stderr.contains("/nowhere/jobs.ndjson"),
        "{}",
        missing.stderr
    );
}

#[tokio::test]
async fn whoever_writes_slowly_is_answered_line_by_line() {
    let bed = Bed::new().await;
    let mut child = bed.command(&["enqueue"]).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap()).lines();
    for key in ["S1", "S2"] {
        let line = format!("{}\n", ship(key, "YT1"));
        stdin.write_all(line.as_bytes()).await.unwrap();
        let answer = timeout(Duration::from_secs(20), answers.next_line()).await;
        let answer = answer
            .expect("it answers before the end of the input")
            .unwrap()
            .unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer["key"], key);
    }
}

#[tokio::test]
async fn a_reader_that_leaves_early_stops_nothing() {
    let bed = Bed::new().await;
    let lines: String = (0..3000)
        .map(|number| format!("{}\n", ship(&format!("P{number}"), "YT1")))
        .collect();
    let mut child = bed.command(&["enqueue"]).stderr(Stdio::null()).spawn().unwrap();
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(lines.as_bytes()).await.unwrap();
    drop(stdin);
    let status = timeout(Duration::from_secs(30), child.wait())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(status.code(), Some(0));
    assert_eq!(bed.json(&["stats"]).await["accepted"], 3000);
}

#[tokio::test]
async fn an_empty_export_with_a_byte_order_mark_holds_no_line() {
    let bed = Bed::new().await;
    for input in ["", "\u{feff}", "\u{feff}\r\n"] {
        let ran = bed.feed(&["enqueue"], input.as_bytes()).await;
        assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{input:?}: {ran:?}");
    }
}
