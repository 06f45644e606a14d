//! A schedule carried out.

use std::process::Output;
use std::thread::JoinHandle;
use std::time::Duration;

use parceld_test_support::{
    Crew, Persistence, PrivateRedis, Process, Proxy, Signal, World, acknowledged, wait_until,
};
use serde_json::Value;
use tokio::time::{Instant, sleep, sleep_until};

use crate::PARCELD;
use crate::schedule::{Schedule, Strike};
use crate::vendor::{SETTLE_TIME, TIMEOUT};
use crate::verdict::{self, Told};

/// All that is left when the faults end is done within this time, on a slow machine.
const DRAIN_BOUND: Duration = Duration::from_secs(120);
/// `worker.shutdown_grace` of these worlds, and room for the end of a process.
const GRACE: &str = "4s";
const GRACE_BOUND: Duration = Duration::from_secs(10);
const STATES: [&str; 5] = ["ready", "scheduled", "running", "waiting", "parked"];
/// How late the replies of a slow Redis are.
const SLOW: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(120));

/// What goes on besides the strike of the moment.
struct Stage<'a> {
    world: World,
    /// The workers' way to Redis.
    way: &'a Proxy,
    crew: Crew,
    /// What lasts, and until when.
    lasting: Vec<(Instant, Lasting)>,
    stopping: Vec<Process>,
    enqueueing: Vec<JoinHandle<Output>>,
    /// What operators asked for; it may fail while Redis is away.
    asked: Vec<JoinHandle<Output>>,
    load: Vec<Value>,
    ids: Vec<String>,
    told: Told,
}

/// A strike that goes on until it is ended.
enum Lasting {
    Frozen(Process),
    Full,
    Slow,
    Demoted,
}

/// Everything, and what came of it in one line.
pub(crate) async fn run(schedule: Schedule) -> String {
    let loses = schedule.loses();
    let mut way = None;
    let world = World::alone_on(PARCELD, async {
        let redis = PrivateRedis::start(Persistence::Always).await;
        let url = way.insert(Proxy::to(redis.port()).await).redis_url();
        let settings = [
            ("REDIS__URL", url.as_str()),
            ("WORKER__SHUTDOWN_GRACE", GRACE),
            ("VENDOR__TIMEOUT", TIMEOUT),
            ("VENDOR__SETTLE_TIME", SETTLE_TIME),
        ];
        let settings = settings.map(|(name, value)| (name, value.to_owned()));
        (redis, settings.to_vec())
    })
    .await;
    world.change_vendor(&schedule.vendor).await;
    world.simulator.inject(&schedule.faults).await;
    let ids = world.enqueue(&schedule.load);
    let crew = Crew::of(&world, schedule.workers);
    let mut stage = Stage {
        world,
        // It outlives the world, whose last audit goes through it.
        way: way.as_ref().expect("the world was built on it"),
        crew,
        lasting: Vec::new(),
        stopping: Vec::new(),
        enqueueing: Vec::new(),
        asked: Vec::new(),
        load: schedule.load,
        ids,
        told: Told {
            loses,
            ..Told::default()
        },
    };
    for (pause_ms, strike) in schedule.strikes {
        sleep(Duration::from_millis(pause_ms)).await;
        stage.end_what_lasted(Instant::now());
        match &strike {
            Strike::Enqueue(jobs) => eprintln!("chaos: Enqueue({} jobs)", jobs.len()),
            other => eprintln!("chaos: {other:?}"),
        }
        stage.strike(strike).await;
    }
    let under_fire = stage.world.calls().await.len();
    stage.calm_down().await;
    stage.drain().await;
    // What faults made fail is tried again without them.
    stage.world.ask(&["jobs", "retry", "--state", "failed"]);
    stage.drain().await;
    stage.crew.assert_alive();
    let summary = verdict::judge(&stage.world, &stage.told).await;
    format!("{summary}, {under_fire} of the calls under fire")
}

