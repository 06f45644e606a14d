//! Any moves in any order, against an independent model of what should stand in Redis afterwards.
//!
//! The model (`expected`, `claims`) is written from the design. After each act every job, set, lane, counter, errand
//! and scope is compared. Which class and lane a claim picks is left open by the design: the model takes any answer
//! that it allows and goes on from there.
//!
//! `PROPTEST_CASES=2000 cargo test -p parceld-store --test moves model` runs as many sequences as wanted; a failure is
//! shrunk to a short sequence, printed with every answer, and its seed kept in `tests/moves/model/failed.txt`, which is
//! tried first by every later run.

mod act;
mod claims;
mod compare;
mod decisions;
mod expected;
mod run;
mod slots;
mod span;

use proptest::prelude::*;
use proptest::test_runner::{Config, FileFailurePersistence};
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use tokio::runtime::{Builder, Runtime};

use act::{Act, Plan};
use run::Run;

/// Sequences of an ordinary run: some twenty seconds.
const CASES: u32 = 60;
/// A minute or two until the shortest sequence is found.
const SHRINKS_MAX: u32 = 800;
const CASES_VARIABLE: &str = "PROPTEST_CASES";
const FAILED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/moves/model/failed.txt");
/// Longer than any test, so that leases end only when they are made to.
const LONG_LEASE_MS: u64 = 600_000;
/// Leases that end by real time, amid whatever happens.
const SHORT_LEASE_MS: u64 = 80;

fn config(cases: u32) -> Config {
    let chosen = std::env::var_os(CASES_VARIABLE).is_some();
    let default = Config::default();
    Config {
        cases: if chosen { default.cases } else { cases },
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(FAILED))),
        max_shrink_iters: default.max_shrink_iters.min(SHRINKS_MAX),
        ..default
    }
}

struct Machine;

impl ReferenceStateMachine for Machine {
    type State = Plan;
    type Transition = Act;

    fn init_state() -> BoxedStrategy<Plan> {
        Plan::any()
    }

    fn transitions(plan: &Plan) -> BoxedStrategy<Act> {
        plan.acts()
    }

    fn preconditions(plan: &Plan, act: &Act) -> bool {
        plan.allows(act)
    }

    fn apply(plan: Plan, act: &Act) -> Plan {
        plan.after(act)
    }
}

struct Moves;

impl StateMachineTest for Moves {
    type SystemUnderTest = (Runtime, Run);
    type Reference = Machine;

    fn init_test(plan: &Plan) -> Self::SystemUnderTest {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let lease_ms = if plan.short_leases {
            SHORT_LEASE_MS
        } else {
            LONG_LEASE_MS
        };
        let run = runtime.block_on(Run::new(lease_ms));
        (runtime, run)
    }

    fn apply((runtime, mut run): Self::SystemUnderTest, _: &Plan, act: Act) -> Self::SystemUnderTest {
        runtime.block_on(run.does(&act));
        (runtime, run)
    }

    fn teardown((runtime, run): Self::SystemUnderTest, _: Plan) {
        let wrong = runtime.block_on(crate::recount::recount(&run.bed));
        assert!(wrong.is_empty(), "the recount: {wrong:#?}");
    }
}

prop_state_machine! {
    #![proptest_config(config(CASES))]

    #[test]
    fn any_moves_in_any_order_leave_what_the_model_expects(sequential 20..80 => Moves);
}
