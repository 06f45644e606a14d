//! What a test of a move stands on: a store in a namespace of its own, Redis's bare commands beside it, and jobs.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use parceld_domain::class::Class;
use parceld_domain::endpoint::Endpoint;
use parceld_domain::job::Job;
use parceld_domain::kind::Kind;
use parceld_domain::lane::Lane;
use parceld_domain::outcome::{Attempts, Fate, JobError, Outcome};
use parceld_domain::private::Private;
use parceld_domain::scope::Scope;
use parceld_domain::state::Step;
use parceld_domain::transition::Transition;
use parceld_domain::verdict::ErrorClass;
use parceld_store::{
    Begin, Begun, Claimed, Enqueued, ErrandClaim, Grant, JobClaim, NewJob, Pace, Store, StoreSettings,
};
use parceld_test_support::Redis;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, FromRedisValue, RedisResult};

/// Claims that may answer "ask again" before one must have found something.
const ASKS_MAX: usize = 2_000;

/// Redis answers one at a time, and other tests give it twenty thousand things to do.
const ANSWER_BOUND: Duration = Duration::from_secs(20);
/// Commands a round trip.
const BARE_MAX: usize = 2_000;

pub(crate) struct Bed {
    pub(crate) store: Store,
    connection: MultiplexedConnection,
    namespace: String,
    tokens: AtomicU32,
}

