//! One Redis fault after the other under a mixed load: nobody leaves, work goes on within seconds, nothing twice.

use std::time::Duration;

use parceld_test_support::judge::{
    assert_all_done, assert_only_echoes_failed, clean_ledger, mixed_outlives_redis,
};
use parceld_test_support::{
    Arrivals, BOUND, Crew, Persistence, PrivateRedis, Proxy, World, jobs, wait_until,
};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::PARCELD;

/// How soon after the end of a fault calls are made again, the silence of a fresh Redis included.
const WORK_AGAIN: Duration = Duration::from_secs(10);
/// The least silence after a restart or a promotion: slots that the bucket has forgotten may lie this far ahead.
const SILENCE: Duration = Duration::from_secs(2);
/// How long calls may still arrive whose slots were granted before a kill.
const GRANTED_BEFORE: Duration = Duration::from_millis(500);
/// Calls that must have been made since the last fault, so that the next one meets work under way.
const FLOW: usize = 8;

/// What is done to Redis, and undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// SIGSTOP for so long.
    Stalled(Duration),
    /// `maxmemory` is reached.
    Full,
    /// Replies are 50 to 150 ms late.
    Slow,
    /// Connections are reset amid a reply.
    Cut,
    /// It becomes a replica of nobody, and is promoted again.
    Demoted,
    /// It is killed, and loads long.
    Loading,
    /// It forgets all scripts.
    Flushed,
    /// It is killed, and started again.
    Killed,
}

const FAULTS: [Fault; 9] = [
    Fault::Stalled(Duration::from_millis(600)),
    Fault::Flushed,
    Fault::Full,
    Fault::Slow,
    Fault::Cut,
    Fault::Demoted,
    Fault::Loading,
    Fault::Killed,
    // Beyond the time in which an answer is waited for.
    Fault::Stalled(Duration::from_secs(10)),
];

