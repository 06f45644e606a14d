//! One test's world: a Redis that may be killed, the vendor's stand-in, and the real binary run against both.

mod end;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::{Host, Persistence, PrivateRedis, Process, Simulator, WatchedRedis, wait_until};
use serde_json::{Value, json};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Everything that a crash needs; all of it ends with the test.
#[derive(Debug)]
pub struct World {
    /// Its own; killed and frozen as the test likes.
    pub redis: PrivateRedis,
    /// The vendor.
    pub simulator: Simulator,
    binary: &'static Path,
    settings: Vec<(String, String)>,
    // Dropped last: the next world starts when the processes of this one are gone.
    _room: Option<SemaphorePermit<'static>>,
}

/// Nothing here takes longer, on a slow machine.
pub const BOUND: Duration = Duration::from_secs(90);

/// Worlds at once, at the least: each is idle most of the time, and starved processes prove nothing about time.
const ROOM_MIN: usize = 3;

/// The documented settings with waits that a test can sit through.
const QUICK: [(&str, &str); 10] = [
    ("VENDOR__ACCESS_TOKEN", "token"),
    ("VENDOR__TIMEOUT", "1s"),
    ("VENDOR__SETTLE_TIME", "300ms"),
    ("WORKER__LEASE", "2s"),
    ("RETRY__INITIAL", "100ms"),
    ("RETRY__MAX", "400ms"),
    ("GIFT_ORDER__POLL_INITIAL", "300ms"),
    ("GIFT_ORDER__POLL_MAX", "1s"),
    ("LOG__LEVEL", "info"),
    ("LOG__FORMAT", "text"),
];

static ROOM: OnceLock<(Semaphore, u32)> = OnceLock::new();

impl World {
    /// A world that shares the machine with others; `binary` is the test target's `env!("CARGO_BIN_EXE_parceld")`.
    pub async fn new(binary: &'static str) -> Self {
        World::with(binary, &[]).await
    }

    /// The same with further settings, `SECTION__KEY` and value.
    pub async fn with(binary: &'static str, settings: &[(&str, &str)]) -> Self {
        World::set_up(binary, settings, 1).await
    }

    /// A world that has the machine to itself, because it measures when calls arrive.
    pub async fn alone(binary: &'static str, settings: &[(&str, &str)]) -> Self {
        World::set_up(binary, settings, room().1).await
    }

