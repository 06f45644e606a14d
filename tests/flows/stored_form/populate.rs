//! A namespace with a job at every place where an upgrade can find one.

use parceld_domain::cancel;
use parceld_domain::catalogue::preflight;
use parceld_domain::errand::Errand;
use parceld_domain::flow::{self, gift_order};
use parceld_domain::line::JobLine;
use parceld_domain::payload::Payload;
use parceld_domain::state::State;
use parceld_domain::transition::Transition;
use parceld_store::{Begin, Begun, Claimed, JobClaim, JobFilter, Operated, Pace, Turn};
use parceld_test_support::wait_until;
use serde_json::{Value, json};

use crate::gift_orders::packages_of;
use crate::lines::{cancel as cancel_line, douyin, gift, gift_order as asked, logistics, sync, taobao, tid};
use crate::world::{BOUND, World};

const LATE_MS: u64 = 600_000;
/// After the fixture is found, as `fixture.rs` moves it.
const SCHEDULED_IN_MS: u64 = 22_000;

/// Brings the world to it. Only its last part depends on time: leases last 5 s.
pub(super) async fn everything(world: &World) {
    world
        .change_vendor(
            json!({"logistics": {"8": 100, "9": 3}, "options": {"ship_after_ms": 100, "page_size_cap": 40}}),
        )
        .await;
    let worker = world.start_worker().await;
    ended(world).await;
    let packages = paid(world).await;
    unknown(world, &packages).await;
    poor(world).await;
    worker.stop.cancel();
    worker.ended.await.expect("the worker stops");
    untouched(world).await;
    amid_a_pass(world).await;
    running(world).await;
    world.enqueue_all(ready(&packages)).await;
    world.judged().await;
}

async fn permission_lost_at(world: &World, endpoint: &str, skip: u32) {
    let refusal = json!({"code": 204, "msg": "请求异常:无该接口权限,请前往官网开通正式接口。"});
    world
        .inject(json!([{"endpoint": endpoint, "skip": skip, "fault": refusal}]))
        .await;
}

async fn cut_after(world: &World, endpoint: &str) {
    world
        .inject(json!([{"endpoint": endpoint, "when": "after", "fault": {"cut": true}}]))
        .await;
}

async fn hold(world: &World, scope: &str) {
    let held = world
        .store
        .hold(&scope.parse().expect("a scope"), "升级前暂停")
        .await;
    held.expect("the test's Redis answers");
}

async fn enqueue_until(world: &World, line: &Value, step: &str, state: State) -> String {
    let id = world.enqueue(line).await;
    wait_until(&format!("{line} is {state} at {step}"), BOUND, async || {
        let fields = world.job(&id).await.fields;
        let is_there = fields["step"] == step && fields["state"] == state.to_string();
        is_there.then_some(()).ok_or_else(|| format!("{fields:?}"))
    })
    .await;
    id
}

/// Every kind done, two failed, one of them replaced.
async fn ended(world: &World) {
    let closed = json!({"trades": {tid(2): {"standing": "closed"}}});
    world.change_vendor(closed).await;
    let lines = [
        taobao(1),
        douyin("7", 1),
        gift("G-done"),
        sync("7", &["s-1".to_owned()]),
        logistics("9"),
    ];
    let ids = world.enqueue_all(lines).await;
    for id in ids {
        world.wait_for(&id, State::Done).await;
    }
    let [mut closed, mut instead] = [taobao(2), taobao(8)];
    for line in [&mut closed, &mut instead] {
        line["key"] = "T-2".into();
    }
    for line in [closed, cancel_line("99999")] {
        let id = world.enqueue(&line).await;
        world.wait_for(&id, State::Failed).await;
    }
    let id = world.enqueue(&instead).await;
    let job = world.wait_for(&id, State::Done).await;
    assert_eq!(job.fields["generation"], "2", "{job:?}");
}

/// A gift order that waits for its waybill, and the packages of three others, the first of which is cancelled.
async fn paid(world: &World) -> Vec<String> {
    world.set_option("ship_after_ms", LATE_MS).await;
    let lines = ["G-poll", "G-cancelled", "G-cancel-unknown", "G-cancel-ready"].map(gift);
    let ids = world.enqueue_all(lines).await;
    let mut packages = Vec::new();
    for id in &ids {
        packages.extend(packages_of(world, id).await);
    }
    packages.remove(0);
    for id in [world.enqueue(&cancel_line(&packages[0])).await, ids[1].clone()] {
        world.wait_for(&id, State::Done).await;
    }
    packages
}

