//! Opening a store: reach Redis, and refuse one that would lose or refuse work.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use redis::InfoDict;

use crate::clock::RedisClock;
use crate::error::StoreError;
use crate::link::Link;
use crate::moves::Moves;
use crate::namespace;
use crate::settings::StoreSettings;

/// Scripts with flags, which every move has, came with this version.
const REDIS_MAJOR_MIN: u32 = 7;
/// How often the Sentinels are asked whether the master still is: a failover is followed sooner than the silence ends
/// that a new master begins with, so that two masters never grant slots for one second.
const CONFIRM_EVERY: Duration = Duration::from_secs(1);

/// Everything in Redis; cheap to clone.
#[derive(Debug, Clone)]
pub struct Store(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    link: Link,
    moves: Moves,
    settings: StoreSettings,
    clock: RedisClock,
    warnings: Vec<String>,
}

impl Store {
    /// Connects and checks the server.
    ///
    /// # Errors
    /// `Unreachable` when nothing answers; `Denied` when the account is refused; `Unsuitable` for a Redis that is too old or evicts, or a namespace that
    /// holds another version's data.
    pub async fn connect(settings: StoreSettings) -> Result<Self, StoreError> {
        let link = Link::new(&settings)?;
        let warnings = check_server(&link).await?;
        namespace::claim(&link, &settings.namespace).await?;
        let inner = Arc::new(Inner {
            link,
            moves: Moves::new(),
            settings,
            clock: RedisClock::default(),
            warnings,
        });
        if inner.link.is_watched() {
            tokio::spawn(confirm(Arc::downgrade(&inner)));
        }
        Ok(Store(inner))
    }

    /// What an operator should know about the server, such as that it keeps nothing on disk.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.0.warnings
    }

    /// How the store was opened.
    #[must_use]
    pub fn settings(&self) -> &StoreSettings {
        &self.0.settings
    }

    /// What Redis's clock shows now, Unix milliseconds, as told by the claims so far.
    #[must_use]
    pub fn now_ms(&self) -> u64 {
        self.0.clock.now_ms()
    }

    /// When Redis last answered a move or a question.
    #[must_use]
    pub fn answered_at(&self) -> Instant {
        self.0.link.answered_at().into_std()
    }

    pub(crate) fn link(&self) -> &Link {
        &self.0.link
    }

    pub(crate) fn moves(&self) -> &Moves {
        &self.0.moves
    }

    pub(crate) fn clock(&self) -> &RedisClock {
        &self.0.clock
    }

    pub(crate) fn namespace(&self) -> &str {
        &self.0.settings.namespace
    }

    /// `<namespace>:<name>`.
    pub(crate) fn key(&self, name: &str) -> String {
        format!("{}:{name}", self.0.settings.namespace)
    }

    /// Runs one command or pipeline that is not a move.
    pub(crate) async fn ask<T: redis::FromRedisValue>(
        &self,
        what: &'static str,
        pipe: &redis::Pipeline,
    ) -> Result<T, StoreError> {
        let (generation, mut connection) = self.link().connection().await?;
        match pipe.query_async(&mut connection).await {
            Ok(reply) => self.link().accept(generation, reply),
            Err(error) => Err(self.link().judge(generation, what, error).await),
        }
    }
}

/// Keeps to the master as long as the store is used.
async fn confirm(store: Weak<Inner>) {
    loop {
        tokio::time::sleep(CONFIRM_EVERY).await;
        let Some(store) = store.upgrade() else { return };
        store.link.confirm().await;
    }
}

async fn check_server(link: &Link) -> Result<Vec<String>, StoreError> {
    let (generation, mut connection) = link.connection().await?;
    let info: InfoDict = match redis::cmd("INFO").query_async(&mut connection).await {
        Ok(info) => info,
        Err(error) => return Err(link.judge(generation, "INFO", error).await),
    };
    let version: String = info.get("redis_version").unwrap_or_default();
    let is_valkey = info.get::<String>("valkey_version").is_some();
    let major: u32 = version
        .split('.')
        .next()
        .and_then(|part| part.parse().ok())
        .unwrap_or_default();
    if major < REDIS_MAJOR_MIN {
        return Err(StoreError::Unsuitable(format!(
            "this Redis is version {version}; parceld needs Redis 7.0 or later, or Valkey 7.2 or later"
        )));
    }
    let mut warnings = Vec::new();
    match info.get::<String>("maxmemory_policy").as_deref() {
        Some("noeviction") => {}
        Some(policy) => {
            return Err(StoreError::Unsuitable(format!(
                "this Redis may throw jobs away: maxmemory-policy is {policy}; set it to noeviction \
                 (CONFIG SET maxmemory-policy noeviction, and in redis.conf)"
            )));
        }
        None => {
            warnings.push("this Redis does not tell its maxmemory-policy; it must be noeviction".to_owned())
        }
    }
    if info.get::<String>("aof_enabled").as_deref() != Some("1") {
        let server = if is_valkey { "Valkey" } else { "Redis" };
        warnings.push(format!(
            "this {server} keeps no append-only file: a restart loses accepted jobs and records of payments; \
             set appendonly yes and appendfsync always (deploy/redis.conf)"
        ));
    }
    // A field of INFO that is there only when both settings are.
    if link.is_watched() && info.get::<String>("min_slaves_good_slaves").is_none() {
        warnings.push(
            "this master takes in what no replica has, also when it is cut off: a failover loses it; set \
             min-replicas-to-write 1 and min-replicas-max-lag 2 on every server (deploy/README.md, Sentinel)"
                .to_owned(),
        );
    }
    Ok(warnings)
}
