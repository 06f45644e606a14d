//! A vendor that answers two creates with one order: one job pays it, once, and the other goes to a person.

use parceld_domain::state::State;
use serde_json::{Value, json};

use crate::gift_orders::{result_of, world_that_ships_after};
use crate::lines::{gift, gift_order};
use crate::world::World;

const LONG_MS: u64 = 60_000;

/// A world whose vendor charges a second payment of a paid order.
async fn charging_world(ship_after_ms: u64) -> World {
    let world = world_that_ships_after(ship_after_ms).await;
    world.set_option("pay_twice", true).await;
    world
}

/// Answers the create under this remark with an order that there is already.
fn answered_with(remark: &str, order: &Value) -> Value {
    json!({"endpoint": "order-create", "match": {"remark": remark},
        "fault": {"code": 0, "msg": "成功", "data": {"order": order}}})
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_jobs_whose_creates_are_answered_at_once_with_one_order_one_pays() {
    let world = charging_world(2_000).await;
    let made = world
        .vendor()
        .order_create(&gift_order(&gift("X")), "X")
        .await
        .unwrap();
    let order =
        json!({"order_id": made.order_id, "order_sn": made.order_sn, "total_price": made.total_price});
    world
        .inject(json!(["G-1", "G-2"].map(|remark| answered_with(remark, &order))))
        .await;
    world.enqueue_all([gift("G-1"), gift("G-2")]).await;
    world.start_worker().await;
    world.wait_for_count(State::Done, 1).await;
    world.wait_for_count(State::Failed, 1).await;
    let ledger = world.judged().await;
    assert_eq!(ledger["by_endpoint"]["submit-payment"], 1, "{ledger}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_another_job_has_paid_is_neither_paid_nor_followed_and_a_retry_makes_an_own_one() {
    let world = charging_world(LONG_MS).await;
    world.start_worker().await;
    let first = world.enqueue(&gift("G-1")).await;
    world
        .wait_for_ledger("the order is paid", |ledger| {
            ledger["paid_orders_per_remark"]["G-1"] == 1
        })
        .await;
    let order = result_of(&world.wait_for(&first, State::Waiting).await);
    world.inject(json!([answered_with("G-2", &order)])).await;
    let second = world.enqueue(&gift("G-2")).await;
    let job = world.wait_for(&second, State::Failed).await;
    assert_eq!(
        (&*job.fields["class"], &*job.fields["hold"]),
        ("human", "unknown")
    );
    for told in [order["order_sn"].as_str().unwrap(), &first] {
        assert!(job.fields["msg"].contains(told), "{job:?}");
    }
    world.retry(&second).await;
    world
        .wait_for_ledger("each has paid its own", |ledger| {
            ledger["paid_orders_per_remark"] == json!({"G-1": 1, "G-2": 1})
        })
        .await;
    let ledger = world.judged().await;
    assert_eq!(ledger["by_endpoint"]["submit-payment"], 2, "{ledger}");
}