#[tokio::test(flavor = "multi_thread")]
async fn workers_live_through_every_fault_of_redis_and_go_on_within_ten_seconds() {
    const SIXES: usize = 40;
    let mut way = None;
    let mut world = World::alone_on(PARCELD, async {
        let redis = PrivateRedis::start(Persistence::Always).await;
        let proxy = way.insert(Proxy::to(redis.port()).await);
        let url = proxy.redis_url();
        (redis, vec![("REDIS__URL", url)])
    })
    .await;
    // The world's last audit goes through it as well, so it stays where it outlives the world.
    let proxy = way.as_ref().expect("the world was built on it");
    let load = jobs::mixed(SIXES);
    world.enqueue(&load);
    let mut crew = Crew::of(&world, 2);
    let mut told = 0;
    for fault in FAULTS {
        world.wait_for_further_calls(FLOW).await;
        fault.strike(&mut world, proxy).await;
        crew.assert_alive();
        let silence = world.wait_for_further_calls(1).await;
        let calls = world.calls().await;
        let worst = Arrivals::of(&calls[told..]).worst_second();
        eprintln!("{fault:?}: calls again after {silence:.1?}, worst second {worst}");
        // The next fault's seconds begin with calls of before it.
        told = calls.len().saturating_sub(FLOW);
        assert!(silence < WORK_AGAIN, "{fault:?}: {silence:?}");
        assert!(
            silence > SILENCE || !fault.forgets_slots(),
            "{fault:?}: {silence:?}"
        );
    }
    mixed_outlives_redis(&world, &mut crew, SIXES, assert_all_done).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_power_cut_under_everysec_loses_the_last_second_and_repeats_no_effect() {
    const SIXES: usize = 15;
    const LATE: usize = 3;
    let mut world = World::alone_on(PARCELD, async {
        (PrivateRedis::start(Persistence::EverySecond).await, Vec::new())
    })
    .await;
    let load = jobs::mixed(SIXES);
    world.enqueue(&load);
    let mut crew = Crew::of(&world, 2);
    for round in 1..=2 {
        world.wait_for_further_calls(FLOW).await;
        let kept = world.redis.journal_len();
        let late: Vec<Value> = (0..LATE)
            .map(|number| jobs::taobao(1_000 * round + number))
            .collect();
        world.enqueue(&late);
        sleep(Duration::from_secs(1)).await;
        world.redis.kill_and_lose(kept);
        sleep(GRANTED_BEFORE).await;
        world.redis.restart().await;
        let silence = world.wait_for_further_calls(1).await;
        eprintln!("power cut: calls again after {silence:.1?}");
        assert!(silence > SILENCE && silence < WORK_AGAIN, "{silence:?}");
    }
    // What was accepted in a lost second is not among them.
    mixed_outlives_redis(&world, &mut crew, SIXES, assert_only_echoes_failed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_ends_when_redis_is_full_is_recorded_while_new_work_is_refused() {
    let world = World::new(PARCELD).await;
    world
        .simulator
        .inject(&json!({"endpoint": "send", "fault": {"slow_ms": 900}}))
        .await;
    let id = world.enqueue(&[jobs::taobao(1)]).remove(0);
    let mut crew = Crew::of(&world, 1);
    world
        .wait_for_call("the shipment", |call| call["endpoint"] == "send")
        .await;
    world.redis.set_config("maxmemory", "1");
    assert_eq!(
        world.field(&id, "state"),
        "running",
        "the call is held at the vendor"
    );
    world.wait_for_done(&id).await;
    assert_new_work_is_refused(&world);
    crew.assert_alive();
    let ledger = clean_ledger(&world).await;
    assert_eq!(ledger["shipments_per_trade"][jobs::tid(1)], 1, "{ledger:#}");
    world.redis.set_config("maxmemory", "0");
    let next = world.enqueue(&[jobs::taobao(2)]).remove(0);
    world.wait_for_done(&next).await;
}

impl Fault {
    /// Does it for a while, sees that Redis or the way to it was met like that, and ends it.
    async fn strike(self, world: &mut World, proxy: &Proxy) {
        /// Long enough for every loop to meet it.
        const A_WHILE: Duration = Duration::from_secs(2);
        match self {
            Fault::Stalled(long) => {
                world.redis.freeze();
                sleep(long).await;
                world.redis.thaw();
            }
            Fault::Full => {
                world.redis.set_config("maxmemory", "1");
                assert_new_work_is_refused(world);
                sleep(A_WHILE).await;
                assert_met(world, "OOM");
                world.redis.set_config("maxmemory", "0");
            }
            Fault::Slow => {
                let before = proxy.late();
                proxy.delay(Duration::from_millis(50), Duration::from_millis(150));
                world.wait_for_further_calls(3 * FLOW).await;
                assert!(proxy.late() > before);
                proxy.hurry();
            }
            Fault::Cut => {
                const CUTS: u64 = 10;
                let before = proxy.cut();
                wait_until("replies were cut", BOUND, async || {
                    proxy.cut_next_reply();
                    let cut = proxy.cut() - before;
                    if cut >= CUTS {
                        Ok(())
                    } else {
                        Err(format!("{cut} were"))
                    }
                })
                .await;
            }
            Fault::Demoted => {
                world.redis.command(&["REPLICAOF", "127.0.0.1", "1"]);
                sleep(A_WHILE).await;
                assert_met(world, "READONLY");
                world.redis.command(&["REPLICAOF", "NO", "ONE"]);
            }
            Fault::Loading => {
                world.redis.restart_loading(A_WHILE).await;
                world.redis.wait_until_loaded().await;
                assert_met(world, "LOADING");
            }
            Fault::Flushed => {
                world.redis.command(&["SCRIPT", "FLUSH"]);
                world.wait_for_further_calls(1).await;
                assert_met(world, "NOSCRIPT");
            }
            Fault::Killed => {
                world.redis.kill();
                sleep(A_WHILE).await;
                world.redis.restart().await;
            }
        }
    }

    /// Whether the bucket cannot know which slots were granted before.
    const fn forgets_slots(self) -> bool {
        matches!(self, Fault::Demoted | Fault::Loading | Fault::Killed)
    }
}

/// Redis said so to somebody, or the fault would prove nothing.
fn assert_met(world: &World, code: &str) {
    assert!(world.redis.errors(code) > 0, "nobody met {code}");
}

fn assert_new_work_is_refused(world: &World) {
    let output = world
        .start_enqueue(&[jobs::taobao(9_999)])
        .join()
        .expect("the command ends");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(
        told.contains("Redis is out of memory and takes no new work"),
        "{told}"
    );
}
