//! Gift orders: create, pay, poll; balance, price, deadline, and what the vendor does of its own accord.

use parceld_domain::policy::Policy;
use parceld_domain::state::State;
use parceld_store::JobRecord;
use parceld_test_support::wait_until;
use serde_json::{Value, json};

use crate::lines::{gift, gift_for, gift_order, taobao};
use crate::world::{BOUND, World, quick_policy};

/// A world whose vendor ships this long after payment.
pub(crate) async fn world_that_ships_after(ms: u64) -> World {
    let world = World::new().await;
    world.set_option("ship_after_ms", ms).await;
    world
}

pub(crate) fn result_of(job: &JobRecord) -> Value {
    serde_json::from_str(&job.fields["result"]).unwrap()
}

/// Waits until the job's packages are known, and answers their ids.
pub(crate) async fn packages_of(world: &World, id: &str) -> Vec<String> {
    wait_until("the packages are known", BOUND, async || {
        let job = world.job(id).await;
        let result = job.fields.get("result").cloned().unwrap_or_default();
        let result: Value = serde_json::from_str(&result).unwrap_or_default();
        let packages = result["packages"].as_array().cloned().unwrap_or_default();
        let ids: Vec<String> = packages
            .iter()
            .map(|package| package["package_id"].as_str().unwrap().to_owned())
            .collect();
        if ids.is_empty() {
            Err(format!("{job:?}"))
        } else {
            Ok(ids)
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_created_paid_and_polled_until_its_waybill_is_known() {
    let world = world_that_ships_after(100).await;
    world.start_worker().await;
    let id = world.enqueue(&gift("G-1")).await;
    let result = result_of(&world.wait_for(&id, State::Done).await);
    assert!(
        !result["packages"][0]["express_no"].as_str().unwrap().is_empty(),
        "{result}"
    );
    let ledger = world.judged().await;
    assert_eq!(ledger["orders_per_remark"], json!({"G-1": 1}));
    assert_eq!(ledger["paid_orders_per_remark"], json!({"G-1": 1}));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_of_three_recipients_is_one_order_with_three_waybills() {
    let world = world_that_ships_after(100).await;
    world.start_worker().await;
    let id = world.enqueue(&gift_for("G-1", 3)).await;
    let result = result_of(&world.wait_for(&id, State::Done).await);
    let packages = result["packages"].as_array().unwrap();
    assert_eq!(packages.len(), 3);
    assert!(packages.iter().all(|package| package["express_no"].is_string()));
    let ledger = world.judged().await;
    assert_eq!(ledger["orders_per_remark"], json!({"G-1": 1}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waybill_that_comes_after_the_shipping_is_waited_for() {
    let world = world_that_ships_after(50).await;
    world.set_option("waybill_after_ms", 600).await;
    world.start_worker().await;
    let id = world.enqueue(&gift("G-1")).await;
    let result = result_of(&world.wait_for(&id, State::Done).await);
    assert!(result["packages"][0]["express_no"].is_string(), "{result}");
    world.judged().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_waiting_orders_share_the_pages_that_answer_them() {
    let world = world_that_ships_after(300).await;
    world.start_worker().await;
    world
        .enqueue_all((0..40).map(|number| gift(&format!("G-{number}"))))
        .await;
    world.wait_for_count(State::Done, 40).await;
    let ledger = world.judged().await;
    assert_eq!(ledger["by_endpoint"]["get-product-list"], 1, "{ledger}");
    // One order alone would ask as often; forty alone would ask forty times as often.
    assert!(
        ledger["by_endpoint"]["get-package-list"].as_u64() <= Some(20),
        "{ledger}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_costs_more_than_expected_is_not_paid() {
    let world = world_that_ships_after(100).await;
    world.set_option("price_drift", 50).await;
    world.start_worker().await;
    let id = world.enqueue(&gift("G-1")).await;
    let job = world.wait_for(&id, State::Failed).await;
    assert_eq!(job.fields["class"], "human", "{job:?}");
    assert!(result_of(&job)["order_id"].is_string(), "{job:?}");
    let ledger = world.judged().await;
    assert_eq!(ledger["by_endpoint"]["submit-payment"], Value::Null, "{ledger}");
}

/// Both spellings of a lack of points.
async fn an_empty_balance_said_as(is_204: bool) {
    let world = world_that_ships_after(1_500).await;
    world.set_option("balance_as_204", is_204).await;
    world.start_worker().await;
    let paid = world.enqueue(&gift("G-paid")).await;
    packages_of(&world, &paid).await;
    world.change_vendor(json!({"balance": 0})).await;
    let poor = world.enqueue(&gift("G-poor")).await;
    world.wait_for(&poor, State::Parked).await;
    assert!(!world.wait_for_parked("balance").await.reason.is_empty());
    let payments = world.calls("submit-payment").await.len();
    // Polls and shipments go on.
    let trade = world.enqueue(&taobao(1)).await;
    world.wait_for(&trade, State::Done).await;
    world.wait_for(&paid, State::Done).await;
    assert_eq!(world.calls("submit-payment").await.len(), payments);
    world.change_vendor(json!({"balance": 1_000_000})).await;
    world.wait_for(&poor, State::Done).await;
    let ledger = world.judged().await;
    assert_eq!(
        ledger["paid_orders_per_remark"],
        json!({"G-paid": 1, "G-poor": 1})
    );
    assert_eq!(world.stats().await.parked, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_balance_parks_payments_only_until_it_is_topped_up() {
    futures::join!(an_empty_balance_said_as(false), an_empty_balance_said_as(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn packages_that_the_vendor_cancels_end_the_order_with_their_status() {
    let world = world_that_ships_after(60_000).await;
    world.start_worker().await;
    let id = world.enqueue(&gift_for("G-1", 2)).await;
    let packages = packages_of(&world, &id).await;
    world
        .change_vendor(
            json!({"packages": {(packages[0].as_str()): "cancel", (packages[1].as_str()): "ship"}}),
        )
        .await;
    let result = result_of(&world.wait_for(&id, State::Done).await);
    assert_eq!(result["packages"][0]["status"], "4", "{result}");
    assert!(result["packages"][1]["express_no"].is_string(), "{result}");
    world.judged().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_past_its_deadline_fails_as_such_and_a_retry_polls_on_without_paying() {
    let policy = Policy {
        gift_deadline_ms: 700,
        ..quick_policy()
    };
    let world = World::with(policy, 0).await;
    world.set_option("ship_after_ms", 60_000).await;
    world.start_worker().await;
    let id = world.enqueue(&gift("G-1")).await;
    let job = world.wait_for(&id, State::Failed).await;
    assert_eq!(job.fields["class"], "deadline");
    let package = result_of(&job)["packages"][0]["package_id"]
        .as_str()
        .unwrap()
        .to_owned();
    world
        .change_vendor(json!({"packages": {(package): "ship"}}))
        .await;
    world.retry(&id).await;
    let result = result_of(&world.wait_for(&id, State::Done).await);
    assert!(result["packages"][0]["express_no"].is_string(), "{result}");
    assert_eq!(world.judged().await["by_endpoint"]["submit-payment"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_vendor_orders_with_one_remark_are_left_to_a_person_and_not_paid() {
    let world = world_that_ships_after(100).await;
    let line = gift("G-1");
    let order = gift_order(&line);
    world.vendor().order_create(&order, "G-1").await.unwrap();
    world
        .inject(json!([{"endpoint": "order-create", "when": "after", "fault": {"cut": true}}]))
        .await;
    world.start_worker().await;
    let id = world.enqueue(&line).await;
    let job = world.wait_for(&id, State::Failed).await;
    assert_eq!(job.fields["class"], "human", "{job:?}");
    let ledger = world.ledger().await;
    assert_eq!(ledger["orders_per_remark"], json!({"G-1": 2}));
    assert_eq!(ledger["payments_per_order"], json!({}));
    // A retry looks again, and does nothing while there are two.
    world.retry(&id).await;
    world.wait_for(&id, State::Failed).await;
    let ledger = world.ledger().await;
    assert_eq!(
        (
            &ledger["by_endpoint"]["order-create"],
            &ledger["payments_per_order"]
        ),
        (&json!(2), &json!({}))
    );
}
