//! What may be done, in any order: the acts, and how they are drawn.

use parceld_domain::outcome::Attempts;
use proptest::prelude::*;

/// The scopes that acts park and resume.
pub(super) const SCOPES: [&str; 7] = [
    "account",
    "balance",
    "shop:0",
    "shop:1",
    "endpoint:send",
    "endpoint:order-create",
    "endpoint:get-package-list",
];

/// Jobs in one sequence; more would only make its failures longer.
const JOBS_MAX: usize = 14;

/// One thing that somebody does. A job is named by its number in the order of putting, a claim by how many claims
/// were granted after it.
#[derive(Debug, Clone)]
pub(super) enum Act {
    /// A new job; `later` = in a minute.
    Put {
        what: What,
        shop: u8,
        later: bool,
    },
    /// The same job once more.
    PutAgain {
        job: usize,
        how: Again,
    },
    Claim,
    /// The same token again: the first reply was lost.
    ClaimAgain {
        claim: usize,
    },
    Begin {
        claim: usize,
        counts: bool,
        on_death: Move,
    },
    /// The jobs of a claim, each by the move of its turn. The claim stays in hand, to be settled again.
    Settle {
        claim: usize,
        moves: Vec<Move>,
    },
    HandBack {
        claim: usize,
    },
    Renew {
        claim: usize,
    },
    /// The time of a claim's leases passes.
    LeaseEnds {
        claim: usize,
    },
    /// Begun, and never heard of again.
    Dies {
        claim: usize,
        on_death: Move,
    },
    /// The time of something that is due later comes.
    ComesDue {
        nth: usize,
    },
    /// An errand's page shows a waiting job; `stale` = as read before its last move.
    Observe {
        nth: usize,
        stale: bool,
        sees: Option<Move>,
    },
    Turn {
        claim: usize,
        turn: TurnTo,
    },
    /// All who wait for an errand go on: 0 packages, 1 orders, 2 catalogue.
    Release {
        errand: usize,
    },
    Retry {
        job: usize,
        stale: bool,
    },
    Cancel {
        job: usize,
        stale: bool,
    },
    Park {
        scope: usize,
        hold: bool,
    },
    Resume {
        scope: usize,
    },
    /// The time of a finished job is over.
    Expire {
        nth: usize,
    },
    /// A lease's length of real time passes; drawn only where leases are short.
    Wait,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Taobao,
    Douyin,
    Gift,
    Payment,
    Sync,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Again {
    /// The very same move: its reply was lost.
    SameId,
    SamePayload,
    OtherPayload,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum TurnTo {
    Next,
    AgainLater,
    End,
}

/// What is decided about one job.
#[derive(Debug, Clone)]
pub(super) struct Move {
    pub(super) to: To,
    pub(super) attempts: Attempts,
    /// On to the step behind, in another lane.
    pub(super) next_step: bool,
    pub(super) watch: bool,
    /// What forbids that the key is given up: set, taken away, or as before.
    pub(super) hold: Option<bool>,
    pub(super) max_batch: Option<u32>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum To {
    Head,
    Tail,
    Later,
    /// For an errand (0 packages, 1 orders), due at once or in a minute.
    Wait {
        errand: usize,
        at_once: bool,
    },
    /// By one of the scopes that stop its lane.
    Parked(usize),
    Failed(i64),
    Done,
}

/// As much of the state as decides which acts make sense; all else depends on what claims answer.
#[derive(Debug, Clone, Default)]
pub(super) struct Plan {
    pub(super) short_leases: bool,
    /// So many are put in soon: few, so that much happens to each of them, or more, so that they meet.
    at_once: usize,
    jobs: usize,
    claims: usize,
}

impl Plan {
    pub(super) fn any() -> BoxedStrategy<Self> {
        let at_once = prop_oneof![2 => 1..3_usize, 1 => 3..7_usize];
        (prop::bool::weighted(0.15), at_once)
            .prop_map(|(short_leases, at_once)| Plan {
                short_leases,
                at_once,
                ..Plan::default()
            })
            .boxed()
    }

    pub(super) fn after(mut self, act: &Act) -> Self {
        match act {
            Act::Put { .. } | Act::PutAgain { .. } => self.jobs += 1,
            Act::Claim => self.claims += 1,
            _ => {}
        }
        self
    }

    pub(super) fn allows(&self, act: &Act) -> bool {
        match *act {
            Act::Put { .. } => self.jobs < JOBS_MAX,
            Act::PutAgain { job, .. } => job < self.jobs && self.jobs < JOBS_MAX,
            Act::Retry { job, .. } | Act::Cancel { job, .. } => job < self.jobs,
            Act::ClaimAgain { claim }
            | Act::Begin { claim, .. }
            | Act::Settle { claim, .. }
            | Act::HandBack { claim }
            | Act::Renew { claim }
            | Act::LeaseEnds { claim }
            | Act::Dies { claim, .. }
            | Act::Turn { claim, .. } => claim < self.claims,
            _ => true,
        }
    }

    pub(super) fn acts(&self) -> BoxedStrategy<Act> {
        let puts = if self.jobs < self.at_once { 40 } else { 1 };
        let mut acts = vec![(puts, put()), (12, Just(Act::Claim).boxed()), (6, with_time())];
        if self.jobs > 0 {
            acts.push((6, with_job(self.jobs)));
        }
        if self.claims > 0 {
            acts.push((18, with_claim()));
        }
        if self.short_leases {
            acts.push((3, Just(Act::Wait).boxed()));
        }
        acts.push((3, with_scope()));
        proptest::strategy::Union::new_weighted(acts).boxed()
    }
}

fn put() -> BoxedStrategy<Act> {
    let what = prop_oneof![
        1 => Just(What::Taobao),
        3 => Just(What::Douyin),
        1 => Just(What::Gift),
        1 => Just(What::Payment),
        1 => Just(What::Sync),
    ];
    (what, 0..2_u8, prop::bool::weighted(0.2))
        .prop_map(|(what, shop, later)| Act::Put { what, shop, later })
        .boxed()
}

fn with_job(jobs: usize) -> BoxedStrategy<Act> {
    let how = prop_oneof![
        1 => Just(Again::SameId),
        1 => Just(Again::SamePayload),
        3 => Just(Again::OtherPayload),
    ];
    let stale = || prop::bool::weighted(0.25);
    prop_oneof![
        2 => (0..jobs, how).prop_map(|(job, how)| Act::PutAgain { job, how }),
        1 => (0..jobs, stale()).prop_map(|(job, stale)| Act::Retry { job, stale }),
        1 => (0..jobs, stale()).prop_map(|(job, stale)| Act::Cancel { job, stale }),
    ]
    .boxed()
}

fn with_claim() -> BoxedStrategy<Act> {
    // Mostly the newest: older ones are ended already, which is tried often enough so.
    let claim = || prop_oneof![5 => Just(0_usize), 3 => 1..3_usize, 1 => 3..8_usize];
    let turn = prop_oneof![3 => Just(TurnTo::Next), 1 => Just(TurnTo::AgainLater), 2 => Just(TurnTo::End)];
    prop_oneof![
        7 => (claim(), prop::collection::vec(a_move(any_fate()), 1..4)).prop_map(|(claim, moves)| Act::Settle { claim, moves }),
        5 => (claim(), prop::bool::weighted(0.8), a_move(fate_on_death()))
            .prop_map(|(claim, counts, on_death)| Act::Begin { claim, counts, on_death }),
        2 => claim().prop_map(|claim| Act::LeaseEnds { claim }),
        6 => (claim(), a_move(fate_on_death())).prop_map(|(claim, on_death)| Act::Dies { claim, on_death }),
        2 => claim().prop_map(|claim| Act::ClaimAgain { claim }),
        2 => claim().prop_map(|claim| Act::HandBack { claim }),
        1 => claim().prop_map(|claim| Act::Renew { claim }),
        4 => (claim(), turn).prop_map(|(claim, turn)| Act::Turn { claim, turn }),
    ]
    .boxed()
}

fn with_time() -> BoxedStrategy<Act> {
    let sees = prop::option::weighted(0.8, a_move(any_fate()));
    prop_oneof![
        5 => (0..8_usize).prop_map(|nth| Act::ComesDue { nth }),
        3 => (0..4_usize, prop::bool::weighted(0.25), sees)
            .prop_map(|(nth, stale, sees)| Act::Observe { nth, stale, sees }),
        1 => (0..3_usize).prop_map(|errand| Act::Release { errand }),
        1 => (0..4_usize).prop_map(|nth| Act::Expire { nth }),
    ]
    .boxed()
}

fn with_scope() -> BoxedStrategy<Act> {
    prop_oneof![
        1 => (0..SCOPES.len(), prop::bool::weighted(0.3)).prop_map(|(scope, hold)| Act::Park { scope, hold }),
        2 => (0..SCOPES.len()).prop_map(|scope| Act::Resume { scope }),
    ]
    .boxed()
}

fn any_fate() -> BoxedStrategy<To> {
    prop_oneof![
        3 => fate_on_death(),
        // So often that some begin to wait amid a pass.
        3 => a_wait(),
        1 => (0..3_usize).prop_map(To::Parked),
        2 => (613_i64..616).prop_map(To::Failed),
        1 => Just(To::Done),
    ]
    .boxed()
}

fn fate_on_death() -> BoxedStrategy<To> {
    prop_oneof![6 => Just(To::Head), 2 => Just(To::Tail), 1 => Just(To::Later), 2 => a_wait()].boxed()
}

fn a_wait() -> impl Strategy<Value = To> {
    (0..2_usize, any::<bool>()).prop_map(|(errand, at_once)| To::Wait { errand, at_once })
}

fn a_move(to: BoxedStrategy<To>) -> BoxedStrategy<Move> {
    let attempts = prop_oneof![
        Just(Attempts::Keep),
        Just(Attempts::Reset),
        Just(Attempts::Restore)
    ];
    let hold = prop_oneof![Just(None), Just(Some(true)), Just(Some(false))];
    let max_batch = prop_oneof![6 => Just(None), 1 => (1..3_u32).prop_map(Some)];
    let flag = || prop::bool::weighted(0.25);
    (to, attempts, flag(), flag(), hold, max_batch)
        .prop_map(|(to, attempts, next_step, watch, hold, max_batch)| Move {
            to,
            attempts,
            next_step,
            watch,
            hold,
            max_batch,
        })
        .boxed()
}
