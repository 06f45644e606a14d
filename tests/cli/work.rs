//! The commands beside a worker at work: what fails is retried, what is paid is not cancelled.

use std::time::Duration;

use parceld_test_support::{Persistence, PrivateRedis, Process, Proxy, Signal, Simulator, wait_until};
use serde_json::{Value, json};

use crate::bed::{Bed, binary, gift, ship, text};

/// Bucket and look-ups take their time; a busy machine takes more.
const BOUND: Duration = Duration::from_secs(60);

/// A worker against a simulator of its own.
struct Work {
    bed: Bed,
    vendor: Simulator,
    worker: Process,
}

impl Work {
    async fn start() -> Self {
        Work::on(Bed::new().await).await
    }

    async fn on(bed: Bed) -> Self {
        let vendor = Simulator::start(binary(), &[]).await;
        let bed = bed
            .with("PARCELD__VENDOR__BASE_URL", &vendor.base_url())
            .with("PARCELD__VENDOR__ACCESS_TOKEN", "token")
            .with("PARCELD__RATE_LIMIT__PER_SECOND", "0");
        let worker = Process::start(binary(), &["worker"], &bed.envs());
        Work { bed, vendor, worker }
    }

    /// The job, once it is there.
    async fn wait_for(&self, id: &str, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
        wait_until(what, BOUND, async || {
            let job = self.bed.json(&["jobs", "show", id]).await;
            if holds(&job) {
                Ok(job)
            } else {
                Err(job.to_string())
            }
        })
        .await
    }
}

#[tokio::test]
async fn a_job_that_failed_is_listed_by_its_code_and_retried_to_its_end() {
    let work = Work::start().await;
    let fault = json!([{"endpoint": "send", "fault": {"code": 614, "msg": "没有权限进行发货"}}]);
    work.vendor.inject(&fault).await;
    let id = text(&work.bed.enqueue(&[ship("A", "YT1")]).await[0], "id");
    let failed = work
        .wait_for(&id, "the job fails", |job| job["state"] == "failed")
        .await;
    assert_eq!(
        (&failed["error"]["code"], &failed["error"]["class"]),
        (&json!(614), &json!("terminal"))
    );
    let listed = work
        .bed
        .json(&["jobs", "list", "--state", "failed", "--code", "614"])
        .await;
    assert_eq!(listed[0]["id"], *id);
    let other = work
        .bed
        .json(&["jobs", "retry", "--state", "failed", "--code", "615"])
        .await;
    assert_eq!(other, json!({"retried": 0}));
    let retried = work
        .bed
        .json(&["jobs", "retry", "--state", "failed", "--kind", "taobao.ship"])
        .await;
    assert_eq!(retried, json!({"retried": 1}));
    let done = work
        .wait_for(&id, "the job is done", |job| job["state"] == "done")
        .await;
    assert_eq!(
        (&done["result"]["withholding_money"], &done["error"]),
        (&json!(1), &Value::Null)
    );
    let events = done["history"].as_array().unwrap();
    assert!(events.iter().any(|entry| entry["event"] == "retried"), "{done}");
}

#[tokio::test]
async fn a_paid_gift_order_is_refused_with_the_line_that_cancels_its_package() {
    let work = Work::start().await;
    work.vendor
        .post("/sim/state", &json!({"options": {"ship_after_ms": 600_000}}))
        .await;
    let id = text(&work.bed.enqueue(&[gift("G")]).await[0], "id");
    work.wait_for(&id, "the order is paid", |job| job["step"] == "poll")
        .await;
    let refused = work.bed.json(&["jobs", "cancel", &id]).await;
    assert_eq!(refused["cancelled"], 0);
    let reason = text(&refused["refused"][0], "reason");
    assert!(
        reason.contains("is paid") && reason.contains("gift.cancel"),
        "{reason}"
    );
    let mut changed = gift("G");
    changed["payload"]["product_number"] = json!(2);
    let ran = work.bed.feed(&["enqueue"], changed.to_string().as_bytes()).await;
    let order_sn = text(&work.bed.json(&["jobs", "show", &id]).await["result"], "order_sn");
    assert_eq!(ran.code, 65);
    assert!(ran.stdout.contains(&order_sn), "{}", ran.stdout);
}