impl Stage<'_> {
    async fn strike(&mut self, strike: Strike) {
        match strike {
            Strike::KillWorker(worker) => self.crew.replace(&self.world, worker).kill(),
            Strike::StopWorker(worker) => {
                let mut stopped = self.crew.replace(&self.world, worker);
                stopped.signal(Signal::Terminate);
                self.stopping.push(stopped);
            }
            Strike::FreezeWorker { worker, ms } => {
                let mut frozen = self.crew.replace(&self.world, worker);
                frozen.signal(Signal::Stop);
                self.begin(ms, Lasting::Frozen(frozen));
            }
            Strike::Vendor(fault) => {
                self.world.simulator.inject(&fault).await;
            }
            Strike::Enqueue(jobs) => {
                self.enqueueing.push(self.world.start_enqueue(&jobs));
                self.load.extend(jobs);
            }
            Strike::EnqueueAgain => self.enqueueing.push(self.world.start_enqueue(&self.load)),
            Strike::Cancel(job) => {
                let id = self.ids[job % self.ids.len()].clone();
                self.ask(&["jobs", "cancel", &id]);
                self.told.cancelled.insert(id);
            }
            Strike::CancelPackage(package) => self.cancel_package(package).await,
            Strike::RetryFailed => self.ask(&["jobs", "retry", "--state", "failed"]),
            Strike::Park(scope) => self.ask(&["park", scope, "--reason", "chaos"]),
            Strike::ResumeAll => self.ask(&["resume", "--all"]),
            Strike::PowerCut { lost_ms } => self.cut_power(lost_ms).await,
            of_redis => self.strike_redis(of_redis).await,
        }
    }

    async fn cut_power(&mut self, lost_ms: u64) {
        // Whoever is accepted and paid within the lost instant is unknown afterwards, and bought again when it is
        // enqueued again: nobody promises otherwise (deploy/README.md).
        self.hear_what_was_acknowledged();
        let redis = &mut self.world.redis;
        let kept = redis.journal_len();
        sleep(Duration::from_millis(lost_ms)).await;
        redis.kill_and_lose(kept);
        redis.restart().await;
    }

    fn hear_what_was_acknowledged(&mut self) {
        for enqueueing in self.enqueueing.drain(..) {
            let output = enqueueing.join().expect("the command ends");
            self.ids.extend(acknowledged(&output));
        }
    }

    async fn strike_redis(&mut self, strike: Strike) {
        let redis = &mut self.world.redis;
        match strike {
            Strike::KillRedis { away_ms } => {
                redis.kill();
                sleep(Duration::from_millis(away_ms)).await;
                redis.restart().await;
            }
            Strike::FreezeRedis { ms } => {
                redis.freeze();
                sleep(Duration::from_millis(ms)).await;
                redis.thaw();
            }
            Strike::FillRedis { ms } => {
                redis.set_config("maxmemory", "1");
                self.begin(ms, Lasting::Full);
            }
            Strike::SlowRedis { ms } => {
                self.way.delay(SLOW.0, SLOW.1);
                self.begin(ms, Lasting::Slow);
            }
            Strike::DemoteRedis { ms } => {
                redis.command(&["REPLICAOF", "127.0.0.1", "1"]);
                self.begin(ms, Lasting::Demoted);
            }
            Strike::CutReply => self.way.cut_next_reply(),
            Strike::FlushScripts => {
                redis.command(&["SCRIPT", "FLUSH"]);
            }
            Strike::KillClients => {
                redis.command(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
            }
            other => unreachable!("{other:?} is none of Redis"),
        }
    }

    fn ask(&mut self, words: &[&str]) {
        self.asked.push(self.world.start(words));
    }

    /// A package of a paid order, if there is one.
    async fn cancel_package(&mut self, package: usize) {
        let state = self.world.simulator.state().await;
        let orders = state["orders"].as_array().into_iter().flatten();
        let packages = orders.filter_map(|order| order["packages"].as_array()).flatten();
        let ids: Vec<String> = packages
            .filter_map(|package| package["package_id"].as_str().map(str::to_owned))
            .collect();
        if !ids.is_empty() {
            let job = parceld_test_support::jobs::gift_cancel(&ids[package % ids.len()]);
            self.enqueueing
                .push(self.world.start_enqueue(std::slice::from_ref(&job)));
        }
    }

    fn begin(&mut self, ms: u64, lasting: Lasting) {
        self.lasting
            .push((Instant::now() + Duration::from_millis(ms), lasting));
    }

    /// Ends what has lasted its time. A frozen worker's jobs are another's by then, or its own still.
    fn end_what_lasted(&mut self, now: Instant) {
        let (over, still): (Vec<_>, Vec<_>) = self.lasting.drain(..).partition(|(until, _)| *until <= now);
        self.lasting = still;
        for (_, lasting) in over {
            match lasting {
                Lasting::Frozen(mut worker) => {
                    worker.signal(Signal::Continue);
                    self.crew.add(worker);
                }
                Lasting::Full => self.world.redis.set_config("maxmemory", "0"),
                Lasting::Slow => self.way.hurry(),
                Lasting::Demoted => {
                    self.world.redis.command(&["REPLICAOF", "NO", "ONE"]);
                }
            }
        }
    }

    /// The end of all faults, and of all that was begun amid them.
    async fn calm_down(&mut self) {
        let last = self.lasting.iter().map(|(until, _)| *until).max();
        if let Some(last) = last {
            sleep_until(last).await;
            self.end_what_lasted(last);
        }
        self.way.hurry();
        self.world.simulator.clear_faults().await;
        self.hear_what_was_acknowledged();
        for asked in self.asked.drain(..) {
            let output = asked.join().expect("the command ends");
            let code = output.status.code();
            // A refused cancel is 1, an unreachable Redis 69.
            assert!(matches!(code, Some(0 | 1 | 69)), "{output:?}");
        }
        for mut worker in self.stopping.drain(..) {
            let status = worker.wait_for_exit(GRACE_BOUND).await;
            assert_eq!(status.code(), Some(0), "{:#?}", worker.stderr());
        }
        if !self.told.loses {
            self.told.owed.extend(self.ids.drain(..));
        }
        // Lines that met a dead Redis, or one that lost them, are sent again, as an ERP does.
        self.told.owed.extend(self.world.enqueue(&self.load));
        self.world.ask(&["resume", "--all"]);
    }

    async fn drain(&self) {
        let started = std::time::Instant::now();
        wait_until("every job has ended", DRAIN_BOUND, async || {
            let stats = self.world.ask(&["stats"]);
            let open: Vec<(&str, u64)> = STATES
                .iter()
                .map(|state| (*state, stats["states"][state].as_u64().unwrap_or_default()))
                .filter(|(_, count)| *count > 0)
                .collect();
            if open.is_empty() {
                return Ok(());
            }
            let unfinished = if started.elapsed() > DRAIN_BOUND.mul_f32(0.9) {
                verdict::open_jobs(&self.world)
            } else {
                Vec::new()
            };
            Err(format!("{open:?}, parked {}, {unfinished:#?}", stats["parked"]))
        })
        .await;
    }
}
