//! Gift orders whose answers break: whatever happens to the answer, one vendor order is paid, once.

use parceld_domain::state::State;
use serde_json::json;

use crate::gift_orders::world_that_ships_after;
use crate::lines::{gift, gift_order};

#[tokio::test(flavor = "multi_thread")]
async fn a_create_cut_off_before_its_effect_is_looked_for_twice_and_made_once() {
    let world = world_that_ships_after(100).await;
    world
        .inject(json!([{"endpoint": "order-create", "when": "before", "fault": {"cut": true}}]))
        .await;
    world.start_worker().await;
    let id = world.enqueue(&gift("G-1")).await;
    world.wait_for(&id, State::Done).await;
    let ledger = world.judged().await;
    assert_eq!(ledger["orders_per_remark"], json!({"G-1": 1}));
    assert_eq!(ledger["by_endpoint"]["order-create"], 2);
    assert!(
        ledger["by_endpoint"]["get-order-list"].as_u64() >= Some(2),
        "{ledger}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_refused_as_paid_already_is_looked_up_and_counts_if_it_is_paid() {
    let world = world_that_ships_after(100).await;
    let refused = json!({"code": 10_407});
    world
        .inject(json!([
            {"endpoint": "submit-payment", "when": "after", "match": {"remark": "G-paid"}, "fault": refused},
            {"endpoint": "submit-payment", "when": "before", "match": {"remark": "G-unpaid"}, "fault": refused},
        ]))
        .await;
    world.start_worker().await;
    let paid = world.enqueue(&gift("G-paid")).await;
    let unpaid = world.enqueue(&gift("G-unpaid")).await;
    world.wait_for(&paid, State::Done).await;
    let job = world.wait_for(&unpaid, State::Failed).await;
    assert_eq!(
        (&*job.fields["code"], &*job.fields["class"]),
        ("10407", "human"),
        "{job:?}"
    );
    world.retry(&unpaid).await;
    let job = world.wait_for(&unpaid, State::Failed).await;
    assert_eq!(job.fields["class"], "human", "{job:?}");
    let ledger = world.judged().await;
    assert_eq!(ledger["by_endpoint"]["submit-payment"], 2);
    assert_eq!(ledger["paid_orders_per_remark"], json!({"G-paid": 1}));
}

#[tokio::test(flavor = "multi_thread")]
async fn sweeps_that_break_are_read_again_and_prove_no_absence() {
    let world = world_that_ships_after(100).await;
    world
        .inject(json!([
            {"endpoint": "order-create", "when": "after", "match": {"remark": "G-1"}, "fault": {"cut": true}},
            {"endpoint": "submit-payment", "when": "after", "match": {"remark": "G-2"}, "fault": {"cut": true}},
            {"endpoint": "get-order-list", "times": 3, "fault": {"http": 502, "html": true}},
            {"endpoint": "get-package-list", "times": 2, "fault": {"cut": true}},
            {"endpoint": "list-warehouse", "fault": {"truncate": true}},
            {"endpoint": "get-product-list", "fault": {"code": 101}},
        ]))
        .await;
    world.start_worker().await;
    for id in world.enqueue_all([gift("G-1"), gift("G-2")]).await {
        world.wait_for(&id, State::Done).await;
    }
    let ledger = world.judged().await;
    assert_eq!(ledger["by_endpoint"]["order-create"], 2, "{ledger}");
    assert_eq!(ledger["by_endpoint"]["submit-payment"], 2, "{ledger}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_that_gives_fewer_rows_than_asked_is_read_to_the_end() {
    let world = world_that_ships_after(100).await;
    world.set_option("page_size_cap", 3).await;
    world
        .inject(json!([{"endpoint": "order-create", "when": "after", "fault": {"cut": true}}]))
        .await;
    world.start_worker().await;
    let id = world.enqueue(&gift("G-1")).await;
    world.wait_for(&id, State::Waiting).await;
    world
        .wait_for_ledger("the order was made", |ledger| {
            ledger["orders_per_remark"]["G-1"] == 1
        })
        .await;
    // The look-up begins when the settle time is over; by then newer orders fill the pages before ours.
    let order = gift_order(&gift("other"));
    let vendor = world.vendor();
    for remark in (0..10).map(|number| format!("other-{number}")) {
        vendor.order_create(&order, &remark).await.unwrap();
    }
    world.wait_for(&id, State::Done).await;
    let ledger = world.judged().await;
    assert_eq!(ledger["paid_orders_per_remark"], json!({"G-1": 1}));
}