impl Bed {
    /// A store without a limit of calls, so that every claim's slot is now.
    pub(crate) async fn new() -> Self {
        Self::with(|_| ()).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut StoreSettings)) -> Self {
        let redis = Redis::shared().await;
        Self::at(redis.url(), redis.namespace(), change).await
    }

    pub(crate) async fn at(url: &str, namespace: &str, change: impl FnOnce(&mut StoreSettings)) -> Self {
        let mut settings = StoreSettings::new(url, namespace);
        settings.per_second = 0;
        settings.response_timeout = ANSWER_BOUND;
        change(&mut settings);
        let client = redis::Client::open(url).unwrap();
        let patient = AsyncConnectionConfig::new().set_response_timeout(Some(ANSWER_BOUND));
        Bed {
            store: Store::connect(settings).await.unwrap(),
            connection: client
                .get_multiplexed_async_connection_with_config(&patient)
                .await
                .unwrap(),
            namespace: namespace.to_owned(),
            tokens: AtomicU32::new(0),
        }
    }

    /// A bare command; a word that begins with `~` is a key of this namespace.
    pub(crate) async fn raw<T: FromRedisValue>(&self, words: &[&str]) -> T {
        let reply: RedisResult<T> = self
            .command(words)
            .query_async(&mut self.connection.clone())
            .await;
        reply.unwrap_or_else(|error| panic!("{words:?}: {error}"))
    }

    fn command(&self, words: &[impl AsRef<str>]) -> redis::Cmd {
        let mut command = redis::Cmd::new();
        for word in words.iter().map(AsRef::as_ref) {
            match word.strip_prefix('~') {
                Some(key) => command.arg(format!("{}:{key}", self.namespace)),
                None => command.arg(word),
            };
        }
        command
    }

    /// Writes bytes into a field of a job, as a hand does that knows no better; `None` removes it.
    pub(crate) async fn spoil(&self, id: &str, field: &str, value: Option<&[u8]>) {
        let mut command = redis::cmd(if value.is_some() { "HSET" } else { "HDEL" });
        command.arg(format!("{}:job:{id}", self.namespace)).arg(field);
        if let Some(value) = value {
            command.arg(value);
        }
        let _: i64 = command.query_async(&mut self.connection.clone()).await.unwrap();
    }

    pub(crate) async fn field(&self, id: &str, field: &str) -> Option<String> {
        self.raw(&["HGET", &format!("~job:{id}"), field]).await
    }

    pub(crate) async fn state(&self, id: &str) -> String {
        self.field(id, "state").await.unwrap_or_else(|| "gone".to_owned())
    }

    pub(crate) async fn count(&self, name: &str) -> i64 {
        let count: Option<i64> = self.raw(&["HGET", "~counts", name]).await;
        count.unwrap_or_default()
    }

    /// Redis's time, Unix milliseconds.
    pub(crate) async fn now_ms(&self) -> u64 {
        let (seconds, micros): (u64, u64) = self.raw(&["TIME"]).await;
        seconds * 1000 + micros / 1000
    }

    pub(crate) async fn job(&self, id: &str) -> Job {
        let mut jobs = self.store.load(&[id.to_owned()]).await.unwrap().jobs;
        assert_eq!(jobs.len(), 1, "{id} is not there");
        jobs.remove(0)
    }

    pub(crate) async fn put(&self, job: NewJob) {
        let id = job.id.clone();
        let answer = self.store.enqueue(&job).await.unwrap();
        assert!(matches!(answer, Enqueued::Accepted { .. }), "{id}: {answer:?}");
    }

    /// Jobs put in with bare commands, many a round trip: what the claim has to cope with, not how it comes about.
    pub(crate) async fn bare(&self, commands: impl IntoIterator<Item = Vec<String>>) {
        let commands: Vec<Vec<String>> = commands.into_iter().collect();
        for some in commands.chunks(BARE_MAX) {
            let mut pipe = redis::pipe();
            for words in some {
                pipe.add_command(self.command(words)).ignore();
            }
            let _: () = pipe.query_async(&mut self.connection.clone()).await.unwrap();
        }
    }

    /// Shipments `c0`, `c1` and so on that stand in a state's set with a score long past, as moves would have written
    /// them.
    pub(crate) async fn crowd(&self, state: &str, count: usize) {
        let fields = [
            ("kind", "taobao.ship"),
            ("key", ""),
            ("state", state),
            ("step", "send"),
            ("attempts", "0"),
            ("version", "1"),
            ("payload", "{}"),
            ("memory", "{}"),
            ("lane", "ship/send/-/1"),
            ("units", "1"),
            ("created_ms", "1"),
        ];
        let words = fields.iter().flat_map(|(name, value)| [*name, *value]);
        let hash = |n: usize| {
            let mut command = vec!["HSET".to_owned(), format!("~job:c{n}")];
            command.extend(words.clone().map(str::to_owned));
            command
        };
        self.bare((0..count).map(hash)).await;
        self.bare((0..count).map(|n| vec!["ZADD".into(), format!("~{state}"), "1".into(), format!("c{n}")]))
            .await;
        let _: i64 = self.raw(&["HSET", "~counts", state, &count.to_string()]).await;
    }

    pub(crate) fn token(&self) -> String {
        format!("token-{}", self.tokens.fetch_add(1, Ordering::Relaxed))
    }

    /// One claim under a token of its own.
    pub(crate) async fn claim(&self) -> Claimed {
        self.store
            .claim(&self.token(), "worker-1", Pace::default())
            .await
            .unwrap()
    }

    /// Claims while the answer is "ask again at once"; `None` when there is nothing to do now.
    pub(crate) async fn ask(&self) -> Option<Claimed> {
        for _ in 0..ASKS_MAX {
            match self.claim().await {
                Claimed::Nothing { wait_ms: 0 } => {}
                Claimed::Nothing { .. } => return None,
                claimed => return Some(claimed),
            }
        }
        panic!("{ASKS_MAX} claims said `ask again`");
    }

    /// The jobs of the next claim, which must be for jobs.
    pub(crate) async fn take(&self) -> JobClaim {
        match self.ask().await {
            Some(Claimed::Jobs(claim)) => claim,
            other => panic!("jobs were expected: {other:?}"),
        }
    }

    /// The errand of the next claim, which must be for one.
    pub(crate) async fn errand(&self) -> ErrandClaim {
        match self.ask().await {
            Some(Claimed::Errand(claim)) => claim,
            other => panic!("an errand was expected: {other:?}"),
        }
    }

    pub(crate) async fn nothing(&self) {
        let answer = self.ask().await;
        assert!(answer.is_none(), "nothing was expected: {answer:?}");
    }

    /// Begins the claim's call for all its jobs; a death sends each back to its lane.
    pub(crate) async fn begin(&self, claim: &JobClaim) -> Begun {
        let begins: Vec<Begin> = claim.jobs.iter().map(begin).collect();
        self.store
            .begin(&claim.grant, &claim.lane, 10_000, &begins)
            .await
            .unwrap()
    }

    /// Begins the call of a claim's only job in another way.
    pub(crate) async fn begin_as(&self, claim: &JobClaim, intent: Begin) -> Begun {
        self.store
            .begin(&claim.grant, &claim.lane, 10, &[intent])
            .await
            .unwrap()
    }

    /// Settles one job of a claim.
    pub(crate) async fn settle(&self, grant: &Grant, job: &Job, fate: Fate) -> bool {
        let moved = self
            .store
            .settle(grant, &[(job.id.clone(), to(job, fate))])
            .await
            .unwrap();
        assert_eq!(moved.len(), 1);
        moved[0]
    }

    /// Lets a lease run out.
    pub(crate) async fn lose_lease(&self, id: &str) {
        let _: i64 = self.raw(&["ZADD", "~running", "1", id]).await;
    }

    /// A bucket as a server leaves it that has granted nothing for long, so that the next slot is now.
    pub(crate) async fn open_bucket(&self) {
        let info: String = self.raw(&["INFO", "server", "replication"]).await;
        let id = |name: &str| {
            let id = info.lines().find_map(|line| line.strip_prefix(name));
            &id.unwrap_or_else(|| panic!("no {name} in {info}"))[..16]
        };
        let run = &format!("{}{}", id("run_id:"), id("master_replid:"));
        let log = ["1"; 20].join(",");
        let _: i64 = self
            .raw(&["HSET", "~bucket", "log", &log, "run_id", run, "seen", "1"])
            .await;
    }

    /// Takes one job through a claim to where `fate` sends it.
    pub(crate) async fn bring(&self, job: NewJob, fate: Fate) -> Job {
        let id = job.id.clone();
        self.put(job).await;
        let claim = self.take().await;
        assert_eq!(ids(&claim), [id.as_str()]);
        assert_eq!(self.begin(&claim).await, Begun::Granted);
        assert!(self.settle(&claim.grant, &claim.jobs[0], fate).await);
        self.job(&id).await
    }
}

