//! enqueue.lua and reject.lua on inbox lines: a line is in the inbox, taken in, or rejected; never in none.

use parceld_domain::private::Private;
use parceld_store::{Enqueued, NewJob};

use crate::bed::{Bed, sync, taobao};

async fn push(bed: &Bed, line: &str) {
    let _: i64 = bed.raw(&["LPUSH", "~inbox", line]).await;
}

async fn lines(bed: &Bed) -> Vec<String> {
    let lines = bed.store.inbox_peek(10).await.unwrap();
    lines
        .into_iter()
        .map(|line| String::from_utf8(line).unwrap())
        .collect()
}

#[tokio::test]
async fn lines_are_peeked_at_in_the_order_of_their_pushing() {
    let bed = Bed::new().await;
    push(&bed, "one").await;
    push(&bed, "two").await;
    assert_eq!(lines(&bed).await, ["one", "two"]);
    assert_eq!(bed.store.inbox_peek(1).await.unwrap(), [b"one".to_vec()]);
}

#[tokio::test]
async fn an_accepted_line_leaves_with_the_move_that_takes_its_job_in() {
    let bed = Bed::new().await;
    push(&bed, "one").await;
    push(&bed, "two").await;
    let answer = bed
        .store
        .inbox_accept(&b"one".to_vec(), &taobao("a", "1"))
        .await
        .unwrap();
    assert!(matches!(answer, Enqueued::Accepted { .. }), "{answer:?}");
    assert_eq!(lines(&bed).await, ["two"]);
    // A second worker that peeked at the same line takes nothing.
    let late = bed
        .store
        .inbox_accept(&b"one".to_vec(), &taobao("b", "1"))
        .await
        .unwrap();
    assert_eq!(late, Enqueued::Gone);
    assert_eq!(lines(&bed).await, ["two"]);
    assert_eq!(bed.count("accepted_total").await, 1);
}

#[tokio::test]
async fn a_repeated_accept_leaves_an_identical_next_line_to_its_own_job() {
    let bed = Bed::new().await;
    push(&bed, "same").await;
    push(&bed, "same").await;
    for _ in 0..2 {
        bed.store
            .inbox_accept(&b"same".to_vec(), &sync("s", "o", 1))
            .await
            .unwrap();
    }
    assert_eq!(lines(&bed).await, ["same"]);
    assert_eq!(bed.count("accepted_total").await, 1);
}

#[tokio::test]
async fn a_duplicate_line_is_taken_off_and_a_conflict_stays_until_it_is_rejected() {
    let bed = Bed::new().await;
    bed.put(taobao("a", "1")).await;
    push(&bed, "twin").await;
    push(&bed, "clash").await;
    let twin = NewJob {
        id: "b".into(),
        ..taobao("a", "1")
    };
    let answer = bed.store.inbox_accept(&b"twin".to_vec(), &twin).await.unwrap();
    assert!(matches!(answer, Enqueued::Duplicate { .. }), "{answer:?}");
    let clash = NewJob {
        payload: Private::new("{}".into()),
        ..twin
    };
    let answer = bed.store.inbox_accept(&b"clash".to_vec(), &clash).await.unwrap();
    assert!(matches!(answer, Enqueued::Conflict { .. }), "{answer:?}");
    assert_eq!(lines(&bed).await, ["clash"]);
    assert!(
        bed.store
            .inbox_reject(&b"clash".to_vec(), "key: taken")
            .await
            .unwrap()
    );
    assert!(lines(&bed).await.is_empty());
}

#[tokio::test]
async fn a_rejected_line_is_kept_with_its_reason() {
    let bed = Bed::new().await;
    let line = r#"{"kind":"taobao.ship","name":"张三"}"#;
    push(&bed, line).await;
    push(&bed, "next").await;
    let line_bytes = line.as_bytes().to_vec();
    assert!(
        bed.store
            .inbox_reject(&line_bytes, "payload: missing")
            .await
            .unwrap()
    );
    assert!(
        !bed.store
            .inbox_reject(&line_bytes, "payload: missing")
            .await
            .unwrap()
    );
    assert_eq!(lines(&bed).await, ["next"]);
    let kept: Vec<String> = bed.raw(&["LRANGE", "~rejected", "0", "-1"]).await;
    assert_eq!(kept.len(), 1);
    let kept: serde_json::Value = serde_json::from_str(&kept[0]).unwrap();
    assert_eq!(kept["error"], "payload: missing");
    assert_eq!(kept["line"], line);
    assert!(kept["at"].as_str().unwrap().ends_with("+08:00"), "{kept}");
}
