//! One test's world: a namespace in a real Redis, a simulator, and workers that run in this process.

use std::time::Duration;

use parceld_domain::flow;
use parceld_domain::job::Job;
use parceld_domain::line::JobLine;
use parceld_domain::payload::Payload;
use parceld_domain::policy::Policy;
use parceld_domain::scope::Scope;
use parceld_domain::state::State;
use parceld_domain::transition::Transition;
use parceld_harness::{http_request, redis_command};
use parceld_simulator::Options;
use parceld_store::{Enqueued, JobRecord, NewJob, Operated, Stats, Store, StoreSettings};
use parceld_test_support::{Redis, wait_until};
use parceld_vendor::{Vendor, VendorSettings};
use parceld_worker::WorkerSettings;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Everything that a flow needs; workers stop when it goes.
pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) policy: Policy,
    pub(crate) simulator: String,
    stop: CancellationToken,
}

/// A worker of this process.
pub(crate) struct Worker {
    pub(crate) stop: CancellationToken,
    pub(crate) ended: JoinHandle<()>,
}

/// No flow here takes longer, on a slow machine.
pub(crate) const BOUND: Duration = Duration::from_secs(60);
/// The token that workers present.
pub(crate) const TOKEN: &str = "token";
/// A reply beyond this is given up; a fault of a few of these is quickly made.
const REPLY_BYTES_MAX: usize = 512 * 1024;

impl World {
    /// A world with short waits instead of the documented ones, and no limit on calls.
    pub(crate) async fn new() -> Self {
        World::with(quick_policy(), 0).await
    }

    /// A world whose bucket lets ten calls a second through.
    pub(crate) async fn limited() -> Self {
        World::with(quick_policy(), 10).await
    }

    pub(crate) async fn with(policy: Policy, per_second: u32) -> Self {
        let redis = Redis::shared().await;
        World::on(redis.url(), redis.namespace(), policy, per_second).await
    }

    /// A world on a Redis that the test holds itself.
    pub(crate) async fn on(url: &str, namespace: &str, policy: Policy, per_second: u32) -> Self {
        // RUST_LOG shows what the workers say, beside a failing test's own words.
        let filter = tracing_subscriber::EnvFilter::from_default_env();
        let _ = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_test_writer()
            .try_init();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port");
        let simulator = listener.local_addr().expect("it is bound").to_string();
        tokio::spawn(parceld_simulator::serve(listener, Options::default()));
        let mut settings = StoreSettings::new(url, namespace);
        settings.per_second = per_second;
        settings.lease_ms = 5_000;
        settings.errand_gap_ms = policy.poll_initial_ms;
        let store = Store::connect(settings).await.expect("the test's Redis answers");
        World {
            store,
            policy,
            simulator,
            stop: CancellationToken::new(),
        }
    }

    /// Starts a worker; it runs until it is stopped or the world ends.
    pub(crate) async fn start_worker(&self) -> Worker {
        self.start_worker_of(WorkerSettings::new(self.policy.clone()).in_flight)
            .await
    }

    /// Starts a worker that makes so many calls at once.
    pub(crate) async fn start_worker_of(&self, in_flight: usize) -> Worker {
        self.start(self.vendor(), in_flight).await
    }

    /// Starts a worker that reaches the vendor at another address, through something of the test's.
    pub(crate) async fn start_worker_through(&self, address: &str) -> Worker {
        let in_flight = WorkerSettings::new(self.policy.clone()).in_flight;
        self.start(self.vendor_at(address), in_flight).await
    }

    async fn start(&self, vendor: Vendor, in_flight: usize) -> Worker {
        let store = Store::connect(self.store.settings().clone())
            .await
            .expect("the test's Redis answers");
        let settings = WorkerSettings {
            in_flight,
            ..WorkerSettings::new(self.policy.clone())
        };
        let stop = self.stop.child_token();
        let worker = parceld_worker::run(store, vendor, settings, stop.clone());
        Worker {
            stop,
            ended: tokio::spawn(worker),
        }
    }

