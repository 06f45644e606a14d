//! A worker is killed before and after each effect; another takes the job over, and no effect happens twice.

use std::thread::{self, Builder};

use parceld_test_support::judge::clean_ledger;
use parceld_test_support::{BOUND, Crew, Signal, World, jobs, wait_until};
use serde_json::{Value, json};
use tokio::runtime;

use crate::PARCELD;

/// The number that the vendor gives to its first package.
const FIRST_PACKAGE: &str = "1671";

/// Calls whose answer is all there is to them.
const READS: [&str; 2] = ["mpaging-orders", "detail"];

/// By which call an unclear one is settled, where nothing else in these worlds makes such calls.
const LOOK_UPS: [(&str, &str); 4] = [
    ("order-create", "get-order-list"),
    ("submit-payment", "get-package-list"),
    ("send", "detail"),
    ("dy-ship-free", "dy-ship-free"),
];

/// The deadline of a call and the settle time in these worlds.
const UNCLEAR_MS: f64 = 1_000.0 + 1_500.0;

/// When the worker dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Blow {
    /// Its call has arrived and does nothing.
    BeforeEffect,
    /// Its call has arrived, and has its effect when the worker is dead.
    BeforeLateEffect,
    /// The vendor has done it and says nothing.
    AfterEffect,
    /// The vendor has answered, and the answer has not been read.
    AfterReply,
}

/// One row of a table.
struct Case {
    job: Value,
    endpoint: &'static str,
    blow: Blow,
    /// Calls of this endpoint that the vendor saw in the end.
    calls: u64,
    /// What settled the job, where its result says so.
    settled_by: Option<&'static str>,
    /// Whether the worker that takes over runs already when the other one dies.
    standby: bool,
}

#[test]
fn a_gift_order_is_created_once_whenever_its_worker_is_killed() {
    all_survive(looked_up(&jobs::gift("G-1"), "order-create", None));
}

#[test]
fn a_gift_order_is_paid_once_whenever_its_worker_is_killed() {
    all_survive(looked_up(&jobs::gift("G-1"), "submit-payment", None));
}

#[test]
fn a_taobao_trade_is_shipped_once_whenever_its_worker_is_killed() {
    all_survive(looked_up(&jobs::taobao(1), "send", Some("look-up")));
}

#[test]
fn a_package_is_cancelled_once_whenever_its_worker_is_killed() {
    all_survive(looked_up(
        &jobs::gift_cancel(FIRST_PACKAGE),
        "get-package-cancel",
        None,
    ));
}

#[test]
fn a_douyin_pair_is_repeated_and_shipped_once_whenever_its_worker_is_killed() {
    let case = |blow, standby| Case {
        job: jobs::douyin("2002", 1),
        endpoint: "dy-ship-free",
        blow,
        calls: 2,
        settled_by: Some("repeat"),
        standby,
    };
    all_survive([
        case(Blow::BeforeEffect, false),
        case(Blow::BeforeLateEffect, true),
        case(Blow::AfterEffect, false),
        case(Blow::AfterReply, true),
    ]);
}

#[test]
fn a_read_is_repeated_whenever_its_worker_is_killed() {
    let case = |job, endpoint, blow, standby| Case {
        job,
        endpoint,
        blow,
        calls: 2,
        settled_by: None,
        standby,
    };
    let orders = || jobs::orders_sync("3003", 1);
    let shippings = || jobs::logistics_sync("4004");
    all_survive([
        case(orders(), "mpaging-orders", Blow::BeforeEffect, true),
        case(orders(), "mpaging-orders", Blow::AfterReply, false),
        case(shippings(), "detail", Blow::BeforeEffect, false),
        case(shippings(), "detail", Blow::AfterReply, true),
    ]);
}

/// The four blows at a call whose unknown outcome is looked up: only what has not happened is done again.
fn looked_up(job: &Value, endpoint: &'static str, settled_by: Option<&'static str>) -> [Case; 4] {
    let case = |blow: Blow, standby| Case {
        job: job.clone(),
        endpoint,
        blow,
        calls: if blow == Blow::BeforeEffect { 2 } else { 1 },
        settled_by: settled_by.filter(|_| blow != Blow::BeforeEffect),
        standby,
    };
    [
        case(Blow::BeforeEffect, false),
        case(Blow::BeforeLateEffect, true),
        case(Blow::AfterEffect, true),
        case(Blow::AfterReply, false),
    ]
}

/// Every case in a world of its own, as many at once as there is room for.
fn all_survive(cases: impl IntoIterator<Item = Case>) {
    thread::scope(|scope| {
        for case in cases {
            // A thread each, because commands and signals block.
            let name = format!("{} {:?}", case.endpoint, case.blow);
            let survives = || block_on(survives(case));
            let started = Builder::new().name(name).spawn_scoped(scope, survives);
            started.expect("a thread starts");
        }
    });
}

