//! Vendors that answer and mislead: lists that lag, shift and double, clocks that are wrong, parts of batches, and an
//! order under our remark that is not ours. All of them charge a second payment.

use std::time::Duration;

use parceld_domain::policy::Policy;
use parceld_domain::state::State;
use serde_json::{Value, json};

use crate::gift_orders::result_of;
use crate::lines::{douyin, gift, gift_for, gift_order, sync};
use crate::world::{World, quick_policy};

const SETTLE_MS: u64 = 600;
/// Just in time to count as seen.
const LATE_MS: u64 = SETTLE_MS - 100;
/// Rows of a page.
pub(crate) const PAGE_ROWS: usize = 100;
const HOUR_MS: i64 = 3_600_000;

async fn charging_world(options: Value) -> World {
    let policy = Policy {
        settle_time_ms: SETTLE_MS,
        ..quick_policy()
    };
    let world = World::with(policy, 0).await;
    world
        .change_vendor(json!({"options": {"pay_twice": true, "ship_after_ms": 100}}))
        .await;
    world.change_vendor(json!({ "options": options })).await;
    world
}

pub(crate) fn cut(endpoint: &str, when: &str) -> Value {
    json!({"endpoint": endpoint, "when": when, "fault": {"cut": true}})
}

/// An order of job G-1 and a page of newer ones come to stand at the vendor.
pub(crate) async fn put_order_behind_a_page(world: &World) {
    let vendor = world.vendor();
    let order = gift_order(&gift("G-1"));
    vendor.order_create(&order, "G-1").await.unwrap();
    for number in 0..PAGE_ROWS {
        vendor
            .order_create(&order, &format!("other-{number}"))
            .await
            .unwrap();
    }
}

/// The order of job G-1 stands at the vendor, behind a page of newer ones, and its create was cut off.
async fn order_behind_a_page(options: Value) -> World {
    let world = charging_world(options).await;
    put_order_behind_a_page(&world).await;
    world.inject(json!([cut("order-create", "before")])).await;
    world
}