pub(crate) fn ids(claim: &JobClaim) -> Vec<&str> {
    claim.jobs.iter().map(|job| job.id.as_str()).collect()
}

pub(crate) fn begin(job: &Job) -> Begin {
    Begin {
        id: job.id.clone(),
        intent: format!(r#"{{"event":"begin","step":"{}"}}"#, job.step),
        on_death: to(job, Fate::Ready { front: true }),
        counts: true,
        guarded: false,
    }
}

/// The move to a fate, all else as it was.
pub(crate) fn to(job: &Job, fate: Fate) -> Transition {
    written(job, Outcome::new("moved", fate, job.step, Attempts::Keep))
}

pub(crate) fn written(job: &Job, outcome: Outcome) -> Transition {
    Transition::new(job, outcome, None, 1)
}

pub(crate) fn error(code: i64, msg: &str) -> JobError {
    JobError {
        code: Some(code),
        msg: msg.to_owned(),
        class: ErrorClass::Terminal,
        advice: "请核对".to_owned(),
    }
}

pub(crate) fn failed(code: i64) -> Fate {
    Fate::Failed {
        error: error(code, "系统异常"),
    }
}

pub(crate) fn parked(scope: Scope) -> Fate {
    Fate::Parked {
        scope,
        error: error(302, "店铺未授权"),
        link: None,
        need: None,
    }
}

fn job(id: &str, kind: Kind, step: Step, lane: Lane) -> NewJob {
    NewJob {
        id: id.to_owned(),
        kind,
        key: format!("key-{id}"),
        payload: Private::new(format!(r#"{{"tid":"{id}"}}"#)),
        step,
        lane,
        units: 1,
        memory: "{}".to_owned(),
        due_ms: None,
    }
}

/// A Taobao shipment: one a call.
pub(crate) fn taobao(id: &str, shop: &str) -> NewJob {
    let lane = Lane::new(Class::Ship, Endpoint::Send, shop);
    job(id, Kind::TaobaoShip, Step::Send, lane)
}

/// A Douyin shipment: many of one shop a call.
pub(crate) fn douyin(id: &str, shop: &str) -> NewJob {
    let lane = Lane::new(Class::Ship, Endpoint::DyShipFree, shop);
    job(id, Kind::DouyinShip, Step::Ship, lane)
}

/// A gift order that is to be created.
pub(crate) fn gift(id: &str) -> NewJob {
    let lane = Lane::new(Class::Create, Endpoint::OrderCreate, "");
    job(id, Kind::GiftOrder, Step::Create, lane)
}

/// A gift order that is to be paid.
pub(crate) fn payment(id: &str) -> NewJob {
    let lane = Lane::new(Class::Pay, Endpoint::SubmitPayment, "");
    job(id, Kind::GiftOrder, Step::Pay, lane)
}

/// A fetch of so many order numbers.
pub(crate) fn sync(id: &str, owner: &str, units: u32) -> NewJob {
    let lane = Lane::new(Class::Sync, Endpoint::MpagingOrders, owner);
    NewJob {
        key: String::new(),
        units,
        ..job(id, Kind::OrdersSync, Step::Fetch, lane)
    }
}
