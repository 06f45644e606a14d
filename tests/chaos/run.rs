//! A schedule carried out.

use std::process::Output;
use std::thread::JoinHandle;
use std::time::Duration;

use parceld_test_support::{Crew, Process, Signal, World, acknowledged, wait_until};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::PARCELD;
use crate::schedule::{Schedule, Strike};
use crate::verdict;

/// All that is left when the faults end is done within this time, on a slow machine.
const DRAIN_BOUND: Duration = Duration::from_secs(120);
/// `worker.shutdown_grace` of these worlds, and room for the end of a process.
const GRACE: &str = "4s";
const GRACE_BOUND: Duration = Duration::from_secs(10);
const STATES: [&str; 5] = ["ready", "scheduled", "running", "waiting", "parked"];

/// What goes on besides the strike of the moment.
struct Stage {
    world: World,
    crew: Crew,
    frozen: Vec<(Instant, Process)>,
    stopping: Vec<Process>,
    enqueueing: Vec<JoinHandle<Output>>,
    /// What operators asked for; it may fail while Redis is away.
    asked: Vec<JoinHandle<Output>>,
    load: Vec<Value>,
    ids: Vec<String>,
}

/// Everything, and what came of it in one line.
pub(crate) async fn run(schedule: Schedule) -> String {
    let world = World::alone(PARCELD, &[("WORKER__SHUTDOWN_GRACE", GRACE)]).await;
    world.change_vendor(&schedule.vendor).await;
    world.simulator.inject(&schedule.faults).await;
    let ids = world.enqueue(&schedule.load);
    let crew = Crew::of(&world, schedule.workers);
    let mut stage = Stage {
        world,
        crew,
        frozen: Vec::new(),
        stopping: Vec::new(),
        enqueueing: Vec::new(),
        asked: Vec::new(),
        load: schedule.load,
        ids,
    };
    for (pause_ms, strike) in schedule.strikes {
        sleep(Duration::from_millis(pause_ms)).await;
        stage.thaw(Instant::now());
        eprintln!("chaos: {strike:?}");
        stage.strike(strike).await;
    }
    stage.calm_down().await;
    stage.drain().await;
    // What faults made fail is tried again without them.
    stage.world.ask(&["jobs", "retry", "--state", "failed"]);
    stage.drain().await;
    stage.crew.assert_alive();
    verdict::judge(&stage.world, &stage.ids).await
}

impl Stage {
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
                self.frozen
                    .push((Instant::now() + Duration::from_millis(ms), frozen));
            }
            Strike::KillRedis { away_ms } => {
                self.world.redis.kill();
                sleep(Duration::from_millis(away_ms)).await;
                self.world.redis.restart().await;
            }
            Strike::FreezeRedis { ms } => {
                self.world.redis.freeze();
                sleep(Duration::from_millis(ms)).await;
                self.world.redis.thaw();
            }
            Strike::FlushScripts => {
                self.world.redis.command(&["SCRIPT", "FLUSH"]);
            }
            Strike::KillClients => {
                self.world
                    .redis
                    .command(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
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
            }
            Strike::CancelPackage(package) => self.cancel_package(package).await,
            Strike::RetryFailed => self.ask(&["jobs", "retry", "--state", "failed"]),
            Strike::Park(scope) => self.ask(&["park", scope, "--reason", "chaos"]),
            Strike::ResumeAll => self.ask(&["resume", "--all"]),
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

    /// Lets go on whose time is over; their work is another's by then, or theirs still.
    fn thaw(&mut self, now: Instant) {
        let (over, still): (Vec<_>, Vec<_>) = self.frozen.drain(..).partition(|(until, _)| *until <= now);
        self.frozen = still;
        for (_, mut worker) in over {
            worker.signal(Signal::Continue);
            self.crew.add(worker);
        }
    }

    /// The end of all faults, and of all that was begun amid them.
    async fn calm_down(&mut self) {
        let last = self.frozen.iter().map(|(until, _)| *until).max();
        if let Some(last) = last {
            tokio::time::sleep_until(last).await;
            self.thaw(last);
        }
        self.world.simulator.clear_faults().await;
        for enqueueing in self.enqueueing.drain(..) {
            let output = enqueueing.join().expect("the command ends");
            self.ids.extend(acknowledged(&output));
        }
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
        // Lines that met a dead Redis are sent again, as an ERP does.
        let again = self.world.enqueue(&self.load);
        self.ids.extend(again);
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
