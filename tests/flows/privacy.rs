//! No personal data leaves the payload: not into logs, key names, errors, history or events.

use std::io::Write;
use std::sync::{Arc, Mutex};

use parceld_domain::audit::Fault;
use parceld_domain::state::State;
use serde_json::{Value, json};
use tracing_subscriber::layer::SubscriberExt;

use crate::gift_orders::world_that_ships_after;
use crate::lines::{breakages, gift, taobao};

/// A name, a phone and an address that nobody else has.
const CANARIES: [&str; 3] = ["金丝雀夫人", "13977778888", "金丝雀大街77号"];

/// Everything that was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn order(key: &str) -> Value {
    let mut line = gift(key);
    let consignee = &mut line["payload"]["consignees"][0];
    consignee["consignee"] = json!(CANARIES[0]);
    consignee["mobile"] = json!(CANARIES[1]);
    consignee["address"] = json!(CANARIES[2]);
    line
}

/// A single thread, so that everything that happens here is logged here.
#[tokio::test(flavor = "current_thread")]
async fn names_phones_and_addresses_stay_in_the_payload() {
    let log = Log::default();
    let writer = log.clone();
    let filter = tracing_subscriber::EnvFilter::new(
        "parceld_worker=trace,parceld_domain=trace,parceld_store=trace,parceld_vendor=trace",
    );
    let subscriber = tracing_subscriber::registry()
        .with(filter)
        .with(tracing_subscriber::fmt::layer().with_writer(move || writer.clone()));
    let world = world_that_ships_after(100).await;
    let _guard = tracing::subscriber::set_default(subscriber);

    let mut ids = Vec::new();
    for (name, fault) in breakages() {
        world
            .inject(json!([{"endpoint": "order-create", "when": "after", "match": {"remark": name}, "fault": fault}]))
            .await;
        ids.push(world.enqueue(&order(name)).await);
    }
    let mut forbidden = order("forbidden");
    forbidden["payload"]["consignees"][0]["province"] = json!("北京市");
    let mut unknown = order("unknown");
    unknown["payload"]["product_id"] = json!(999);
    let spoilt = world.enqueue(&order("spoilt")).await;
    let key = format!("{{}}:job:{spoilt}");
    world.redis(&[
        "HSET",
        &key,
        "payload",
        &format!(r#"{{"consignees":"{}"}}"#, CANARIES[0]),
    ]);
    let mut failing = vec![spoilt];
    failing.extend(world.enqueue_all([forbidden, unknown]).await);
    world.enqueue(&taobao(1)).await;
    world.start_worker().await;
    for id in &ids {
        world.wait_for(id, State::Done).await;
    }
    for id in &failing {
        world.wait_for(id, State::Failed).await;
    }

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("done") && log.contains("failed"), "{log}");
    let everything = [
        (
            "EVAL",
            "return table.concat(redis.call('KEYS', ARGV[1] .. ':*'), '\\n')",
        ),
        (
            "EVAL",
            "return cjson.encode(redis.call('XRANGE', ARGV[1] .. ':events', '-', '+'))",
        ),
    ];
    let mut seen = vec![("the log", log)];
    for (command, script) in everything {
        seen.push((script, world.redis(&[command, script, "0", "{}"])));
    }
    for id in ids.iter().chain(&failing) {
        let mut job = world.job(id).await;
        job.fields.remove("payload");
        seen.push(("a job", format!("{job:?}")));
    }
    let audit = world.store.audit(&world.limits()).await;
    let audit = audit.expect("the test's Redis answers");
    assert!(!audit.findings.is_empty());
    seen.push(("an audit", format!("{audit:?}")));
    for (place, text) in &seen {
        for canary in CANARIES {
            assert!(!text.contains(canary), "{canary} in {place}");
        }
    }
    world.judged_but_for(&[Fault::JobUnreadable]).await;
}
