//! The producer and the inbox on a real Redis.

use parceld_domain::payload::{GiftCancel, OrdersSync, TaobaoShip};
use parceld_producer::{Batch, EnqueueError, InboxTaken, Job, JobLine, Producer, Refusal};
use parceld_store::{Store, StoreSettings};
use parceld_test_support::{Persistence, PrivateRedis, Redis};

async fn store() -> Store {
    let redis = Redis::shared().await;
    Store::connect(StoreSettings::new(redis.url(), redis.namespace()))
        .await
        .expect("the shared Redis suits")
}

fn ship(out_sid: &str) -> Job {
    let ship = TaobaoShip {
        shop_id: "7".into(),
        tid: "1692089714634374451".into(),
        out_sid: out_sid.into(),
        company_code: "YTO".to_owned(),
        ..TaobaoShip::default()
    };
    Job::taobao_ship(ship)
}

fn cancel(package_id: u32) -> Job {
    let package_id = package_id.to_string().into();
    Job::gift_cancel(GiftCancel { package_id })
}

#[tokio::test]
async fn a_typed_job_is_the_same_as_its_line() {
    let producer = Producer::new(store().await);
    let first = producer.enqueue(ship("YT1").key("K")).await.unwrap();
    assert_eq!((first.state.as_str(), first.duplicate), ("ready", false));
    let line =
        br#"{"kind":"taobao.ship","key":"K","payload":{"company_code":"YTO","out_sid":"YT1","shop_id":7,
        "tid":1692089714634374451}}"#;
    let batch = Batch::new([JobLine::parse(line).map_err(Refusal::from)]);
    let again = producer.enqueue_batch(&batch).await.unwrap().remove(0).unwrap();
    assert_eq!((again.id, again.duplicate), (first.id, true));
}

#[tokio::test]
async fn a_job_that_is_refused_says_which_field_or_whose_key() {
    let producer = Producer::new(store().await);
    let error = producer.enqueue(ship("")).await.unwrap_err();
    assert_eq!(error.to_string(), "payload.out_sid: must not be empty");
    let first = producer.enqueue(ship("YT1")).await.unwrap();
    let error = producer.enqueue(ship("YT2")).await.unwrap_err();
    let EnqueueError::Refused(Refusal::Conflict { key, id, state, hold }) = error else {
        panic!("{error}");
    };
    assert_eq!(
        (key.as_str(), id, state.as_str(), hold.as_str()),
        ("7/1692089714634374451", first.id, "ready", "")
    );
}

#[tokio::test]
async fn many_jobs_are_answered_in_their_order() {
    let producer = Producer::new(store().await);
    let sync = OrdersSync {
        owner_id: "o".into(),
        order_sns: Vec::new(),
        version: None,
    };
    let jobs = (0..1201).map(|number| {
        if number == 700 {
            Job::orders_sync(sync.clone())
        } else {
            cancel(number)
        }
    });
    let answers = producer.enqueue_many(jobs).await.unwrap();
    assert_eq!(answers.len(), 1201);
    for (number, answer) in answers.iter().enumerate() {
        match answer {
            Ok(answer) => assert_eq!(answer.key.as_deref(), Some(number.to_string().as_str())),
            Err(refusal) => assert_eq!(
                (number, refusal.to_string().starts_with("payload.order_sns")),
                (700, true)
            ),
        }
    }
}

#[tokio::test]
async fn a_batch_sent_again_after_a_lost_reply_answers_as_if_nothing_had_been_lost() {
    let producer = Producer::new(store().await);
    let batch = Batch::new([cancel(1).check().map_err(Refusal::from)]);
    let first = producer.enqueue_batch(&batch).await.unwrap();
    assert_eq!(producer.enqueue_batch(&batch).await.unwrap(), first);
    assert!(!first[0].as_ref().unwrap().duplicate);
}

#[tokio::test]
async fn a_job_of_the_future_is_scheduled() {
    let producer = Producer::new(store().await);
    let later = producer
        .enqueue(cancel(1).run_at_ms(4_000_000_000_000))
        .await
        .unwrap();
    assert_eq!(later.state, "scheduled");
    let past = producer.enqueue(cancel(2).run_at_ms(1)).await.unwrap();
    assert_eq!(past.state, "ready");
}

#[tokio::test]
async fn inbox_lines_are_taken_in_or_rejected_and_never_lost() {
    let redis = PrivateRedis::start(Persistence::None).await;
    let store = Store::connect(StoreSettings::new(redis.url(), "inbox"))
        .await
        .unwrap();
    let producer = Producer::new(store.clone());
    let sound = r#"{"kind":"gift.order","key":"A","payload":{"product_id":1,"warehouse_id":2,"source":"jd","consignees":[
        {"consignee":"张三","mobile":"1","province":"a","city":"b","district":"c","address":"d"}]}}"#;
    let changed = sound.replace("\"jd\"", "\"pdd\"");
    for line in [sound, "{", &changed, sound] {
        redis.command(&["LPUSH", "inbox:inbox", line]);
    }
    let lines = store.inbox_peek(10).await.unwrap();
    assert_eq!(lines.len(), 4);
    let InboxTaken::Accepted(first) = producer.take_inbox_line(&lines[0]).await.unwrap() else {
        panic!("the first line is sound");
    };
    // Another worker that had peeked as well.
    assert_eq!(
        producer.take_inbox_line(&lines[0]).await.unwrap(),
        InboxTaken::Gone
    );
    for (line, reason) in [
        (&lines[1], "line is not JSON"),
        (&lines[2], "key: \"A\" belongs to job"),
    ] {
        let InboxTaken::Rejected(refusal) = producer.take_inbox_line(line).await.unwrap() else {
            panic!("{reason}");
        };
        assert!(refusal.to_string().starts_with(reason), "{refusal}");
    }
    let InboxTaken::Accepted(again) = producer.take_inbox_line(&lines[3]).await.unwrap() else {
        panic!("the last line is known");
    };
    assert_eq!((again.id, again.duplicate), (first.id, true));
    assert_eq!(redis.command(&["LLEN", "inbox:inbox"]), "0");
    assert_eq!(redis.command(&["LLEN", "inbox:rejected"]), "2");
    let newest = redis.command(&["LINDEX", "inbox:rejected", "0"]);
    assert!(
        newest.contains("belongs to job") && newest.contains("张三"),
        "{newest}"
    );
}
