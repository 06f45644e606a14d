//! Cancelling packages: one cancellation each, and the vendor's own refusals.

use parceld_domain::state::State;
use serde_json::json;

use crate::gift_orders::{packages_of, result_of, world_that_ships_after};
use crate::lines::{cancel, gift};

#[tokio::test(flavor = "multi_thread")]
async fn a_package_is_cancelled_and_its_order_ends_with_that_status() {
    let world = world_that_ships_after(60_000).await;
    world.start_worker().await;
    let order = world.enqueue(&gift("G-1")).await;
    let package = packages_of(&world, &order).await.remove(0);
    let id = world.enqueue(&cancel(&package)).await;
    world.wait_for(&id, State::Done).await;
    let result = result_of(&world.wait_for(&order, State::Done).await);
    assert_eq!(result["packages"][0]["status"], "4", "{result}");
    assert_eq!(world.judged().await["cancels_per_package"], json!({ package: 1 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn shipped_and_unknown_packages_are_refused_with_the_vendors_code() {
    let world = world_that_ships_after(50).await;
    world.start_worker().await;
    let order = world.enqueue(&gift("G-1")).await;
    let result = result_of(&world.wait_for(&order, State::Done).await);
    let shipped = result["packages"][0]["package_id"].as_str().unwrap();
    for (package, code) in [(shipped, "10412"), ("99999", "10411")] {
        let id = world.enqueue(&cancel(package)).await;
        let job = world.wait_for(&id, State::Failed).await;
        assert_eq!((&*job.fields["code"], &*job.fields["class"]), (code, "terminal"));
    }
    assert_eq!(world.judged().await["by_endpoint"]["get-package-cancel"], 2);
}
