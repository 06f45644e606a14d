//! Douyin shipments: one call for many of a shop, settled item by item; an unclear one is repeated identically.

use parceld_domain::policy::Policy;
use parceld_domain::state::State;
use serde_json::json;

use crate::lines::{breakages, douyin, douyin_named};
use crate::world::{World, quick_policy};

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_orders_of_four_shops_share_four_calls() {
    let world = World::new().await;
    world
        .enqueue_all((0..200).map(|number| douyin(&format!("shop-{}", number % 4), number)))
        .await;
    world.start_worker().await;
    world.wait_for_count(State::Done, 200).await;
    assert_eq!(world.judged().await["calls"], 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_that_spoils_its_batch_is_found_by_halving_and_fails_alone() {
    let world = World::new().await;
    let mut lines: Vec<_> = (0..31).map(|number| douyin("7", number)).collect();
    lines.insert(17, douyin_named("7", "BAD17", 900));
    let ids = world.enqueue_all(lines).await;
    world.start_worker().await;
    world.wait_for_count(State::Done, 31).await;
    let job = world.wait_for(&ids[17], State::Failed).await;
    assert_eq!((&*job.fields["code"], &*job.fields["class"]), ("100", "terminal"));
    let ledger = world.judged().await;
    // 32, 16, 8, 4, 2 and 1 are refused, and as many parts as that go through.
    assert!(ledger["calls"].as_u64() <= Some(14), "{ledger}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_that_is_refused_by_itself_fails_with_its_own_words() {
    let world = World::new().await;
    world
        .change_vendor(
            json!({"douyin_orders": {"2A": "unknown"}, "douyin_shipped": {"3A": "SF-of-somebody"}}),
        )
        .await;
    let ids = world
        .enqueue_all(["1A", "2A", "3A"].map(|order_id| douyin_named("7", order_id, 1)))
        .await;
    world.start_worker().await;
    world.wait_for(&ids[0], State::Done).await;
    for (id, words) in [(&ids[1], "未查询到订单"), (&ids[2], "已发货")] {
        let job = world.wait_for(id, State::Failed).await;
        assert!(job.fields["msg"].contains(words), "{job:?}");
        assert_eq!(job.fields["class"], "terminal");
    }
    assert_eq!(world.judged().await["calls"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_breaks_the_answer_the_identical_pair_is_repeated_and_shipped_once() {
    let world = World::new().await;
    let mut ids = Vec::new();
    for (number, (name, fault)) in breakages().into_iter().enumerate() {
        for (offset, when) in [(0, "before"), (100, "after")] {
            let shop = format!("{name}-{when}");
            world
                .inject(json!([{"endpoint": "dy-ship-free", "when": when, "match": {"shop": shop}, "fault": fault}]))
                .await;
            let lines = [0, 1000].map(|more| douyin(&shop, number as u64 + offset + more));
            ids.extend(world.enqueue_all(lines).await);
        }
    }
    world.start_worker().await;
    for id in &ids {
        let job = world.wait_for(id, State::Done).await;
        assert!(
            job.fields["result"].contains(r#""settled_by":"repeat""#),
            "{job:?}"
        );
    }
    let ledger = world.judged().await;
    let shipped = ledger["shipments_per_douyin_pair"].as_object().unwrap();
    assert_eq!(shipped.len(), ids.len(), "{ledger}");
    for (pair, calls) in ledger["calls_per_douyin_pair"].as_object().unwrap() {
        assert!(calls.as_u64() <= Some(3), "{pair}: {calls}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_that_is_answered_as_a_success_counts_as_one() {
    let world = World::new().await;
    world
        .change_vendor(json!({"options": {"douyin_repeat_code": 1, "item_code_as_text": true}}))
        .await;
    world
        .inject(json!([{"endpoint": "dy-ship-free", "when": "after", "fault": {"cut": true}}]))
        .await;
    world.start_worker().await;
    let id = world.enqueue(&douyin("7", 1)).await;
    world.wait_for(&id, State::Done).await;
    assert_eq!(world.judged().await["calls"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn repeats_are_bounded_and_end_with_a_person() {
    let policy = Policy {
        douyin_repeats: 2,
        ..quick_policy()
    };
    let world = World::with(policy, 0).await;
    world
        .change_vendor(json!({"douyin_orders": {"1A": "absent"}}))
        .await;
    world
        .inject(
            json!([{"endpoint": "dy-ship-free", "when": "after", "match": {"shop": "8"}, "times": 99,
            "fault": {"code": 101}}]),
        )
        .await;
    world.start_worker().await;
    let absent = world.enqueue(&douyin_named("7", "1A", 1)).await;
    let cut = world.enqueue(&douyin_named("8", "2A", 2)).await;
    for id in [&absent, &cut] {
        let job = world.wait_for(id, State::Failed).await;
        assert_eq!(job.fields["class"], "human", "{job:?}");
    }
    let ledger = world.judged().await;
    assert_eq!(
        ledger["calls_per_douyin_pair"],
        json!({"1A/SF00000001": 3, "2A/SF00000002": 3})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_of_different_versions_do_not_share_a_call() {
    let world = World::new().await;
    let lines = (0..20).map(|number| {
        let mut line = douyin("7", number);
        line["payload"]["vvtype"] = json!(number % 2 + 1);
        line
    });
    world.enqueue_all(lines).await;
    world.start_worker().await;
    world.wait_for_count(State::Done, 20).await;
    assert_eq!(world.judged().await["calls"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_big_shop_does_not_hold_up_a_small_one() {
    let world = World::new().await;
    world
        .enqueue_all((0..300).map(|number| douyin("big", number)))
        .await;
    world.enqueue(&douyin("small", 900)).await;
    world.start_worker_of(1).await;
    world.wait_for_count(State::Done, 301).await;
    let calls = world.calls("dy-ship-free").await;
    assert_eq!(calls.len(), 7);
    let place = calls.iter().position(|call| call["facts"]["shop"] == "small");
    assert_eq!(place, Some(1), "{calls:?}");
    world.judged().await;
}
