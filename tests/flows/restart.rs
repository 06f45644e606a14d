//! Redis killed and started again in the middle of everything: all jobs end, and the vendor sees no effect twice.

use parceld_domain::state::State;
use parceld_test_support::{Persistence, PrivateRedis};
use serde_json::{Value, json};

use crate::gift_orders::packages_of;
use crate::lines::{cancel, douyin, gift, logistics, sync, taobao};
use crate::world::{World, quick_policy};

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_killed_twice_in_the_middle_loses_and_repeats_nothing() {
    let mut redis = PrivateRedis::start(Persistence::Always).await;
    let world = World::on(&redis.url(), "restart", quick_policy(), 10).await;
    world
        .change_vendor(json!({"options": {"ship_after_ms": 60_000}, "logistics": {"7": 250}}))
        .await;
    let workers = [world.start_worker().await, world.start_worker().await];
    let order = world.enqueue(&gift("G-cancelled")).await;
    let package = packages_of(&world, &order).await.remove(0);
    world.set_option("ship_after_ms", 200).await;
    let mut lines: Vec<Value> = (0..8).map(taobao).collect();
    lines.extend((0..20).map(|number| douyin(&format!("shop-{}", number % 2), number)));
    lines.extend((0..4).map(|number| gift(&format!("G-{number}"))));
    lines.extend((0..4).map(|number| sync("7", &[format!("{number}-a"), format!("{number}-b")])));
    lines.extend([logistics("7"), cancel(&package)]);
    let ids = world.enqueue_all(lines).await;
    for calls in [8, 22] {
        world
            .wait_for_ledger("some calls were made", |ledger| {
                ledger["calls"].as_u64() >= Some(calls)
            })
            .await;
        redis.kill();
        redis.restart().await;
    }
    world.wait_for_count(State::Done, ids.len() + 1).await;
    assert!(workers.iter().all(|worker| !worker.ended.is_finished()));
    let ledger = world.judged().await;
    assert_eq!(ledger["shipments_per_trade"].as_object().unwrap().len(), 8);
    assert_eq!(ledger["shipments_per_douyin_pair"].as_object().unwrap().len(), 20);
    assert_eq!(ledger["paid_orders_per_remark"].as_object().unwrap().len(), 5);
    assert_eq!(ledger["cancels_per_package"], json!({ package: 1 }));
}
