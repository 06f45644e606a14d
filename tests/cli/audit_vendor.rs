//! `parceld audit --vendor`: the jobs beside what the vendor shows, and what is said where it cannot be asked.

use parceld_domain::audit::Fault;
use parceld_test_support::{BOUND, Simulator, World, jobs, wait_until};
use serde_json::{Value, json};

use crate::bed::{Bed, binary, gift};

/// The program under test, as worlds want it.
const PARCELD: &str = env!("CARGO_BIN_EXE_parceld");

/// A bed with a vendor that can be asked, and no limit to wait for.
async fn bed(vendor: &str) -> Bed {
    Bed::new()
        .await
        .with("PARCELD__VENDOR__BASE_URL", vendor)
        .with("PARCELD__VENDOR__ACCESS_TOKEN", "token")
        .with("PARCELD__RATE_LIMIT__PER_SECOND", "0")
}

async fn calls(vendor: &Simulator) -> usize {
    let calls = vendor.get("/sim/calls").await;
    calls.as_array().expect("an array of calls").len()
}

/// Does what somebody else does at the vendor: an order with this remark, paid or not.
async fn order_by_hand(vendor: &Simulator, remark: &str, is_paid: bool) -> String {
    let mut order = gift(remark)["payload"].clone();
    order["remark"] = json!(remark);
    let created = vendor.post("/shop/apis/order-create", &order).await;
    let created = &created["data"]["order"];
    if is_paid {
        let payment = json!({"order_id": created["order_id"]});
        let paid = vendor.post("/shop/apis/submit-payment", &payment).await;
        assert_eq!(paid["code"], 0, "{paid}");
    }
    created["order_sn"].as_str().expect("a number").to_owned()
}

