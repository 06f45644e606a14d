//! Taobao shipments: one `send` a trade, and a look-up after whatever is no clear answer.

use parceld_domain::policy::Policy;
use parceld_domain::state::State;
use serde_json::{Value, json};

use crate::lines::{breakages, taobao, tid};
use crate::world::{World, quick_policy};

#[tokio::test(flavor = "multi_thread")]
async fn a_trade_is_shipped_once_and_its_charge_recorded() {
    let world = World::new().await;
    world.start_worker().await;
    let id = world.enqueue(&taobao(1)).await;
    let job = world.wait_for(&id, State::Done).await;
    assert_eq!(job.fields["result"], r#"{"withholding_money":1}"#);
    assert_eq!(world.judged().await["shipments_per_trade"], json!({ tid(1): 1 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_614_ends_the_job_with_code_words_class_and_advice() {
    let world = World::new().await;
    world
        .change_vendor(json!({"trades": {tid(1): {"standing": "closed"}}}))
        .await;
    world.start_worker().await;
    let id = world.enqueue(&taobao(1)).await;
    let job = world.wait_for(&id, State::Failed).await;
    assert_eq!(job.fields["code"], "614");
    assert_eq!(job.fields["class"], "terminal");
    assert!(job.fields["msg"].contains("关闭状态"), "{job:?}");
    assert!(!job.fields["advice"].is_empty());
    assert_eq!(world.redis(&["HGET", "{}:failed:codes", "614 taobao.ship"]), "1");
    assert_eq!(world.judged().await["by_endpoint"], json!({"send": 1}));
}

/// One trade for each way in which its answer breaks, all at once.
async fn after_broken_answers(when: &str) -> (World, Vec<(String, String)>) {
    let world = World::new().await;
    let mut trades = Vec::new();
    for (number, (name, fault)) in breakages().into_iter().enumerate() {
        let number = number as u64 + 1;
        let rule = json!([{"endpoint": "send", "when": when, "match": {"tid": tid(number)}, "fault": fault}]);
        world.inject(rule).await;
        trades.push((name.to_owned(), world.enqueue(&taobao(number)).await));
    }
    world.start_worker().await;
    (world, trades)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shipment_whose_answer_breaks_after_the_effect_is_looked_up_and_not_repeated() {
    let (world, trades) = after_broken_answers("after").await;
    for (name, id) in &trades {
        let job = world.wait_for(id, State::Done).await;
        assert!(
            job.fields["result"].contains(r#""settled_by":"look-up""#),
            "{name}: {job:?}"
        );
    }
    let ledger = world.judged().await;
    assert_eq!(ledger["by_endpoint"]["send"], trades.len(), "{ledger}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shipment_whose_call_breaks_before_the_effect_is_shipped_in_the_end_and_once() {
    let (world, trades) = after_broken_answers("before").await;
    for (_, id) in &trades {
        world.wait_for(id, State::Done).await;
    }
    let ledger = world.judged().await;
    assert_eq!(
        ledger["shipments_per_trade"].as_object().unwrap().len(),
        trades.len(),
        "{ledger}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trade_looked_up_twice_in_vain_is_sent_once_more() {
    let world = World::new().await;
    world
        .inject(json!([{"endpoint": "send", "when": "before", "fault": {"code": 101}}]))
        .await;
    world.start_worker().await;
    let id = world.enqueue(&taobao(1)).await;
    world.wait_for(&id, State::Done).await;
    let ledger = world.judged().await;
    assert_eq!(ledger["by_endpoint"], json!({"send": 2, "detail": 2}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_up_that_finds_another_waybill_names_it() {
    let world = World::new().await;
    world
        .change_vendor(json!({"trades": {tid(1): {"out_sid": "ZT9"}}}))
        .await;
    world
        .inject(json!([{"endpoint": "send", "when": "before", "fault": {"code": 101}}]))
        .await;
    world.start_worker().await;
    let id = world.enqueue(&taobao(1)).await;
    let job = world.wait_for(&id, State::Failed).await;
    assert!(job.fields["msg"].contains("ZT9"), "{job:?}");
    assert_eq!(job.fields["class"], "terminal");
    assert_eq!(world.judged().await["shipments_per_trade"], json!({}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_614_for_which_the_vendor_advises_it_is_tried_exactly_once_more() {
    let world = World::new().await;
    let advised = json!({"code": 614, "msg": "系统异常"});
    world
        .inject(json!([
            {"endpoint": "send", "match": {"tid": tid(1)}, "times": 1, "fault": advised},
            {"endpoint": "send", "match": {"tid": tid(2)}, "times": 9, "fault": advised},
        ]))
        .await;
    world.start_worker().await;
    let passing = world.enqueue(&taobao(1)).await;
    let lasting = world.enqueue(&taobao(2)).await;
    world.wait_for(&passing, State::Done).await;
    let job = world.wait_for(&lasting, State::Failed).await;
    assert_eq!((&*job.fields["code"], &*job.fields["class"]), ("614", "terminal"));
    let calls = &world.judged().await["send_calls_per_trade"];
    assert_eq!(*calls, json!({tid(1): 2, tid(2): 2}));
}

#[tokio::test(flavor = "multi_thread")]
async fn retries_end_after_the_last_attempt_and_say_that_they_were_retries() {
    let policy = Policy {
        retry_max_attempts: 3,
        settle_time_ms: 100,
        ..quick_policy()
    };
    let world = World::with(policy, 0).await;
    world
        .inject(json!([{"endpoint": "send", "when": "before", "times": 99, "fault": {"code": 202}}]))
        .await;
    world.start_worker().await;
    let id = world.enqueue(&taobao(1)).await;
    let job = world.wait_for(&id, State::Failed).await;
    assert_eq!(
        (&*job.fields["code"], &*job.fields["class"]),
        ("202", "retryable")
    );
    assert_eq!(world.judged().await["by_endpoint"]["send"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_in_no_table_is_looked_up_and_never_sent_again() {
    let world = World::new().await;
    let new = json!({"code": 7_777, "msg": "全新的提示"});
    world
        .inject(json!([
            {"endpoint": "send", "when": "before", "match": {"tid": tid(1)}, "fault": new},
            {"endpoint": "send", "when": "after", "match": {"tid": tid(2)}, "fault": new},
        ]))
        .await;
    world.start_worker().await;
    let unsent = world.enqueue(&taobao(1)).await;
    let sent = world.enqueue(&taobao(2)).await;
    world.wait_for(&sent, State::Done).await;
    let job = world.wait_for(&unsent, State::Failed).await;
    assert_eq!((&*job.fields["code"], &*job.fields["class"]), ("7777", "unknown"));
    assert_eq!(world.judged().await["by_endpoint"]["send"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waybill_that_the_vendor_does_not_call_shipped_is_left_to_a_person() {
    let world = World::new().await;
    let row = json!({"tid": tid(1), "out_sid": "YT0001", "status": "SENDING"});
    world
        .inject(json!([
            {"endpoint": "send", "when": "after", "fault": {"cut": true}},
            {"endpoint": "detail", "times": 2, "fault": {"code": 0, "data": [row]}},
        ]))
        .await;
    world.start_worker().await;
    let id = world.enqueue(&taobao(1)).await;
    let job = world.wait_for(&id, State::Failed).await;
    assert_eq!((&*job.fields["class"], &*job.fields["step"]), ("human", "verify"));
    assert!(job.fields["msg"].contains("YT0001"), "{job:?}");
    world.retry(&id).await;
    world.wait_for(&id, State::Done).await;
    assert_eq!(world.judged().await["by_endpoint"]["send"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_up_that_breaks_is_repeated_and_costs_no_attempt() {
    let world = World::new().await;
    world
        .inject(json!([
            {"endpoint": "send", "when": "after", "fault": {"cut": true}},
            {"endpoint": "detail", "times": 3, "fault": {"http": 502, "html": true}},
        ]))
        .await;
    world.start_worker().await;
    let id = world.enqueue(&taobao(1)).await;
    let job = world.wait_for(&id, State::Done).await;
    assert_eq!(job.fields["attempts"], "1", "{job:?}");
    assert_eq!(
        world.judged().await["by_endpoint"],
        json!({"send": 1, "detail": 4})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_detail_that_refuses_unshipped_trades_counts_as_a_look_in_vain() {
    let world = World::new().await;
    world.set_option("detail_refuses_unshipped", true).await;
    world
        .inject(json!([{"endpoint": "send", "when": "before", "fault": {"cut": true}}]))
        .await;
    world.start_worker().await;
    let id = world.enqueue(&taobao(1)).await;
    let job = world.wait_for(&id, State::Done).await;
    let result: Value = serde_json::from_str(&job.fields["result"]).unwrap();
    assert_eq!(result["withholding_money"], 1, "{result}");
    world.judged().await;
}