/// Kills the worker whose call is the case's, and lets another end the job.
async fn survives(case: Case) {
    let world = World::with(PARCELD, &[("VENDOR__SETTLE_TIME", "1500ms")]).await;
    // Only what has not left yet can be cancelled.
    let is_cancel = case.endpoint == "get-package-cancel";
    let ship_after_ms = if is_cancel { 600_000 } else { 100 };
    world
        .change_vendor(&json!({"options": {"ship_after_ms": ship_after_ms}}))
        .await;
    let mut crew = Crew::of(&world, if case.standby { 2 } else { 1 });
    if is_cancel {
        buy_a_package(&world).await;
    }
    world
        .simulator
        .inject(&json!([{"endpoint": case.endpoint, "when": case.blow.when(), "fault": case.blow.fault()}]))
        .await;
    let ids = world.enqueue(std::slice::from_ref(&case.job));
    let id = ids[0].as_str();
    let struck = case.strike(&world, &mut crew, id).await;
    if !case.standby {
        crew.hire(&world);
    }
    world.wait_for_done(id).await;
    let ledger = clean_ledger(&world).await;
    case.assert_patience(&world, &struck).await;
    let job = world.job(id);
    let told = format!("{:?} of {}: {ledger:#} {job:#}", case.blow, case.endpoint);
    assert_eq!(ledger["by_endpoint"][case.endpoint], case.calls, "{told}");
    assert_eq!(job["result"]["settled_by"].as_str(), case.settled_by, "{told}");
    crew.assert_alive();
}

/// A gift order that is paid and waits, so that [`FIRST_PACKAGE`] is there to be cancelled.
async fn buy_a_package(world: &World) {
    let ids = world.enqueue(&[jobs::gift("G-1")]);
    wait_until("the package is known", BOUND, async || {
        let job = world.job(&ids[0]);
        let package = &job["result"]["packages"][0]["package_id"];
        if package == FIRST_PACKAGE {
            Ok(())
        } else {
            Err(format!("{job:#}"))
        }
    })
    .await;
}

impl Case {
    /// Kills the worker that makes the call; answers the call.
    async fn strike(&self, world: &World, crew: &mut Crew, id: &str) -> Value {
        let what = format!("the {} to be struck {:?}", self.endpoint, self.blow);
        let reached = |call: &Value| {
            call["endpoint"] == self.endpoint
                && !call["fault"].is_null()
                && (call["effect"] == true || !self.blow.comes_after() || READS.contains(&self.endpoint))
        };
        let call = world.wait_for_call(&what, reached).await;
        let mut victim = crew.take_holder(world, id);
        if self.blow == Blow::AfterReply {
            // What it cannot read any more lies in its socket when the vendor has answered.
            victim.signal(Signal::Stop);
            let ended = |seen: &Value| seen["n"] == call["n"] && seen["ended"] == true;
            world.wait_for_call("the answer go out", ended).await;
        }
        victim.kill();
        // It died amid its call, or this case would prove nothing.
        assert_eq!(world.field(id, "state"), "running", "{:#}", world.job(id));
        call
    }

    /// Nothing is looked up or repeated before the call's deadline and the settle time are over: what was seen earlier
    /// would prove nothing.
    async fn assert_patience(&self, world: &World, struck: &Value) {
        let Some((_, look_up)) = LOOK_UPS.iter().find(|(endpoint, _)| *endpoint == self.endpoint) else {
            return;
        };
        let calls = world.calls().await;
        let n = struck["n"].as_u64();
        let is_look_up = |call: &&Value| call["n"].as_u64() > n && call["endpoint"] == *look_up;
        let looked = calls.iter().find(is_look_up);
        let looked = looked.unwrap_or_else(|| panic!("no {look_up}: {calls:#?}"));
        let at_ms = |call: &Value| call["at_ms"].as_f64().expect("a time");
        assert!(
            at_ms(looked) - at_ms(struck) >= UNCLEAR_MS,
            "{struck:#} {looked:#}"
        );
    }
}

impl Blow {
    const fn comes_after(self) -> bool {
        matches!(self, Blow::AfterEffect | Blow::AfterReply)
    }

    const fn when(self) -> &'static str {
        if self.comes_after() { "after" } else { "before" }
    }

    fn fault(self) -> Value {
        match self {
            Blow::BeforeEffect | Blow::AfterEffect => json!({"hang_ms": 60_000}),
            Blow::BeforeLateEffect | Blow::AfterReply => json!({"slow_ms": 600}),
        }
    }
}

fn block_on(test: impl Future<Output = ()>) {
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime starts").block_on(test);
}