/// Codes and details of an audit's findings.
fn told(document: &Value) -> Vec<(&str, &str, &str)> {
    let findings = document["findings"].as_array().expect("findings");
    findings
        .iter()
        .map(|finding| {
            let text = |name: &str| finding[name].as_str().unwrap_or_default();
            (text("code"), text("subject"), text("detail"))
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_bought_under_a_key_beside_its_job_is_found() {
    let world = World::with(PARCELD, &[("RATE_LIMIT__PER_SECOND", "0")]).await;
    let worker = world.worker();
    let ids = world.enqueue(&["G-1", "G-2", "G-3"].map(jobs::gift));
    for id in &ids {
        world.wait_for_done(id).await;
    }
    drop(worker);
    // Orders of nobody whom this Redis knows, twice as well.
    for _ in 0..2 {
        order_by_hand(&world.simulator, "222", true).await;
    }
    world
        .change_vendor(&json!({"options": {"page_size_cap": 2}}))
        .await;
    // What ended just now may be shown late, and is not judged by it.
    let document = world.ask(&["audit", "--vendor"]);
    assert_eq!(document["findings"], json!([]), "{document:#}");
    let looked_at = &document["looked_at"]["vendor"];
    let numbers = ["pages", "orders", "ours"].map(|name| looked_at[name].as_u64());
    assert_eq!(numbers, [Some(3), Some(5), Some(3)], "{document:#}");
    assert_eq!(looked_at["back_s"], Value::Null);

    let own = world.job(&ids[0])["result"]["order_sn"]
        .as_str()
        .map(str::to_owned);
    let second = order_by_hand(&world.simulator, "G-1", true).await;
    let ran = world.start(&["audit", "--vendor", "-o", "json"]).join().unwrap();
    assert_eq!(ran.status.code(), Some(1), "{ran:?}");
    let document: Value = serde_json::from_slice(&ran.stdout).unwrap();
    // In the order of their numbers, which is not that of their creation: they hold the seconds of a minute (trap C7).
    let mut numbers = [own.expect("it is known"), second];
    numbers.sort();
    let detail = format!("the vendor shows orders {} as paid", numbers.join(", "));
    assert_eq!(
        told(&document),
        [("vendor-paid-twice", "key:gift.order:G-1", detail.as_str())]
    );
    let finding = &document["findings"][0];
    assert_eq!(finding["advice"], Fault::VendorPaidTwice.advice());
    assert_eq!(finding["repairable"], false);
    assert!(String::from_utf8_lossy(&ran.stderr).contains("the audit has 1 finding;"));
    // A vendor that has lost everything, or a token of another account: once nothing can be merely late.
    world.simulator.post("/sim/reset", &Value::Null).await;
    let document = wait_until("what is missing is found", BOUND, async || {
        let ran = world.start(&["audit", "--vendor", "-o", "json"]).join().unwrap();
        let document: Value = serde_json::from_slice(&ran.stdout).unwrap();
        match told(&document).len() {
            3 => Ok(document),
            _ => Err(document.to_string()),
        }
    })
    .await;
    for (code, _, detail) in told(&document) {
        assert_eq!(code, "vendor-unpaid");
        assert!(
            detail.ends_with("counts as paid, and the vendor does not show it"),
            "{detail}"
        );
    }
    // Without the flag nothing is asked and nothing of it told.
    let asked = world.calls().await.len();
    assert_eq!(world.ask(&["audit"])["looked_at"]["vendor"], Value::Null);
    assert_eq!(world.calls().await.len(), asked);
    // The world's own audit asks too, and is to find nothing.
    world.renew().await;
}

#[tokio::test]
async fn an_order_that_was_paid_before_its_job_began_is_found() {
    let vendor = Simulator::start(binary(), &[]).await;
    let bed = bed(&vendor.base_url()).await;
    bed.enqueue(&[gift("A"), gift("B")]).await;
    order_by_hand(&vendor, "A", true).await;
    order_by_hand(&vendor, "B", false).await;
    let ran = bed.run(&["-o", "json", "audit", "--vendor"]).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    let document = ran.document();
    let told = told(&document);
    assert_eq!(told.len(), 1, "{document:#}");
    assert_eq!(told[0].0, "vendor-paid-unasked");
    assert!(
        told[0]
            .2
            .ends_with("as paid; it is ready at step create and has paid none"),
        "{told:?}"
    );
    let table = bed.run(&["audit", "--vendor"]).await;
    assert!(
        table
            .stdout
            .starts_with("audit: 2 jobs and 2 orders of the vendor looked at, 1 finding\n"),
        "{}",
        table.stdout
    );
}

#[tokio::test]
async fn a_page_without_a_clear_answer_is_read_again_and_a_refused_one_ends_the_reading() {
    let vendor = Simulator::start(binary(), &[]).await;
    let bed = bed(&vendor.base_url()).await;
    bed.enqueue(&[gift("A")]).await;
    let busy = json!([{"endpoint": "get-order-list", "times": 2, "fault": {"code": 202, "msg": "系统繁忙"}}]);
    vendor.inject(&busy).await;
    assert_eq!(bed.json(&["audit", "--vendor"]).await["unsettled"], json!([]));
    assert_eq!(calls(&vendor).await, 3);
    let refused = json!([{"endpoint": "get-order-list", "fault": {"code": 401, "msg": "身份凭证无效"}}]);
    vendor.inject(&refused).await;
    let ran = bed.run(&["-o", "json", "audit", "--vendor"]).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    assert_eq!(ran.document()["unsettled"], json!(["vendor"]));
    assert!(
        ran.stderr
            .contains("the vendor's orders were not all read: 身份凭证无效"),
        "{}",
        ran.stderr
    );
    // It changes nothing, not even for the workers.
    assert_eq!(bed.json(&["stats"]).await["parked"], json!([]));
}

#[tokio::test]
async fn what_redis_shows_is_told_although_the_vendor_cannot_be_asked() {
    let vendor = Simulator::start(binary(), &[]).await;
    let bed = bed(&vendor.base_url()).await;
    bed.json(&["park", "account", "--reason", "a test"]).await;
    let ran = bed.run(&["-o", "json", "audit", "--vendor"]).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    assert_eq!(ran.document()["looked_at"]["scopes"], 1);
    assert!(ran.stderr.contains("account is parked"), "{}", ran.stderr);
    assert_eq!(calls(&vendor).await, 0);

    let nobody = Bed::new()
        .await
        .with("PARCELD__VENDOR__BASE_URL", "http://127.0.0.1:1")
        .with("PARCELD__VENDOR__ACCESS_TOKEN", "token")
        .with("PARCELD__RATE_LIMIT__PER_SECOND", "0");
    let ran = nobody.run(&["-o", "json", "audit", "--vendor"]).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    assert_eq!(ran.document()["findings"], json!([]));
    assert!(ran.stderr.contains("not sent"), "{}", ran.stderr);
}

#[tokio::test]
async fn the_vendor_is_asked_with_a_token_and_so_far_back_as_is_said() {
    let ran = Bed::new().await.run(&["audit", "--vendor"]).await;
    assert_eq!((ran.code, ran.stdout.as_str()), (78, ""));
    assert!(ran.stderr.contains("vendor.access_token"), "{}", ran.stderr);
    for wrong in [
        &["audit", "--since", "7d"][..],
        &["audit", "--vendor", "--since", "a week"],
    ] {
        assert_eq!(Bed::new().await.run(wrong).await.code, 2, "{wrong:?}");
    }
}