    /// A client of the simulator, as workers have one.
    pub(crate) fn vendor(&self) -> Vendor {
        self.vendor_at(&self.simulator)
    }

    fn vendor_at(&self, address: &str) -> Vendor {
        let settings = VendorSettings {
            timeout: Duration::from_millis(self.policy.vendor_timeout_ms),
            reply_bytes_max: REPLY_BYTES_MAX,
            ..VendorSettings::new(format!("http://{address}"), SecretString::from(TOKEN))
        };
        Vendor::new(settings).expect("the simulator's address is an address")
    }

    /// Takes a job line in as the producer does; answers the id.
    pub(crate) async fn enqueue(&self, line: &Value) -> String {
        let line = JobLine::parse(line.to_string().as_bytes()).expect("the test's line is valid");
        let start = flow::start(&line.payload);
        let job = NewJob {
            id: ulid::Ulid::generate().to_string(),
            kind: line.kind,
            key: line.key,
            payload: line.normalised,
            step: start.step,
            lane: start.lane,
            units: start.units,
            memory: start.memory,
            due_ms: line.due_ms,
        };
        match self.store.enqueue(&job).await.expect("the test's Redis answers") {
            Enqueued::Accepted { id, .. } | Enqueued::Duplicate { id, .. } => id,
            other => panic!("the line was not taken in: {other:?}"),
        }
    }

    pub(crate) async fn enqueue_all(&self, lines: impl IntoIterator<Item = Value>) -> Vec<String> {
        let mut ids = Vec::new();
        for line in lines {
            ids.push(self.enqueue(&line).await);
        }
        ids
    }

    /// What `jobs retry` does.
    pub(crate) async fn retry(&self, id: &str) {
        let class = self.job(id).await.fields["class"].parse().ok();
        let job: Job = self
            .store
            .load(&[id.to_owned()])
            .await
            .expect("the test's Redis answers")
            .jobs
            .remove(0);
        let payload = Payload::decode(job.kind, job.payload.expose()).expect("the payload is sound");
        let ctx = flow::Context {
            policy: &self.policy,
            now_ms: self.stats().await.now_ms,
            jitter: 0.5,
        };
        let outcome = flow::on_retry(&job, &payload, class, &ctx);
        let lane = flow::lane(&payload, outcome.step);
        let transition = Transition::new(&job, outcome, lane.as_ref(), 1);
        let moved = self.store.operate(&[(&job, transition)]).await;
        assert_eq!(moved.expect("the test's Redis answers"), [Operated::Moved]);
    }

    pub(crate) async fn resume(&self, scope: &str) {
        let scope: Scope = scope.parse().expect("a scope");
        assert!(self.store.resume(&scope).await.expect("the test's Redis answers"));
    }

    pub(crate) async fn job(&self, id: &str) -> JobRecord {
        self.store
            .job(id)
            .await
            .expect("the test's Redis answers")
            .expect("the job stands in Redis")
    }

    pub(crate) async fn stats(&self) -> Stats {
        self.store.stats().await.expect("the test's Redis answers")
    }

    /// Waits until the job is in this state.
    pub(crate) async fn wait_for(&self, id: &str, state: State) -> JobRecord {
        wait_until(&format!("job {id} is {state}"), BOUND, async || {
            let job = self.store.job(id).await.map_err(|error| error.to_string())?;
            let job = job.expect("the job stands in Redis");
            let now: State = job.fields["state"].parse().expect("a state");
            assert!(
                now == state || !now.is_final(),
                "job {id} ended as {now} instead of {state}: {job:?}"
            );
            if now == state {
                Ok(job)
            } else {
                Err(format!("{job:?}"))
            }
        })
        .await
    }

