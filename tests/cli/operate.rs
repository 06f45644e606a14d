//! `parceld jobs cancel`, `park` and `resume`, without a worker.

use serde_json::json;

use crate::bed::{Bed, gift, ship, text};

#[tokio::test]
async fn what_was_not_sent_is_cancelled_once() {
    let bed = Bed::new().await;
    let answers = bed.enqueue(&[ship("A", "YT1"), gift("B")]).await;
    let (ship, gift) = (text(&answers[0], "id"), text(&answers[1], "id"));
    let cancelled = bed.json(&["jobs", "cancel", &ship, &gift]).await;
    assert_eq!(cancelled, json!({"cancelled": 2, "refused": []}));
    let shown = bed.json(&["jobs", "show", &ship]).await;
    assert_eq!(
        (&shown["state"], &shown["history"][0]["event"]),
        (&json!("cancelled"), &json!("cancelled"))
    );
    let again = bed.json(&["jobs", "cancel", &ship]).await;
    assert_eq!(again["cancelled"], 0);
    assert_eq!(again["refused"][0]["id"], *ship);
    assert!(text(&again["refused"][0], "reason").contains("cancelled already"));
}

#[tokio::test]
async fn an_id_that_names_no_job_is_told_and_the_others_move() {
    let bed = Bed::new().await;
    let id = text(&bed.enqueue(&[ship("A", "YT1")]).await[0], "id");
    let ran = bed.run(&["jobs", "cancel", "nobody", &id]).await;
    assert_eq!(ran.code, 1);
    let expected =
        json!({"cancelled": 1, "refused": [{"id": "nobody", "reason": "there is no job of this id"}]});
    assert_eq!(ran.document(), expected);
    let ran = bed.run(&["jobs", "retry", "nobody", &id]).await;
    assert_eq!((ran.code, ran.document()), (1, json!({"retried": 1})));
}

#[tokio::test]
async fn an_id_that_is_named_twice_is_one_job() {
    let bed = Bed::new().await;
    let id = text(&bed.enqueue(&[ship("A", "YT1")]).await[0], "id");
    let cancelled = bed.run(&["jobs", "cancel", &id, &id]).await;
    assert_eq!(
        (cancelled.code, cancelled.document()),
        (0, json!({"cancelled": 1, "refused": []}))
    );
    let retried = bed.run(&["jobs", "retry", &id, &id]).await;
    assert_eq!((retried.code, retried.document()), (0, json!({"retried": 1})));
}

#[tokio::test]
async fn a_cancelled_job_is_retried_from_its_start() {
    let bed = Bed::new().await;
    let id = text(&bed.enqueue(&[ship("A", "YT1")]).await[0], "id");
    let ready = bed.run(&["jobs", "retry", &id]).await;
    assert_eq!((ready.code, ready.document()), (0, json!({"retried": 0})));
    assert!(
        ready.stderr.contains("it is ready and goes on by itself"),
        "{}",
        ready.stderr
    );
    bed.json(&["jobs", "cancel", &id]).await;
    assert_eq!(
        bed.json(&["jobs", "retry", "--state", "cancelled"]).await,
        json!({"retried": 1})
    );
    let shown = bed.json(&["jobs", "show", &id]).await;
    assert_eq!(
        (&shown["state"], &shown["history"][0]["event"]),
        (&json!("ready"), &json!("retried"))
    );
}

#[tokio::test]
async fn retry_wants_ids_or_an_ended_state() {
    let bed = Bed::new().await;
    for args in [
        &["jobs", "retry"][..],
        &["jobs", "retry", "--state", "ready"],
        &["jobs", "retry", "x", "--state", "failed"],
        &["jobs", "retry", "--kind", "gift.order"],
        &["jobs", "cancel"],
        &["resume"],
        &["park", "shop:1"],
        &["park", "nothing", "--reason", "x"],
    ] {
        assert_eq!(bed.run(args).await.code, 2, "{args:?}");
    }
}

#[tokio::test]
async fn a_scope_is_parked_with_its_reason_until_it_is_resumed() {
    let bed = Bed::new().await;
    bed.json(&["park", "shop:7", "--reason", "等待店主授权"]).await;
    bed.json(&["park", "endpoint:send", "--reason", "测试"]).await;
    let stats = bed.json(&["stats"]).await;
    let parked = stats["parked"].as_array().unwrap();
    let shop = parked.iter().find(|parked| parked["scope"] == "shop:7").unwrap();
    assert_eq!(
        (&shop["reason"], &shop["jobs"]),
        (&json!("等待店主授权"), &json!(0))
    );
    let table = bed.run(&["stats"]).await.stdout;
    let rows: Vec<&str> = table
        .lines()
        .filter(|line| line.contains("by resume only"))
        .collect();
    assert!(table.contains("NEXT PROBE") && rows.len() == 2, "{table}");
    assert_eq!(
        bed.json(&["resume", "shop:7"]).await,
        json!({"resumed": ["shop:7"]})
    );
    assert_eq!(bed.json(&["resume", "shop:7"]).await, json!({"resumed": []}));
    assert_eq!(
        bed.json(&["resume", "--all"]).await,
        json!({"resumed": ["endpoint:send"]})
    );
    assert_eq!(bed.json(&["stats"]).await["parked"], json!([]));
}