/// Answers that never came, each look-up stopped before it is made, and reads that stopped amid their pages.
async fn unknown(world: &World, packages: &[String]) {
    hold(world, "endpoint:get-package-list").await;
    cut_after(world, "order-create").await;
    enqueue_until(world, &gift("G-identify"), "identify", State::Waiting).await;
    hold(world, "endpoint:get-order-list").await;
    cut_after(world, "order-create").await;
    enqueue_until(world, &gift("G-find"), "find", State::Waiting).await;
    cut_after(world, "submit-payment").await;
    enqueue_until(world, &gift("G-confirm"), "confirm", State::Waiting).await;
    cut_after(world, "get-package-cancel").await;
    enqueue_until(world, &cancel_line(&packages[1]), "confirm", State::Waiting).await;
    permission_lost_at(world, "mpaging-orders", 1).await;
    let numbers: Vec<String> = (0..60).map(|number| format!("s-{number}")).collect();
    enqueue_until(world, &sync("7", &numbers), "fetch", State::Parked).await;
    hold(world, "endpoint:mpaging-orders").await;
    permission_lost_at(world, "detail", 1).await;
    enqueue_until(world, &logistics("8"), "fetch", State::Parked).await;
    hold(world, "endpoint:detail").await;
    cut_after(world, "send").await;
    enqueue_until(world, &taobao(3), "verify", State::Ready).await;
    aside(world, "endpoint:detail").await;
}

/// A payment that was refused for want of points, and one that waits behind it.
async fn poor(world: &World) {
    world.change_vendor(json!({"balance": 0})).await;
    enqueue_until(world, &gift("G-poor"), "pay", State::Parked).await;
    enqueue_until(world, &gift("G-behind"), "pay", State::Ready).await;
    aside(world, "balance").await;
    wait_until("the balance was probed", BOUND, async || {
        let probes = world.redis(&["HEXISTS", "{}:scope:balance", "probes"]);
        (probes == "1").then_some(()).ok_or(probes)
    })
    .await;
    hold(world, "balance").await;
}

async fn aside(world: &World, scope: &str) {
    wait_until(&format!("a lane of {scope} is aside"), BOUND, async || {
        let lanes = world.redis(&["SCARD", &format!("{{}}:aside:{scope}")]);
        (lanes == "1").then_some(()).ok_or(lanes)
    })
    .await;
}

/// What no worker has seen: cancelled, scheduled, in the inbox, refused there.
async fn untouched(world: &World) {
    let id = world.enqueue(&taobao(5)).await;
    let job = world
        .store
        .load(&[id])
        .await
        .expect("Redis answers")
        .jobs
        .remove(0);
    let outcome = cancel::cancel(&job).expect("nothing was sent");
    let moved = world
        .store
        .operate(&[(&job, Transition::new(&job, outcome, None, 1))])
        .await;
    assert_eq!(moved.expect("Redis answers"), [Operated::Moved]);
    let mut later = taobao(6);
    let now_ms = world.stats().await.now_ms;
    let due_ms = i64::try_from(now_ms + SCHEDULED_IN_MS).expect("a time");
    let due = jiff::Timestamp::from_millisecond(due_ms).expect("a time");
    later["run_at"] = due.to_string().into();
    world.enqueue(&later).await;
    world.redis(&["LPUSH", "{}:inbox", "no JSON", &taobao(9).to_string()]);
    let refused = world
        .store
        .inbox_reject(&b"no JSON".to_vec(), "the line is not JSON")
        .await;
    assert!(refused.expect("Redis answers"));
    let about = json!({"pid": 1, "since_ms": now_ms, "seen_ms": now_ms, "in_flight": 3, "version": "0.1.0"});
    let told = world
        .store
        .report_worker("host-1-killed", &about.to_string())
        .await;
    told.expect("Redis answers");
}

async fn claim(world: &World, what: &str) -> Claimed {
    wait_until(what, BOUND, async || {
        let token = ulid::Ulid::generate().to_string();
        let claimed = world.store.claim(&token, "host-1-killed", Pace::default()).await;
        match claimed.map_err(|error| error.to_string())? {
            Claimed::Nothing { wait_ms } => Err(format!("nothing for {wait_ms} ms")),
            claimed => Ok(claimed),
        }
    })
    .await
}

