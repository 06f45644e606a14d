//! One test's world: a namespace in a real Redis, a simulator, and workers that run in this process.

use std::time::Duration;

use parceld_domain::flow;
use parceld_domain::line::JobLine;
use parceld_domain::policy::Policy;
use parceld_domain::state::State;
use parceld_harness::http_request;
use parceld_simulator::Options;
use parceld_store::{Enqueued, JobRecord, NewJob, Stats, Store, StoreSettings};
use parceld_test_support::{Redis, wait_until};
use parceld_vendor::{Vendor, VendorSettings};
use parceld_worker::WorkerSettings;
use secrecy::SecretString;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

/// Everything that a flow needs; workers stop when it goes.
pub(crate) struct World {
    pub(crate) redis: Redis,
    pub(crate) store: Store,
    pub(crate) policy: Policy,
    simulator: String,
    stop: CancellationToken,
}

/// No flow here takes longer, on a slow machine.
pub(crate) const BOUND: Duration = Duration::from_secs(60);

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
        let redis = Redis::shared().await;
        let mut settings = StoreSettings::new(redis.url(), redis.namespace());
        settings.per_second = per_second;
        settings.lease_ms = 2_000;
        settings.errand_gap_ms = policy.poll_initial_ms;
        let store = Store::connect(settings).await.expect("the test's Redis answers");
        World {
            redis,
            store,
            policy,
            simulator,
            stop: CancellationToken::new(),
        }
    }

    /// Starts a worker; it runs until the world ends.
    pub(crate) async fn start_worker(&self) {
        let settings = VendorSettings {
            timeout: Duration::from_millis(self.policy.vendor_timeout_ms),
            ..VendorSettings::new(format!("http://{}", self.simulator), SecretString::from("token"))
        };
        let vendor = Vendor::new(settings).expect("the simulator's address is an address");
        let store = Store::connect(self.store.settings().clone())
            .await
            .expect("the test's Redis answers");
        let worker = parceld_worker::run(
            store,
            vendor,
            WorkerSettings::new(self.policy.clone()),
            self.stop.clone(),
        );
        tokio::spawn(worker);
    }

    /// Takes a job line in as the producer does; answers the id.
    pub(crate) async fn enqueue(&self, line: &Value) -> String {
        match self.try_enqueue(line).await {
            Enqueued::Accepted { id, .. } | Enqueued::Duplicate { id, .. } => id,
            other => panic!("{line} was not taken in: {other:?}"),
        }
    }

    pub(crate) async fn try_enqueue(&self, line: &Value) -> Enqueued {
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
        self.store.enqueue(&job).await.expect("the test's Redis answers")
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
            let job = self.job(id).await;
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
    pub(crate) async fn wait_for_count(&self, state: State, count: u64) {
        wait_until(&format!("{count} jobs are {state}"), BOUND, async || {
            let states = self.stats().await.states;
            if states[&state] == count {
                Ok(())
            } else {
                Err(format!("{states:?}"))
            }
        })
        .await;
    }

    pub(crate) async fn ledger(&self) -> Value {
        self.simulator("GET", "/sim/ledger", &Value::Null).await
    }

    pub(crate) async fn inject(&self, faults: Value) {
        self.simulator("POST", "/sim/faults", &faults).await;
    }

    pub(crate) async fn change_vendor(&self, state: Value) {
        self.simulator("POST", "/sim/state", &state).await;
    }

    async fn simulator(&self, method: &'static str, path: &'static str, body: &Value) -> Value {
        let (address, body) = (
            self.simulator.clone(),
            if body.is_null() {
                String::new()
            } else {
                body.to_string()
            },
        );
        let reply = tokio::task::spawn_blocking(move || http_request(&address, method, path, &body))
            .await
            .expect("a request does not panic")
            .unwrap_or_else(|error| panic!("the simulator: {error}"));
        serde_json::from_slice(reply.as_ref()).unwrap_or(Value::Null)
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
