//! A worker is killed before and after each effect; another takes the job over, and no effect happens twice.

use std::thread;

use parceld_test_support::Signal;
use serde_json::{Value, json};
use tokio::runtime::Builder;

use crate::crew::Crew;
use crate::jobs;
use crate::judge::clean_ledger;
use crate::world::World;

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
    /// Whether the worker that takes over runs already when the other one dies.
    standby: bool,
}

#[test]
fn a_gift_order_is_created_once_whenever_its_worker_is_killed() {
    let case = |blow, standby| Case {
        job: jobs::gift("G-1"),
        endpoint: "order-create",
        blow,
        calls: if blow == Blow::BeforeEffect { 2 } else { 1 },
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
fn a_gift_order_is_paid_once_whenever_its_worker_is_killed() {
    let case = |blow, standby| Case {
        job: jobs::gift("G-1"),
        endpoint: "submit-payment",
        blow,
        calls: if blow == Blow::BeforeEffect { 2 } else { 1 },
        standby,
    };
    all_survive([
        case(Blow::BeforeEffect, true),
        case(Blow::BeforeLateEffect, false),
        case(Blow::AfterEffect, true),
        case(Blow::AfterReply, false),
    ]);
}

/// Every case in a world of its own, as many at once as there is room for.
fn all_survive(cases: impl IntoIterator<Item = Case>) {
    thread::scope(|scope| {
        for case in cases {
            // A thread each, because commands and signals block.
            scope.spawn(|| block_on(survives(case)));
        }
    });
}

/// Kills the worker whose call is the case's, and lets another end the job.
async fn survives(case: Case) {
    let world = World::new().await;
    world
        .change_vendor(&json!({"options": {"ship_after_ms": 100}}))
        .await;
    world
        .simulator
        .inject(&json!([{"endpoint": case.endpoint, "when": case.blow.when(), "fault": case.blow.fault()}]))
        .await;
    let mut crew = Crew::of(&world, if case.standby { 2 } else { 1 });
    let ids = world.enqueue(std::slice::from_ref(&case.job));
    let id = ids[0].as_str();
    case.strike(&world, &mut crew, id).await;
    if !case.standby {
        crew.hire(&world);
    }
    world.wait_for_done(id).await;
    let ledger = clean_ledger(&world).await;
    let history = world.job(id);
    assert_eq!(
        ledger["by_endpoint"][case.endpoint], case.calls,
        "{:?} of {}: {ledger:#} {history:#}",
        case.blow, case.endpoint
    );
    crew.assert_alive();
}

impl Case {
    async fn strike(&self, world: &World, crew: &mut Crew, id: &str) {
        let what = format!("the {} to be struck {:?}", self.endpoint, self.blow);
        let reached = |call: &Value| {
            call["endpoint"] == self.endpoint
                && !call["fault"].is_null()
                && (!self.blow.comes_after() || call["effect"] == true)
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
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime starts").block_on(test);
}