    /// Waits until so many jobs are in this state.
    pub(crate) async fn wait_for_count(&self, state: State, count: usize) {
        wait_until(&format!("{count} jobs are {state}"), BOUND, async || {
            let stats = self.store.stats().await.map_err(|error| error.to_string())?;
            if stats.states[&state] == count as u64 {
                Ok(())
            } else {
                Err(format!("{stats:?}"))
            }
        })
        .await;
    }

    /// Waits until the scope is parked; answers what `stats` says of it.
    pub(crate) async fn wait_for_parked(&self, scope: &str) -> parceld_store::ParkedScope {
        wait_until(&format!("{scope} is parked"), BOUND, async || {
            let stats = self.stats().await;
            let found = stats.parked.iter().find(|parked| parked.scope == scope).cloned();
            found.ok_or_else(|| format!("{stats:?}"))
        })
        .await
    }

    pub(crate) async fn ledger(&self) -> Value {
        self.control("GET", "/sim/ledger", &Value::Null).await
    }

    /// What stands at the vendor.
    pub(crate) async fn vendor_state(&self) -> Value {
        self.control("GET", "/sim/state", &Value::Null).await
    }

    /// Waits until the ledger shows this.
    pub(crate) async fn wait_for_ledger(&self, what: &str, holds: impl Fn(&Value) -> bool) {
        wait_until(what, BOUND, async || {
            let ledger = self.ledger().await;
            if holds(&ledger) {
                Ok(())
            } else {
                Err(ledger.to_string())
            }
        })
        .await;
    }

    /// The calls of one endpoint, oldest first.
    pub(crate) async fn calls(&self, endpoint: &str) -> Vec<Value> {
        let path = format!("/sim/calls?endpoint={endpoint}");
        let calls = self.control("GET", &path, &Value::Null).await;
        calls.as_array().expect("a list of calls").clone()
    }

    pub(crate) async fn inject(&self, faults: Value) {
        self.control("POST", "/sim/faults", &faults).await;
    }

    pub(crate) async fn clear_faults(&self) {
        self.control("DELETE", "/sim/faults", &Value::Null).await;
    }

    pub(crate) async fn change_vendor(&self, state: Value) {
        self.control("POST", "/sim/state", &state).await;
    }

    pub(crate) async fn set_option(&self, name: &str, value: impl Into<Value>) {
        let options = json!({ "options": { name: value.into() } });
        self.change_vendor(options).await;
    }

    /// One command to this world's Redis; `{}` in a word stands for the namespace.
    pub(crate) fn redis(&self, words: &[&str]) -> String {
        let namespace = &self.store.settings().namespace;
        let words: Vec<String> = words.iter().map(|word| word.replace("{}", namespace)).collect();
        self.redis_as_it_is(&words)
    }

    /// One command to this world's Redis, word for word.
    pub(crate) fn redis_as_it_is(&self, words: &[String]) -> String {
        let url = self.store.settings().url.trim_end_matches("/0");
        let port = url.rsplit(':').next().and_then(|port| port.parse().ok());
        let port = port.expect("the test's Redis has a port");
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        redis_command(port, &words).unwrap_or_else(|error| panic!("{words:?}: {error}"))
    }

    async fn control(&self, method: &'static str, path: &str, body: &Value) -> Value {
        let (address, path) = (self.simulator.clone(), path.to_owned());
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let reply = tokio::task::spawn_blocking(move || http_request(&address, method, &path, &body))
            .await
            .expect("a request does not panic")
            .unwrap_or_else(|error| panic!("the simulator: {error}"));
        serde_json::from_str(&reply).expect("the simulator answers JSON")
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// The documented policy with waits that a test can sit through.
pub(crate) fn quick_policy() -> Policy {
    Policy {
        retry_initial_ms: 50,
        retry_max_ms: 400,
        vendor_timeout_ms: 900,
        settle_time_ms: 300,
        poll_initial_ms: 200,
        poll_max_ms: 1_000,
        ..Policy::default()
    }
}