    /// A world to itself on a Redis that is there already; `REDIS__URL` and others may say how it is reached.
    pub async fn alone_on(
        binary: &'static str,
        redis: impl Future<Output = (PrivateRedis, Vec<(&'static str, String)>)>,
    ) -> Self {
        let permit = room().0.acquire_many(room().1).await;
        let permit = permit.expect("nobody closes the semaphore");
        let (redis, settings) = redis.await;
        let settings: Vec<(&str, &str)> = settings
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        World::build(binary, redis, &settings, Some(permit)).await
    }

    /// Such a world whose Redis is watched by Sentinels. Its last audit asks them as well, so they have to outlive it.
    pub async fn watched(binary: &'static str) -> (WatchedRedis, Self) {
        World::watched_across(binary, &[Host::here(), Host::here(), Host::here()]).await
    }

    /// The same with its Redis on the first of three hosts, and a Sentinel and a Redis on each.
    pub async fn watched_across(binary: &'static str, hosts: &[Host; 3]) -> (WatchedRedis, Self) {
        let mut group = None;
        let world = World::alone_on(binary, async {
            let master = PrivateRedis::start_on(hosts[0].clone(), Persistence::Always).await;
            let settings = group
                .insert(WatchedRedis::across(hosts, &master).await)
                .settings();
            (master, settings)
        })
        .await;
        (group.expect("the world was built on it"), world)
    }

    /// A world for which no other makes room: the test itself bounds how many it has.
    pub async fn uncounted(binary: &'static str, settings: &[(&str, &str)]) -> Self {
        let redis = PrivateRedis::start(Persistence::Always).await;
        World::build(binary, redis, settings, None).await
    }

    async fn set_up(binary: &'static str, settings: &[(&str, &str)], share: u32) -> Self {
        let permit = room().0.acquire_many(share).await;
        let permit = permit.expect("nobody closes the semaphore");
        let redis = PrivateRedis::start(Persistence::Always).await;
        World::build(binary, redis, settings, Some(permit)).await
    }

    async fn build(
        binary: &'static str,
        redis: PrivateRedis,
        settings: &[(&str, &str)],
        room: Option<SemaphorePermit<'static>>,
    ) -> Self {
        let binary = Path::new(binary);
        let simulator = Simulator::start(binary, &[]).await;
        let places = [
            ("REDIS__URL", redis.url()),
            ("VENDOR__BASE_URL", simulator.base_url()),
        ];
        let quick = QUICK.iter().chain(settings);
        let named = quick.map(|(name, value)| (*name, (*value).to_owned()));
        // What comes later wins.
        let settings = places
            .into_iter()
            .chain(named)
            .map(|(name, value)| (format!("PARCELD__{name}"), value))
            .collect();
        let world = World {
            redis,
            simulator,
            binary,
            settings,
            _room: room,
        };
        world.have_all_payments_charged().await;
        world
    }

    /// An empty Redis and a vendor that has seen nothing, once the workers of what was before are gone.
    pub async fn renew(&self) {
        self.redis.command(&["FLUSHALL"]);
        self.simulator.post("/sim/reset", &Value::Null).await;
        self.have_all_payments_charged().await;
    }

    /// A vendor that refuses a second payment would hide one that should not have been sent.
    async fn have_all_payments_charged(&self) {
        self.change_vendor(&json!({"options": {"pay_twice": true}})).await;
    }

    /// Starts a worker process.
    pub fn worker(&self) -> Process {
        self.worker_with(&[])
    }

    /// The same with further variables in its environment.
    pub fn worker_with(&self, variables: &[(&str, &str)]) -> Process {
        let settings = self
            .settings
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let environment: Vec<(&str, &str)> = settings.chain(variables.iter().copied()).collect();
        Process::start(self.binary, &["worker"], &environment)
    }

    /// Puts jobs in as an ERP does; answers their ids once all are acknowledged.
    pub fn enqueue(&self, jobs: &[Value]) -> Vec<String> {
        let output = self.start_enqueue(jobs).join().expect("the command ends");
        assert!(output.status.success(), "{output:?}");
        acknowledged(&output)
    }

    /// `parceld enqueue -`, and what came of it when it has ended.
    pub fn start_enqueue(&self, jobs: &[Value]) -> JoinHandle<Output> {
        let lines: String = jobs.iter().map(|job| format!("{job}\n")).collect();
        let mut child = self
            .command(&["enqueue", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut stdin = child.stdin.take().expect("its input is a pipe");
        // Two threads, because neither pipe holds everything. A program that leaves early closes its input, and its
        // output says why.
        thread::spawn(move || stdin.write_all(lines.as_bytes()));
        thread::spawn(move || child.wait_with_output().expect("the binary ends"))
    }

    /// A one-shot command, and what came of it when it has ended.
    pub fn start(&self, words: &[&str]) -> JoinHandle<Output> {
        let mut command = self.command(words);
        thread::spawn(move || command.output().expect("the binary starts"))
    }

    /// A one-shot command's JSON document.
    pub fn ask(&self, words: &[&str]) -> Value {
        let output = self
            .command(words)
            .args(["-o", "json"])
            .output()
            .expect("the binary starts");
        assert!(output.status.success(), "{words:?}: {output:?}");
        serde_json::from_slice(&output.stdout).expect("one JSON document")
    }

    /// `jobs show`, history included.
    pub fn job(&self, id: &str) -> Value {
        self.ask(&["jobs", "show", id])
    }

    /// A field of a job's hash, as redis-cli shows it.
    pub fn field(&self, id: &str, name: &str) -> String {
        self.redis.command(&["HGET", &format!("parceld:job:{id}"), name])
    }

    /// How many jobs are in a state that has a set of its own.
    pub fn count(&self, state: &str) -> usize {
        let count = self.redis.command(&["ZCARD", &format!("parceld:{state}")]);
        count.parse().expect("a number")
    }

    /// Waits until so many jobs have ended, well or not.
    pub async fn wait_for_ended(&self, jobs: usize) {
        wait_until(&format!("{jobs} jobs have ended"), BOUND, async || {
            let ended = self.count("done") + self.count("failed");
            if ended == jobs {
                Ok(())
            } else {
                let others =
                    ["scheduled", "running", "waiting", "parked"].map(|state| (state, self.count(state)));
                Err(format!("{ended} have; {others:?}"))
            }
        })
        .await;
    }

    /// Waits until this job is done; one that ends otherwise is shown.
    pub async fn wait_for_done(&self, id: &str) {
        wait_until(&format!("job {id} is done"), BOUND, async || {
            let state = self.field(id, "state");
            assert_ne!(state, "failed", "{:#}", self.job(id));
            if state == "done" {
                Ok(())
            } else {
                // A command at every look would take the time from those who are waited for.
                Err(format!("{state}, step {}", self.field(id, "step")))
            }
        })
        .await;
    }

    /// Waits for a call that the vendor saw and that is as asked; answers it.
    pub async fn wait_for_call(&self, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        wait_until(&format!("the vendor sees {what}"), BOUND, async || {
            let calls = self.calls().await;
            let found = calls.iter().find(|call| is_it(call)).cloned();
            found.ok_or_else(|| format!("{calls:?}"))
        })
        .await
    }

    /// Waits until the vendor has seen so many calls more; answers how long that took.
    pub async fn wait_for_further_calls(&self, calls: usize) -> Duration {
        let before = self.calls().await.len();
        let begun = Instant::now();
        wait_until(&format!("{calls} further calls"), BOUND, async || {
            let further = self.calls().await.len() - before;
            if further >= calls {
                Ok(())
            } else {
                Err(format!("{further}"))
            }
        })
        .await;
        begun.elapsed()
    }

    /// Every call that the vendor saw, oldest first.
    pub async fn calls(&self) -> Vec<Value> {
        let calls = self.simulator.get("/sim/calls").await;
        calls.as_array().expect("an array of calls").clone()
    }

    /// Changes the vendor's state.
    pub async fn change_vendor(&self, state: &Value) {
        self.simulator.post("/sim/state", state).await;
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(self.binary);
        let settings = self.settings.iter().map(|(name, value)| (name, value));
        command.args(words).envs(settings);
        command
    }
}

/// The ids in the answers of `parceld enqueue`, in order.
pub fn acknowledged(output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("an answer is JSON"))
        .filter_map(|answer| answer["id"].as_str().map(str::to_owned))
        .collect()
}

fn room() -> &'static (Semaphore, u32) {
    ROOM.get_or_init(|| {
        let places = thread::available_parallelism().map_or(ROOM_MIN, |cores| cores.get().max(ROOM_MIN));
        let share = u32::try_from(places).expect("a machine has not that many cores");
        (Semaphore::new(places), share)
    })
}
