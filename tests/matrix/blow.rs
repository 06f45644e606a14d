//! What befalls a worker at a point.

use std::time::Duration;

use parceld_test_support::{BOUND, Process, Signal, World};
use parceld_worker::effect_point::{Place, Point};
use serde_json::Value;

use crate::subject::Subject;
use crate::watch::Watch;

/// The kinds of blows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blow {
    /// SIGKILL: another worker finds the leases run out.
    Kill,
    /// SIGSTOP beyond the lease, and SIGCONT when another worker has ended the work.
    Freeze,
    /// SIGTERM: the call ends and is settled, or is handed back.
    Stop,
    /// The next settle has run, and its reply is lost.
    SettleLost,
    /// The next claim of a call has run, and its reply is lost.
    ClaimLost,
    /// The next move of any call but a claim has run, and its reply is lost.
    MoveLost,
    /// SIGKILL to Redis, and a start on the same data while the worker goes on.
    RedisKilled,
}

pub(crate) const BLOWS: [Blow; 7] = [
    Blow::Kill,
    Blow::Freeze,
    Blow::Stop,
    Blow::SettleLost,
    Blow::ClaimLost,
    Blow::MoveLost,
    Blow::RedisKilled,
];

/// The longest that a stop may take: a call's deadline, and room for a slow machine.
const STOP_BOUND: Duration = Duration::from_secs(10);

/// The moves that a call makes after its claim.
const MOVES: &str = "begin|settle|hand_back|observe|condemn|publish_catalogue|release|park|resume|turn_page";

/// What a worker says of a reply that was lost by order.
const LOST: &str = "lost by order";

impl Blow {
    /// Whether another worker has to go on.
    pub(crate) const fn ends_the_worker(self) -> bool {
        matches!(self, Blow::Kill | Blow::Freeze | Blow::Stop)
    }

    const fn loses_a_reply(self) -> bool {
        matches!(self, Blow::SettleLost | Blow::ClaimLost | Blow::MoveLost)
    }

    /// Whether it falls on a later call as well as on the one that is at the point.
    pub(crate) fn needs_a_follower(self, point: Point) -> bool {
        self.loses_a_reply() && !(self == Blow::ClaimLost && point == Point::Claimed)
    }

    /// Whether it is another blow at this point than at an earlier one. A reply that is lost while the vendor has the call
    /// is ordered at the slot, with the same order; one that is lost when the call has no more of its kind to come is
    /// the reply to another call, which other cases strike.
    pub(crate) const fn is_its_own_at(self, point: Point) -> bool {
        match self {
            Blow::Kill | Blow::Stop | Blow::RedisKilled => true,
            // Unsent, in flight, answered: before the first and behind the last it can do no harm.
            Blow::Freeze => matches!(
                point,
                Point::Taken | Point::Begun | Point::Slot | Point::Sent | Point::Applied | Point::Replied
            ),
            Blow::SettleLost | Blow::MoveLost => !matches!(
                point,
                Point::Sent | Point::Applied | Point::Settled | Point::Seen | Point::Healed
            ),
            Blow::ClaimLost => !matches!(point, Point::Sent | Point::Applied | Point::Seen | Point::Healed),
        }
    }

    /// What the worker is told to do at the point itself.
    pub(crate) fn order(self, subject: &Subject, point: Point) -> String {
        let (claim, name, place) = (subject.claim, point.row().name, point.row().place);
        let passing = subject.passing_of(point);
        let missed = match point {
            Point::HandedBack => {
                let before = subject.before_its_slot().row().name;
                format!("{before} {claim} {} pause;", subject.passing)
            }
            _ => String::new(),
        };
        let order = match self {
            Blow::SettleLost => format!("{name} {claim} {passing} lose:settle|turn_page"),
            Blow::MoveLost => format!("{name} {claim} {passing} lose:{MOVES}"),
            Blow::ClaimLost if point == Point::Claimed => format!("start {claim} 1 lose:claim"),
            Blow::ClaimLost => format!("{name} {claim} {passing} lose:claim"),
            _ if place == Place::Vendor => String::new(),
            _ => format!("{name} {claim} {passing} hold"),
        };
        format!("{missed}{order}")
    }

    /// Strikes the worker when its call is at the point.
    pub(crate) async fn strike(
        self,
        world: &mut World,
        watch: &Watch,
        worker: &mut Process,
        (subject, point): (&Subject, Point),
    ) {
        let at_vendor = point.row().place == Place::Vendor;
        if at_vendor {
            wait_at_vendor(world, subject, point).await;
        } else if !self.loses_a_reply() {
            watch.wait_for_hold().await;
        }
        let release = || {
            if !at_vendor {
                watch.release();
            }
        };
        match self {
            Blow::Kill => worker.kill(),
            Blow::Freeze => worker.signal(Signal::Stop),
            Blow::Stop => {
                worker.signal(Signal::Terminate);
                worker.wait_for_line("stopping:", BOUND).await;
                release();
                leave(worker).await;
            }
            Blow::RedisKilled => {
                world.redis.kill();
                release();
                world.redis.restart().await;
            }
            Blow::SettleLost | Blow::ClaimLost | Blow::MoveLost => {
                if self.needs_a_follower(point) {
                    watch
                        .wait_for(point, subject.claim, subject.passing_of(point))
                        .await;
                }
            }
        }
    }

    /// Makes sure that the blow has fallen.
    pub(crate) async fn assert_fallen(self, worker: &mut Process) {
        if self.loses_a_reply() {
            worker.wait_for_line(LOST, BOUND).await;
        }
    }
}

/// Wakes a frozen worker whose work another one has ended; what it still does is over when it has left.
pub(crate) async fn thaw(watch: &Watch, worker: &mut Process, point: Point) {
    worker.signal(Signal::Continue);
    if point.row().place != Place::Vendor {
        watch.release();
    }
    worker.signal(Signal::Terminate);
    leave(worker).await;
}

async fn leave(worker: &mut Process) {
    let status = worker.wait_for_exit(STOP_BOUND).await;
    assert_eq!(status.code(), Some(0), "{:#?}", worker.stderr());
}

/// Waits until the vendor holds the call.
async fn wait_at_vendor(world: &World, subject: &Subject, point: Point) {
    const READS: [&str; 8] = [
        "detail",
        "mpaging-orders",
        "get-order-list",
        "get-package-list",
        "list-warehouse",
        "get-product-list",
        "get-user-balance",
        "get-shop-info",
    ];
    let is_read = READS.contains(&subject.endpoint);
    let is_there = |call: &Value| {
        call["endpoint"] == subject.endpoint
            && call["fault"] == "slow"
            && (call["effect"] == true || is_read || point == Point::Sent)
    };
    let what = format!("the {} to be {}", subject.endpoint, point.row().name);
    world.wait_for_call(&what, is_there).await;
}
