//! Syncs: order numbers of one owner share calls; logistics orders come page by page.

use parceld_domain::state::State;
use serde_json::{Value, json};

use crate::gift_orders::result_of;
use crate::lines::{logistics, sync};
use crate::world::World;

fn numbers(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// The order numbers of the rows in a job's result.
fn fetched(result: &Value) -> Vec<&str> {
    let orders = result["orders"].as_array().unwrap();
    orders
        .iter()
        .map(|row| row["order_sn"].as_str().unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_jobs_of_two_owners_share_four_calls() {
    let world = World::new().await;
    let lines = (0..100).map(|number| {
        let names = [format!("{number}-a"), format!("{number}-b")];
        sync(&format!("owner-{}", number % 2), &names)
    });
    let ids = world.enqueue_all(lines).await;
    world.start_worker().await;
    world.wait_for_count(State::Done, 100).await;
    let result = result_of(&world.job(&ids[42]).await);
    assert_eq!(fetched(&result), ["42-a", "42-b"]);
    assert_eq!(world.judged().await["by_endpoint"], json!({"mpaging-orders": 4}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_of_a_hundred_and_twenty_numbers_takes_three_calls() {
    let world = World::new().await;
    world.start_worker().await;
    let names: Vec<String> = (0..120).map(|number| format!("n-{number}")).collect();
    let id = world.enqueue(&sync("7", &names)).await;
    let result = result_of(&world.wait_for(&id, State::Done).await);
    assert_eq!(fetched(&result), names);
    assert_eq!(world.judged().await["calls"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_without_a_row_are_reported_as_missing() {
    let world = World::new().await;
    world.start_worker().await;
    let id = world
        .enqueue(&sync("7", &numbers(&["a", "missing-1", "b", "missing-2"])))
        .await;
    let result = result_of(&world.wait_for(&id, State::Done).await);
    assert_eq!(fetched(&result), ["a", "b"]);
    assert_eq!(result["missing"], json!(["missing-1", "missing-2"]));
    world.judged().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_spoils_its_call_is_found_by_halving_and_named() {
    let world = World::new().await;
    let mut lines: Vec<Value> = (0..15)
        .map(|number| sync("7", &[format!("{number}-a"), format!("{number}-b")]))
        .collect();
    lines.insert(5, sync("7", &numbers(&["fine", "bad-one"])));
    let ids = world.enqueue_all(lines).await;
    world.start_worker().await;
    world.wait_for_count(State::Done, 15).await;
    let job = world.wait_for(&ids[5], State::Failed).await;
    assert_eq!(job.fields["code"], "100", "{job:?}");
    assert!(job.fields["msg"].contains("bad-one"), "{job:?}");
    assert_eq!(fetched(&result_of(&job)), ["fine"]);
    let ledger = world.judged().await;
    assert!(ledger["calls"].as_u64() <= Some(16), "{ledger}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_jobs_that_ask_for_one_order_get_it_by_one_call() {
    let world = World::new().await;
    let line = sync("7", &numbers(&["same"]));
    let ids = world.enqueue_all([line.clone(), line]).await;
    world.start_worker().await;
    for id in &ids {
        let result = result_of(&world.wait_for(id, State::Done).await);
        assert_eq!(fetched(&result), ["same"]);
    }
    assert_ne!(ids[0], ids[1]);
    let calls = world.calls("mpaging-orders").await;
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0]["facts"]["order_sns"], json!(["same"]));
    world.judged().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_breaks_is_repeated_until_it_is_answered() {
    let world = World::new().await;
    world.change_vendor(json!({"logistics": {"8": 3}})).await;
    world
        .inject(json!([
            {"endpoint": "mpaging-orders", "times": 2, "fault": {"mistype": true}},
            {"endpoint": "mpaging-orders", "fault": {"code": 101}},
            {"endpoint": "detail", "times": 2, "fault": {"cut": true}},
            {"endpoint": "detail", "fault": {"code": 7_777}},
        ]))
        .await;
    world.start_worker().await;
    let orders = world.enqueue(&sync("7", &numbers(&["a"]))).await;
    let pages = world.enqueue(&logistics("8")).await;
    world.wait_for(&orders, State::Done).await;
    world.wait_for(&pages, State::Done).await;
    assert_eq!(
        world.judged().await["by_endpoint"],
        json!({"mpaging-orders": 4, "detail": 4})
    );
}

/// Calls and rows of a sync of a shop with so many logistics orders.
async fn pages_of(rows: u64, options: Value) -> (u64, usize) {
    let world = World::new().await;
    world
        .change_vendor(json!({"logistics": {"7": rows}, "options": options}))
        .await;
    world.start_worker().await;
    let id = world.enqueue(&logistics("7")).await;
    let result = result_of(&world.wait_for(&id, State::Done).await);
    let calls = world.judged().await["calls"].as_u64().unwrap();
    (calls, result["shippings"].as_array().unwrap().len())
}

#[tokio::test(flavor = "multi_thread")]
async fn logistics_orders_are_paged_to_the_end_a_page_a_call() {
    let all = futures::join!(
        pages_of(250, json!({})),
        // A total saves the look at the page behind the last.
        pages_of(200, json!({"wrap_shippings": true})),
        pages_of(200, json!({})),
        // A vendor that passes the size of the page over.
        pages_of(95, json!({"page_size_cap": 40})),
        pages_of(0, json!({})),
    );
    assert_eq!(all, ((3, 250), (2, 200), (3, 200), (3, 95), (1, 0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_of_one_trade_is_one_call() {
    let world = World::new().await;
    world
        .change_vendor(json!({"logistics": {"7": 250}, "trades": {"1001": {"shop": "7", "out_sid": "YT1"}}}))
        .await;
    world.start_worker().await;
    let mut line = logistics("7");
    line["payload"]["tid"] = json!("1001");
    let id = world.enqueue(&line).await;
    let result = result_of(&world.wait_for(&id, State::Done).await);
    assert_eq!(result["shippings"].as_array().unwrap().len(), 1, "{result}");
    assert_eq!(world.judged().await["calls"], 1);
}