#[tokio::test]
async fn an_unpaid_order_that_failed_keeps_its_key_until_the_way_out_is_taken_that_the_refusal_names() {
    let redis = PrivateRedis::start(Persistence::None).await;
    let work = Work::on(Bed::at(&redis.url(), "unpaid")).await;
    let fault = json!([{"endpoint": "submit-payment", "fault": {"code": 10406, "msg": "当前订单不存在"}}]);
    work.vendor.inject(&fault).await;
    let id = text(&work.bed.enqueue(&[gift("G")]).await[0], "id");
    let failed = work
        .wait_for(&id, "the payment is refused", |job| job["state"] == "failed")
        .await;
    let codes = || redis.command(&["HEXISTS", "unpaid:failed:codes", "10406 gift.order"]);
    assert_eq!(codes(), "1");
    let mut changed = gift("G");
    changed["payload"]["product_number"] = json!(2);
    let ran = work.bed.feed(&["enqueue"], changed.to_string().as_bytes()).await;
    assert_eq!(ran.code, 65);
    let error = text(&ran.lines()[0], "error");
    let order_sn = text(&failed["result"], "order_sn");
    assert!(
        error.contains(&order_sn) && error.contains(&format!("`parceld jobs cancel {id}`")),
        "{error}"
    );
    let cancelled = work.bed.json(&["jobs", "cancel", &id]).await;
    assert_eq!(cancelled, json!({"cancelled": 1, "refused": []}));
    assert_eq!(codes(), "0");
    assert_eq!(work.bed.enqueue(&[changed]).await[0]["replaces"], *id);
}

#[tokio::test]
async fn a_paid_order_that_failed_is_not_cancelled_but_its_packages_can_be() {
    let bed = Bed::new()
        .await
        .with("PARCELD__GIFT_ORDER__POLL_INITIAL", "200ms")
        .with("PARCELD__GIFT_ORDER__DEADLINE", "700ms")
        .with("PARCELD__VENDOR__SETTLE_TIME", "100ms");
    let work = Work::on(bed).await;
    work.vendor
        .post("/sim/state", &json!({"options": {"ship_after_ms": 600_000}}))
        .await;
    let id = text(&work.bed.enqueue(&[gift("G")]).await[0], "id");
    let failed = work
        .wait_for(&id, "the deadline passes", |job| job["state"] == "failed")
        .await;
    assert_eq!(failed["error"]["class"], "deadline", "{failed}");
    let refused = work.bed.json(&["jobs", "cancel", &id]).await;
    assert_eq!(refused["cancelled"], 0);
    let reason = text(&refused["refused"][0], "reason");
    let package = text(&failed["result"]["packages"][0], "package_id");
    let line = format!(r#"{{"kind":"gift.cancel","payload":{{"package_id":"{package}"}}}}"#);
    assert!(reason.contains("is paid") && reason.contains(&line), "{reason}");
    // The very line that it gives is taken.
    let cancel = text(
        &work.bed.enqueue(&[serde_json::from_str(&line).unwrap()]).await[0],
        "id",
    );
    work.wait_for(&cancel, "the package is cancelled", |job| job["state"] == "done")
        .await;
}

#[tokio::test]
async fn a_job_that_fails_again_while_a_retry_by_state_is_under_way_is_retried_once() {
    let redis = PrivateRedis::start(Persistence::None).await;
    let work = Work::on(Bed::at(&redis.url(), "again")).await;
    let fault =
        json!([{"endpoint": "send", "times": 100, "fault": {"code": 614, "msg": "没有权限进行发货"}}]);
    work.vendor.inject(&fault).await;
    let id = text(&work.bed.enqueue(&[ship("A", "YT1")]).await[0], "id");
    work.wait_for(&id, "the job fails", |job| job["state"] == "failed")
        .await;
    // Slow enough for the job to fail again before the command looks for more.
    let proxy = Proxy::to(redis.port()).await;
    proxy.delay(Duration::from_millis(500), Duration::from_millis(500));
    let retried = Bed::at(&proxy.redis_url(), "again")
        .json(&["jobs", "retry", "--state", "failed"])
        .await;
    let job = work.bed.json(&["jobs", "show", &id]).await;
    assert_eq!(job["state"], "failed", "it was no test: {job}");
    assert_eq!(retried, json!({"retried": 1}));
    let events = job["history"].as_array().unwrap();
    let count = events.iter().filter(|entry| entry["event"] == "retried").count();
    assert_eq!(count, 1, "{job}");
}

#[tokio::test]
async fn a_worker_is_listed_while_it_works_and_leaves_with_0_when_it_is_asked_to() {
    let mut work = Work::start().await;
    wait_until("the worker is listed", BOUND, async || {
        let stats = work.bed.json(&["stats"]).await;
        match stats["workers"].as_array().map(Vec::len) {
            Some(1) => Ok(()),
            _ => Err(stats.to_string()),
        }
    })
    .await;
    work.worker.signal(Signal::Terminate);
    assert_eq!(work.worker.wait_for_exit(BOUND).await.code(), Some(0));
    assert_eq!(work.bed.json(&["stats"]).await["workers"], json!([]));
}