/// The job is done, and its one vendor order was paid once.
async fn ends_paid_once(world: &World) {
    world.start_worker().await;
    let id = world.enqueue(&gift("G-1")).await;
    world.wait_for(&id, State::Done).await;
    let ledger = world.judged().await;
    assert_eq!(ledger["paid_orders_per_remark"], json!({"G-1": 1}), "{ledger}");
    assert_eq!(
        ledger["payments_per_order"].as_object().unwrap().len(),
        1,
        "{ledger}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_that_lag_up_to_the_settle_time_lead_to_no_second_effect() {
    let lags = [
        json!({"visible_after_ms": LATE_MS}),
        json!({"packages_lag_ms": LATE_MS}),
        json!({"changes_lag_ms": LATE_MS}),
    ];
    let cuts = [
        vec![],
        vec![cut("order-create", "after")],
        vec![cut("submit-payment", "after")],
        vec![cut("order-create", "after"), cut("submit-payment", "after")],
        vec![cut("order-create", "before"), cut("submit-payment", "before")],
    ];
    let flows = lags
        .iter()
        .flat_map(|lag| cuts.iter().map(move |cuts| (lag, cuts)));
    futures::future::join_all(flows.map(async |(lag, cuts)| {
        let world = charging_world(lag.clone()).await;
        world.inject(json!(cuts)).await;
        ends_paid_once(&world).await;
    }))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmed_payment_that_shows_too_late_is_left_to_a_person_and_never_made_again() {
    let world = charging_world(json!({"changes_lag_ms": HOUR_MS})).await;
    world.start_worker().await;
    let id = world.enqueue(&gift("G-1")).await;
    let job = world.wait_for(&id, State::Failed).await;
    assert_eq!(
        (&*job.fields["class"], &*job.fields["step"]),
        ("human", "confirm")
    );
    world.retry(&id).await;
    let job = world.wait_for(&id, State::Failed).await;
    assert_eq!(job.fields["class"], "human", "{job:?}");
    world.set_option("changes_lag_ms", 0).await;
    world.retry(&id).await;
    world.wait_for(&id, State::Done).await;
    let ledger = world.judged().await;
    assert_eq!(ledger["by_endpoint"]["submit-payment"], 1, "{ledger}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unclear_payment_that_shows_while_its_repeat_waits_for_points_is_not_repeated() {
    let world = charging_world(json!({"changes_lag_ms": HOUR_MS})).await;
    world.inject(json!([cut("submit-payment", "after")])).await;
    world.start_worker().await;
    let id = world.enqueue(&gift("G-1")).await;
    let is_paid = |ledger: &Value| ledger["paid_orders_per_remark"]["G-1"] == 1;
    world.wait_for_ledger("the order is paid", is_paid).await;
    world.change_vendor(json!({"balance": 0})).await;
    world.wait_for(&id, State::Parked).await;
    // Long enough that the looks which showed the order unpaid prove nothing any more.
    tokio::time::sleep(Duration::from_millis(2 * SETTLE_MS)).await;
    world.set_option("changes_lag_ms", 0).await;
    world.change_vendor(json!({"balance": 1_000_000})).await;
    world.wait_for(&id, State::Done).await;
    let ledger = world.judged().await;
    assert_eq!(ledger["by_endpoint"]["submit-payment"], 2, "{ledger}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_of_the_vendor_that_is_wrong_hides_no_order_behind_newer_ones() {
    // Two hours fast and slow, and the zones of London and Auckland.
    let skews = [2, -2, -8, 5].map(|hours| hours * HOUR_MS);
    futures::future::join_all(skews.map(async |skew_ms| {
        let world = order_behind_a_page(json!({"clock_skew_ms": skew_ms})).await;
        ends_paid_once(&world).await;
    }))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_clock_hides_no_payment_behind_newer_packages() {
    let world = charging_world(json!({"clock_skew_ms": -2 * HOUR_MS})).await;
    world.inject(json!([cut("submit-payment", "after")])).await;
    world.start_worker().await;
    let id = world.enqueue(&gift("G-1")).await;
    world.wait_for(&id, State::Waiting).await;
    world
        .wait_for_ledger("the order is paid", |ledger| {
            ledger["paid_orders_per_remark"]["G-1"] == 1
        })
        .await;
    let others = gift_order(&gift_for("others", PAGE_ROWS));
    world.vendor().order_create(&others, "others").await.unwrap();
    world.wait_for(&id, State::Done).await;
    assert_eq!(world.judged().await["by_endpoint"]["submit-payment"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_never_given_hides_neither_newer_orders_nor_a_deadline() {
    const DEADLINE_MS: u64 = 4_000;
    let policy = Policy {
        gift_deadline_ms: DEADLINE_MS,
        ..quick_policy()
    };
    let world = World::with(policy, 0).await;
    world.set_option("ship_after_ms", HOUR_MS).await;
    world.start_worker().await;
    let behind = world.enqueue(&gift("G-1")).await;
    world
        .wait_for_ledger("the order is paid", |ledger| {
            ledger["paid_orders_per_remark"]["G-1"] == 1
        })
        .await;
    let rule = json!([{"endpoint": "get-package-list", "times": 9_999, "match": {"page": "2/"}, "fault": {"code": 500}}]);
    world.inject(rule).await;
    let others = gift_order(&gift_for("others", PAGE_ROWS));
    world.vendor().order_create(&others, "others").await.unwrap();
    let calls = |ledger: &Value| ledger["by_endpoint"]["get-package-list"].as_u64().unwrap_or(0);
    let before = calls(&world.judged().await);
    world
        .wait_for_ledger("the second page is refused", |ledger| calls(ledger) > before + 3)
        .await;
    world.set_option("ship_after_ms", 100).await;
    let newer = world.enqueue(&gift("G-2")).await;
    world.wait_for(&newer, State::Done).await;
    let job = world.wait_for(&behind, State::Failed).await;
    assert_eq!(job.fields["class"], "deadline", "{job:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_shift_between_pages_are_met_by_the_second_look() {
    // Our row is the first of the second page: one row later it is on neither, one row earlier a row comes twice.
    futures::future::join_all([1, -1].map(async |shift| {
        let world = order_behind_a_page(json!({})).await;
        let rule = json!([{"endpoint": "get-order-list", "skip": 1, "fault": {"shift": shift}}]);
        world.inject(rule).await;
        ends_paid_once(&world).await;
    }))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_are_shown_twice_count_once() {
    let world = charging_world(json!({})).await;
    world
        .inject(json!([
            cut("order-create", "after"),
            cut("submit-payment", "after"),
            {"endpoint": "get-order-list", "times": 99, "fault": {"duplicate": true}},
            {"endpoint": "get-package-list", "times": 99, "fault": {"duplicate": true}},
        ]))
        .await;
    ends_paid_once(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_under_our_remark_that_costs_otherwise_is_left_to_a_person_paid_or_not() {
    futures::future::join_all([false, true].map(async |is_paid| {
        let world = charging_world(json!({})).await;
        let mut strange = gift("G-1");
        strange["payload"]["product_number"] = json!(7);
        let vendor = world.vendor();
        let created = vendor.order_create(&gift_order(&strange), "G-1").await.unwrap();
        if is_paid {
            vendor.submit_payment(&created.order_id, None).await.unwrap();
        }
        world.inject(json!([cut("order-create", "before")])).await;
        world.start_worker().await;
        let id = world.enqueue(&gift("G-1")).await;
        let job = world.wait_for(&id, State::Failed).await;
        assert_eq!(job.fields["class"], "human", "{job:?}");
        assert!(job.fields["msg"].contains(created.order_sn.as_str()), "{job:?}");
        let ledger = world.judged().await;
        assert_eq!(
            ledger["by_endpoint"]["submit-payment"].as_u64().unwrap_or(0),
            u64::from(is_paid)
        );
        assert_eq!(ledger["orders_per_remark"], json!({"G-1": 1}));
    }))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_is_applied_in_part_is_repeated_until_each_order_left_once() {
    futures::future::join_all([json!({"partial": 4, "cut": true}), json!({"partial": 4})].map(
        async |part| {
            let world = charging_world(json!({})).await;
            world
                .inject(json!([{"endpoint": "dy-ship-free", "times": 2, "fault": part}]))
                .await;
            let ids = world.enqueue_all((0..10).map(|number| douyin("7", number))).await;
            world.start_worker().await;
            for id in &ids {
                world.wait_for(id, State::Done).await;
            }
            let ledger = world.judged().await;
            let shipped = ledger["shipments_per_douyin_pair"].as_object().unwrap();
            assert_eq!(shipped.len(), ids.len(), "{ledger}");
        },
    ))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_that_a_sync_leaves_out_are_named_as_missing() {
    let world = charging_world(json!({})).await;
    world
        .inject(json!([{"endpoint": "mpaging-orders", "fault": {"partial": 2}}]))
        .await;
    world.start_worker().await;
    let id = world
        .enqueue(&sync("7", &["a", "b", "c"].map(str::to_owned)))
        .await;
    let result = result_of(&world.wait_for(&id, State::Done).await);
    assert_eq!(result["orders"].as_array().map(Vec::len), Some(2), "{result}");
    assert_eq!(result["missing"], json!(["c"]));
    world.judged().await;
}
