//! Parking: what is systemic stops its scope only, costs no attempt, and goes on at once when it is resumed.

use parceld_domain::state::State;
use serde_json::{Value, json};

use crate::gift_orders::world_that_ships_after;
use crate::lines::{douyin, gift, logistics, sync, taobao, taobao_of};
use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_without_authorisation_is_parked_with_its_link_and_the_others_go_on() {
    for shape in ["text", "object", "array"] {
        let world = World::new().await;
        world.set_option("link_shape", shape).await;
        world.change_vendor(json!({"shops": {"7": "unauthorised"}})).await;
        let stuck = world
            .enqueue_all((0..10).map(|number| taobao_of("7", number)))
            .await;
        let free = world
            .enqueue_all((10..20).map(|number| taobao_of("8", number)))
            .await;
        world.start_worker_of(1).await;
        for id in &free {
            world.wait_for(id, State::Done).await;
        }
        let parked = world.wait_for_parked("shop:7").await;
        assert!(parked.link.contains("authorise?shop=7"), "{shape}: {parked:?}");
        assert_eq!(parked.jobs, 10);
        assert_eq!(world.ledger().await["calls"], 11);
        world.change_vendor(json!({"shops": {"7": "authorised"}})).await;
        world.resume("shop:7").await;
        for id in &stuck {
            let job = world.wait_for(id, State::Done).await;
            assert_eq!(job.fields["attempts"], "1", "{job:?}");
        }
        assert_eq!(world.judged().await["calls"], 21);
    }
}

/// A refusal of one endpoint, and the scope that it parks; another endpoint goes on, a resume lets this one go on.
async fn a_refusal_parks(fault: Value, line: Value, scope: &str) {
    let world = World::new().await;
    let endpoint = if line["kind"] == "taobao.ship" {
        "send"
    } else {
        "mpaging-orders"
    };
    world
        .inject(json!([{"endpoint": endpoint, "fault": fault}]))
        .await;
    let id = world.enqueue(&line).await;
    world.start_worker().await;
    let job = world.wait_for(&id, State::Parked).await;
    assert_eq!(
        (&*job.fields["scope"], &*job.fields["class"]),
        (scope, "blocked"),
        "{fault}"
    );
    assert_eq!(job.fields["attempts"], "0");
    assert!(!job.fields["advice"].is_empty());
    assert!(!world.wait_for_parked(scope).await.reason.is_empty());
    let other = world.enqueue(&douyin("9", 1)).await;
    world.wait_for(&other, State::Done).await;
    assert_eq!(world.ledger().await["calls"], 2, "{fault}");
    world.resume(scope).await;
    world.wait_for(&id, State::Done).await;
    assert_eq!(world.stats().await.parked, []);
    world.judged().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_systemic_refusal_parks_the_scope_it_belongs_to() {
    let permission = json!({"code": 204, "msg": "请求异常:无该接口权限,请前往官网开通正式接口。"});
    let quota = json!({"code": 204, "msg": "请求异常:API 调用次数不足,请前往网站兑换次数。"});
    let page = json!({"http": 404, "html": true});
    futures::join!(
        a_refusal_parks(json!({"code": 303}), taobao(1), "shop:1001"),
        a_refusal_parks(permission.clone(), taobao(1), "endpoint:send"),
        a_refusal_parks(quota, taobao(1), "endpoint:send"),
        a_refusal_parks(json!({"code": 404}), taobao(1), "endpoint:send"),
        a_refusal_parks(page, sync("7", &["a".to_owned()]), "endpoint:mpaging-orders"),
        a_refusal_parks(
            permission,
            sync("7", &["a".to_owned()]),
            "endpoint:mpaging-orders"
        ),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_refused_for_want_of_authorisation_parks_the_shop_that_the_order_names() {
    let refusals = [
        json!({"code": 302, "msg": "未授权店铺", "data": "http://vendor.example/authorise?shop=7"}),
        json!({"code": 303, "data": {"url": "http://vendor.example/authorise?shop=7"}}),
    ];
    futures::future::join_all(refusals.map(async |refusal| {
        let world = world_that_ships_after(100).await;
        let rule = json!([{"endpoint": "submit-payment", "match": {"remark": "G-7"}, "fault": refusal}]);
        world.inject(rule).await;
        let of_shop = |key: &str, shop: Option<&str>| {
            let mut line = gift(key);
            if let Some(shop) = shop {
                line["payload"]["shop_id"] = json!(shop);
            }
            line
        };
        world.start_worker().await;
        let stuck = world.enqueue(&of_shop("G-7", Some("7"))).await;
        let parked = world.wait_for_parked("shop:7").await;
        assert!(parked.link.contains("authorise?shop=7"), "{parked:?}");
        // Neither other shops nor orders without a shop wait for it.
        for line in [of_shop("G-8", Some("8")), of_shop("G-none", None)] {
            let free = world.enqueue(&line).await;
            world.wait_for(&free, State::Done).await;
        }
        world.resume("shop:7").await;
        world.wait_for(&stuck, State::Done).await;
        let ledger = world.judged().await;
        assert_eq!(ledger["by_endpoint"]["submit-payment"], 4, "{ledger}");
        assert_eq!(ledger["by_endpoint"]["order-create"], 3, "{ledger}");
    }))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_operator_parks_is_not_probed_and_stays_parked_until_it_is_resumed() {
    let world = World::new().await;
    world.start_worker().await;
    let scope = "shop:7".parse().unwrap();
    world.store.hold(&scope, "stock-taking").await.unwrap();
    let stuck = world.enqueue(&taobao_of("7", 1)).await;
    let free = world.enqueue(&taobao_of("8", 2)).await;
    world.wait_for(&free, State::Done).await;
    // A shop that the vendor blocks at the same time shows when a probe would have been made.
    world.change_vendor(json!({"shops": {"9": "unauthorised"}})).await;
    world.enqueue(&taobao_of("9", 3)).await;
    world
        .wait_for_ledger("the other shop was probed", |ledger| {
            ledger["calls"].as_u64() >= Some(3)
        })
        .await;
    assert_eq!(world.job(&stuck).await.fields["state"], "ready");
    assert_eq!(world.wait_for_parked("shop:7").await.reason, "stock-taking");
    world.resume("shop:7").await;
    world.wait_for(&stuck, State::Done).await;
    world.judged().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_token_stops_everything_and_burns_no_attempts() {
    let world = World::new().await;
    world
        .change_vendor(json!({"options": {"access_token": "renewed", "ship_after_ms": 100}}))
        .await;
    let mut lines: Vec<Value> = (0..5).map(taobao).collect();
    lines.extend([
        douyin("7", 1),
        gift("G-1"),
        sync("7", &["a".to_owned()]),
        logistics("7"),
    ]);
    let ids = world.enqueue_all(lines).await;
    world.start_worker_of(1).await;
    world.wait_for_parked("account").await;
    assert_eq!(world.ledger().await["calls"], 1);
    // The probe finds that the vendor accepts our token again.
    world.set_option("access_token", crate::world::TOKEN).await;
    for id in &ids {
        let job = world.wait_for(id, State::Done).await;
        let attempts: u32 = job.fields["attempts"].parse().unwrap();
        assert!(attempts <= 1, "{job:?}");
    }
    let ledger = world.judged().await;
    assert_eq!(ledger["by_endpoint"]["get-user-balance"], 1, "{ledger}");
    assert_eq!(world.stats().await.parked, []);
}
