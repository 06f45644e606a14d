//! `parceld jobs list|show`, `stats`, `explain`: what an operator sees.

use serde_json::{Value, json};

use crate::bed::{Bed, gift, ship, text};

#[tokio::test]
async fn a_job_is_shown_by_id_and_by_key_with_every_field() {
    let bed = Bed::new().await;
    let mut line = gift("G-1");
    line["run_at"] = json!("2100-01-01T00:00:00+08:00");
    let id = text(&bed.enqueue(&[line]).await[0], "id");
    let shown = bed.json(&["jobs", "show", &id]).await;
    let expected = json!({
        "id": id, "kind": "gift.order", "key": "G-1", "state": "scheduled", "step": "create", "attempts": 0,
        "created_at": shown["created_at"], "updated_at": shown["updated_at"],
        "run_at": "2100-01-01T00:00:00.000+08:00",
        "payload": {"product_id": "28", "warehouse_id": "23", "source": "taobao", "remark": "G-1", "consignees": [{
            "consignee": "张三", "mobile": "15568821111", "province": "浙江", "city": "杭州", "district": "余杭区",
            "address": "余杭街道1号", "platform_order_sn": "P-G-1"}]},
        "result": null, "error": null, "scope": null, "remark": "G-1", "replaces": null, "replaced_by": null,
        "history": [{"at": shown["created_at"], "event": "accepted"}],
    });
    assert_eq!(shown, expected);
    assert!(text(&shown, "created_at").ends_with("+08:00"));
    assert_eq!(bed.json(&["jobs", "show", "G-1"]).await, shown);
    let table = bed.run(&["jobs", "show", "G-1"]).await;
    assert!(
        table.stdout.contains("state       scheduled\n"),
        "{}",
        table.stdout
    );
}

#[tokio::test]
async fn a_key_that_several_kinds_bear_asks_for_the_kind() {
    let bed = Bed::new().await;
    bed.enqueue(&[ship("K", "YT1"), gift("K")]).await;
    let ran = bed.run(&["jobs", "show", "K"]).await;
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("--kind: taobao.ship, gift.order"),
        "{}",
        ran.stderr
    );
    let shown = bed.json(&["jobs", "show", "K", "--kind", "gift.order"]).await;
    assert_eq!(shown["kind"], "gift.order");
    let none = bed.run(&["jobs", "show", "nobody"]).await;
    assert_eq!(none.code, 1);
    assert!(
        none.stderr.contains("no job has the id or key \"nobody\""),
        "{}",
        none.stderr
    );
}

#[tokio::test]
async fn jobs_are_listed_newest_first_by_state_kind_and_number() {
    let bed = Bed::new().await;
    assert_eq!(bed.json(&["jobs", "list"]).await, json!([]));
    let sync = json!({"kind": "orders.sync", "payload": {"owner_id": 1, "order_sns": ["a"]}});
    bed.enqueue(&[ship("A", "YT1"), ship("B", "YT1"), gift("C"), sync])
        .await;
    let keys = |jobs: &Value| -> Vec<Value> {
        jobs.as_array()
            .unwrap()
            .iter()
            .map(|job| job["key"].clone())
            .collect()
    };
    let all = bed.json(&["jobs", "list"]).await;
    assert_eq!(keys(&all), [json!(null), json!("C"), json!("B"), json!("A")]);
    assert!(all[0].get("history").is_none());
    assert_eq!(keys(&bed.json(&["jobs", "list", "--limit", "2"]).await).len(), 2);
    let ships = bed
        .json(&["jobs", "list", "--kind", "taobao.ship", "--state", "ready"])
        .await;
    assert_eq!(keys(&ships), [json!("B"), json!("A")]);
    assert_eq!(
        bed.json(&["jobs", "list", "--state", "failed", "--code", "614"])
            .await,
        json!([])
    );
    assert_eq!(bed.run(&["jobs", "list", "--state", "lost"]).await.code, 2);
    let cut = bed.run(&["jobs", "list", "--limit", "2"]).await;
    assert!(
        cut.stderr.contains("there are more than these 2"),
        "{}",
        cut.stderr
    );
    let table = bed.run(&["jobs", "list"]).await.stdout;
    assert!(table.starts_with("ID "), "{table}");
    assert_eq!(table.lines().count(), 5, "{table}");
}

#[tokio::test]
async fn jobs_that_are_due_later_are_listed_newest_first_as_well() {
    let bed = Bed::new().await;
    for (key, run_at) in [("A", "2098"), ("B", "2099"), ("C", "2097")] {
        let mut later = ship(key, "YT1");
        later["run_at"] = json!(format!("{run_at}-01-01T00:00:00Z"));
        bed.enqueue(&[later]).await;
    }
    let listed = bed
        .json(&["jobs", "list", "--state", "scheduled", "--limit", "2"])
        .await;
    let keys: Vec<&Value> = listed.as_array().unwrap().iter().map(|job| &job["key"]).collect();
    assert_eq!(keys, ["C", "B"]);
}

#[tokio::test]
async fn stats_sum_up_over_all_eight_states() {
    let bed = Bed::new().await;
    let mut later = ship("B", "YT1");
    later["run_at"] = json!("2100-01-01T00:00:00Z");
    let answers = bed.enqueue(&[ship("A", "YT1"), later, gift("C")]).await;
    bed.json(&["jobs", "cancel", &text(&answers[2], "id")]).await;
    let stats = bed.json(&["stats"]).await;
    assert_eq!(
        stats["states"],
        json!({"ready": 1, "scheduled": 1, "running": 0, "waiting": 0, "parked": 0, "done": 0, "failed": 0,
            "cancelled": 1})
    );
    assert_eq!(
        (&stats["accepted"], &stats["accepted_total"]),
        (&json!(3), &json!(3))
    );
    assert_eq!(stats["kinds"]["taobao.ship"], 2);
    assert_eq!(
        stats["limiter"],
        json!({"per_second": 10, "calls_last_second": 0})
    );
    assert_eq!((&stats["parked"], &stats["workers"]), (&json!([]), &json!([])));
    assert!(bed.run(&["stats"]).await.stdout.contains("3 jobs stand in Redis"));
}

#[tokio::test]
async fn a_code_is_explained_without_redis() {
    let bed = Bed::at("redis://127.0.0.1:1", "none");
    let meanings = bed.json(&["explain", "10412"]).await;
    assert_eq!(meanings[0]["class"], "terminal");
    assert!(!text(&meanings[0], "advice").is_empty());
    let unknown = bed.run(&["explain", "-5"]).await;
    assert_eq!(unknown.code, 1);
    assert!(
        unknown.stderr.contains("code -5 is in none"),
        "{}",
        unknown.stderr
    );
    assert_eq!(bed.run(&["explain", "614", "nowhere"]).await.code, 2);
}