/// The packages errand at its second page, of which its worker did not come back.
async fn amid_a_pass(world: &World) {
    world.resume("endpoint:get-package-list").await;
    for page in 1..=2 {
        let claim = match claim(world, "the packages are due").await {
            Claimed::Errand(claim) => claim,
            other => panic!("the errand was expected: {other:?}"),
        };
        assert_eq!((&claim.errand, claim.page), (&Errand::Packages, page));
        if page == 1 {
            let all = JobFilter {
                limit: 1_000,
                ..JobFilter::default()
            };
            let jobs = world.store.list(&all).await;
            let jobs: Vec<String> = jobs
                .expect("Redis answers")
                .into_iter()
                .map(|job| job.id)
                .collect();
            let loaded = world.store.load(&jobs).await.expect("Redis answers");
            let met = loaded
                .jobs
                .iter()
                .find(|job| job.state == State::Waiting)
                .expect("one waits");
            let seen = world.store.observe(&claim.errand, &[(met, None)]).await;
            seen.expect("Redis answers");
            let turned = world
                .store
                .turn_page(&claim.grant, &claim.errand, &Turn::Page(2), false, "")
                .await;
            assert!(turned.expect("Redis answers"));
        }
    }
    hold(world, "endpoint:get-package-list").await;
}

/// Jobs of a worker that was killed: before its call, behind an effect, and one that goes alone.
async fn running(world: &World) {
    world.enqueue(&taobao(4)).await;
    begin(world, &take(world).await).await;
    let Ok(JobLine {
        payload: Payload::TaobaoShip(ship),
        ..
    }) = JobLine::parse(taobao(4).to_string().as_bytes())
    else {
        panic!("no shipment");
    };
    world.vendor().send(&ship).await.expect("its shipment");
    world.enqueue(&gift("G-begun")).await;
    begin(world, &take(world).await).await;
    let order = asked(&gift("G-begun"));
    world
        .vendor()
        .order_create(&order, "G-begun")
        .await
        .expect("its order");
    let alone = world.enqueue(&douyin("5", 5)).await;
    for _ in 0..2 {
        begin(world, &take(world).await).await;
        world.redis(&["ZADD", "{}:running", "1", &alone]);
    }
    take(world).await;
    assert_eq!(world.job(&alone).await.fields["deaths"], "2");
    world.enqueue(&douyin("7", 2)).await;
    take(world).await;
}

async fn take(world: &World) -> JobClaim {
    match claim(world, "the job is there to claim").await {
        Claimed::Jobs(claim) if claim.jobs.len() == 1 => claim,
        other => panic!("one job was expected: {other:?}"),
    }
}

/// The last move before the first byte, as a worker makes it.
async fn begin(world: &World, claim: &JobClaim) {
    let mut job = claim.jobs[0].clone();
    let payload = Payload::decode(job.kind, job.payload.expose()).expect("a payload");
    let ctx = flow::Context {
        policy: &world.policy,
        now_ms: claim.grant.now_ms,
        jitter: 0.0,
    };
    if let Payload::GiftOrder(order) = &payload {
        let catalogue = world
            .store
            .catalogue()
            .await
            .expect("Redis answers")
            .expect("a catalogue");
        let catalogue = serde_json::from_str(&catalogue).expect("a catalogue's JSON");
        let found = preflight(order, &catalogue, job.created_at_ms, ctx.now_ms);
        let checked = gift_order::apply(&job, order, gift_order::Event::Preflighted(found), &ctx);
        job.memory = checked.expect("it is to be created").memory.expect("its price");
    }
    let job = &job;
    let outcome = flow::on_death(job, &payload, &ctx);
    let lane = flow::lane(&payload, outcome.step);
    let units = flow::units(&payload, outcome.step, &job.memory);
    let begin = Begin {
        id: job.id.clone(),
        intent: json!({"event": "call", "endpoint": claim.lane.endpoint, "step": job.step, "attempt": 1,
            "fence": claim.grant.fence})
        .to_string(),
        on_death: Transition::new(job, outcome, lane.as_ref(), units),
        counts: true,
        guarded: false,
    };
    let begun = world
        .store
        .begin(&claim.grant, &claim.lane, 1_000, &[begin])
        .await;
    assert_eq!(begun.expect("Redis answers"), Begun::Granted);
    // Whatever call follows leaves at its slot.
    tokio::time::sleep_until(claim.grant.slot.into()).await;
}

/// One of every kind at its first step.
fn ready(packages: &[String]) -> Vec<Value> {
    vec![
        taobao(7),
        douyin("7", 3),
        gift("G-ready"),
        cancel_line(&packages[2]),
        sync("8", &["s-1".to_owned(), "s-2".to_owned()]),
        logistics("9"),
    ]
}
