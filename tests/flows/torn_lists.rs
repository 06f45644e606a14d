//! Lists that cannot be read whole: they prove no absence, and nobody waits for them for ever.

use parceld_domain::policy::Policy;
use parceld_domain::state::State;
use serde_json::{Value, json};

use crate::gift_orders::packages_of;
use crate::lines::{cancel, gift};
use crate::strange_vendors::{PAGE_ROWS, cut, put_order_behind_a_page};
use crate::world::{World, quick_policy};

/// Passes that are not whole, after which a person is asked.
const PASSES_MAX: u32 = 3;
/// More calls than any test here makes.
const ALWAYS: u32 = 9_999;

async fn world_of_few_passes() -> World {
    let policy = Policy {
        retry_max_attempts: PASSES_MAX,
        ..quick_policy()
    };
    let world = World::with(policy, 0).await;
    world.set_option("ship_after_ms", 100).await;
    world
}

/// Answers one page of a list so, whatever stands at the vendor.
fn page_of(endpoint: &str, page: &str, times: u32, list: &Value, total: usize) -> Value {
    let data = json!({"list": list, "total": total.to_string()});
    json!({"endpoint": endpoint, "match": {"page": page}, "times": times,
        "fault": {"code": 0, "msg": "成功", "data": data}})
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_list_with_a_row_that_is_never_readable_leaves_the_create_to_a_person() {
    let odd = json!({"order_sn": "202011041511461997011", "remark": "222"});
    let sound = json!({"id": "466", "order_sn": "202011041511461997012", "remark": "223", "status": "1"});
    let lists = [json!([odd]), json!([sound, odd])];
    futures::future::join_all(lists.map(async |list| {
        let world = world_of_few_passes().await;
        world
            .inject(json!([
                cut("order-create", "before"),
                page_of("get-order-list", "1/", ALWAYS, &list, 1),
            ]))
            .await;
        world.start_worker().await;
        let id = world.enqueue(&gift("G-1")).await;
        let job = world.wait_for(&id, State::Failed).await;
        assert_eq!((&*job.fields["class"], &*job.fields["step"]), ("human", "find"));
        assert!(job.fields["msg"].contains("could never be read"), "{job:?}");
        assert_eq!(world.ledger().await["by_endpoint"]["order-create"], 1);
        world.clear_faults().await;
        world.retry(&id).await;
        world.wait_for(&id, State::Done).await;
        assert_eq!(world.judged().await["orders_per_remark"], json!({"G-1": 1}));
    }))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_list_with_a_row_that_is_never_readable_leaves_payment_and_cancel_to_a_person() {
    let odd = page_of("get-package-list", "1/", ALWAYS, &json!([{"id": "9"}]), 1);
    let world = world_of_few_passes().await;
    world.set_option("ship_after_ms", 60_000).await;
    world.start_worker().await;
    let order = world.enqueue(&gift("G-1")).await;
    let package = packages_of(&world, &order).await.remove(0);
    world
        .inject(json!([
            cut("submit-payment", "after"),
            cut("get-package-cancel", "before"),
            odd
        ]))
        .await;
    for line in [gift("G-2"), cancel(&package)] {
        let id = world.enqueue(&line).await;
        let job = world.wait_for(&id, State::Failed).await;
        assert_eq!(
            (&*job.fields["class"], &*job.fields["step"]),
            ("human", "confirm")
        );
        assert!(job.fields["msg"].contains("could never be read"), "{job:?}");
    }
    let ledger = world.judged().await;
    assert_eq!(ledger["by_endpoint"]["submit-payment"], 2, "{ledger}");
    assert_eq!(ledger["by_endpoint"]["get-package-cancel"], 1, "{ledger}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_stays_empty_below_the_total_for_a_while_makes_no_second_order() {
    let world = world_of_few_passes().await;
    put_order_behind_a_page(&world).await;
    let empty = page_of("get-order-list", "2/", 2, &json!([]), PAGE_ROWS + 1);
    world.inject(json!([cut("order-create", "before"), empty])).await;
    world.start_worker().await;
    let id = world.enqueue(&gift("G-1")).await;
    world.wait_for(&id, State::Done).await;
    let ledger = world.judged().await;
    assert_eq!(ledger["orders_per_remark"]["G-1"], 1, "{ledger}");
    assert_eq!(ledger["paid_orders_per_remark"], json!({"G-1": 1}), "{ledger}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_total_that_is_always_too_high_holds_no_create_up_for_ever() {
    let world = world_of_few_passes().await;
    let other = json!({"id": "466", "order_sn": "202011041511461997012", "remark": "223", "status": "1"});
    world
        .inject(json!([
            cut("order-create", "before"),
            page_of("get-order-list", "1/", ALWAYS, &json!([other]), 7),
            page_of("get-order-list", "2/", ALWAYS, &json!([]), 7),
        ]))
        .await;
    world.start_worker().await;
    let id = world.enqueue(&gift("G-1")).await;
    world.wait_for(&id, State::Done).await;
    let ledger = world.judged().await;
    assert_eq!(ledger["orders_per_remark"], json!({"G-1": 1}), "{ledger}");
}
