//! The connection to Redis: one, shared, rebuilt whenever it stops answering or its server is the master no more.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, ErrorKind, InfoDict, RedisError};
use tokio::sync::{Mutex, watch};
use tokio::time::{Instant, timeout_at};

use crate::denial;
use crate::error::StoreError;
use crate::namespace;
use crate::place::Place;
use crate::sentinel::Master;
use crate::settings::StoreSettings;

/// How long a master is used that most Sentinels have not confirmed: they may have made another one where we cannot
/// see it. Longer than one slow round of questions, and not longer than Sentinels wait for a silent master
/// (deploy/README.md), so that it is over before a new one ends its silence.
const UNCONFIRMED_MAX: Duration = Duration::from_secs(5);

/// Hands out the shared connection and forgets it when it has failed.
///
/// Not redis-rs's own manager: that one stays on a black-holed socket after a timeout and on a demoted primary
/// after READONLY, both for ever.
pub(crate) struct Link {
    place: Place,
    namespace: String,
    config: AsyncConnectionConfig,
    held: Mutex<Option<Held>>,
    /// Grows when the shared connection is forgotten; then all others are to be made anew as well.
    generation: watch::Sender<u64>,
    /// When the last reply came, or when this was made.
    answered: watch::Sender<Instant>,
}

struct Held {
    client: Client,
    watched: Option<Watched>,
    connection: MultiplexedConnection,
}

/// The server, where it may change by itself.
#[derive(Clone)]
struct Watched {
    master: Master,
    /// Before the Sentinels were asked that named it last.
    confirmed: Instant,
}

/// Tells when what was made beside the shared connection is out of date.
#[derive(Debug)]
pub(crate) struct Lifetime(watch::Receiver<u64>);

impl Link {
    pub(crate) fn new(settings: &StoreSettings) -> Result<Self, StoreError> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(settings.connect_timeout))
            .set_response_timeout(Some(settings.response_timeout));
        Ok(Link {
            place: Place::new(settings)?,
            namespace: settings.namespace.clone(),
            config,
            held: Mutex::default(),
            // 0 stands for connections that are not shared.
            generation: watch::Sender::new(1),
            answered: watch::Sender::new(Instant::now()),
        })
    }

    /// The shared connection and its generation; connects when there is none.
    pub(crate) async fn connection(&self) -> Result<(u64, MultiplexedConnection), StoreError> {
        let mut held = self.held.lock().await;
        let standing = match held.take() {
            Some(standing) => standing,
            None => self.connect().await?,
        };
        let connection = standing.connection.clone();
        *held = Some(standing);
        Ok((self.generation(), connection))
    }

    /// A connection of its own whose commands may block, to the server of the shared one.
    pub(crate) async fn blocking_connection(&self) -> Result<(Lifetime, MultiplexedConnection), StoreError> {
        let (lifetime, client) = self.beside().await?;
        let config = self.config.clone().set_response_timeout(None);
        let made = client.get_multiplexed_async_connection_with_config(&config);
        Ok((lifetime, made.await.map_err(|error| self.not_let_in(error))?))
    }

    /// A subscription of its own, to the server of the shared connection.
    pub(crate) async fn subscription(&self) -> Result<(Lifetime, redis::aio::PubSub), StoreError> {
        let (lifetime, client) = self.beside().await?;
        let made = client.get_async_pubsub();
        Ok((lifetime, made.await.map_err(|error| self.not_let_in(error))?))
    }

    /// A reply, unless it came from a server that is the master no more: what that one did may be lost.
    pub(crate) fn accept<T>(&self, generation: u64, reply: T) -> Result<T, StoreError> {
        self.answered.send_replace(Instant::now());
        let is_deposed = matches!(self.place, Place::Watched { .. }) && generation != self.generation();
        if is_deposed {
            return Err(self.unreachable(RedisError::from((ErrorKind::Io, "the master has changed"))));
        }
        Ok(reply)
    }

    /// What an error means to the caller; a connection that cannot be trusted any more is forgotten.
    pub(crate) async fn judge(&self, generation: u64, what: &'static str, error: RedisError) -> StoreError {
        if is_lost(&error) {
            self.forget(generation).await;
        }
        self.meaning(what, error)
    }

    /// Refuses a namespace whose data came to be of another form, with all connections to it: what is asked next meets
    /// the same refusal until the form is ours again.
    pub(crate) async fn check_format(&self, generation: u64, found: Option<&str>) -> Result<(), StoreError> {
        let checked = namespace::check(&self.namespace, found);
        if checked.is_err() {
            self.forget(generation).await;
        }
        checked
    }

    /// Asks the Sentinels whether the server in use is still the master, and forgets it when it is not, or when most of
    /// them have not said so for too long.
    pub(crate) async fn confirm(&self) {
        let Place::Watched { sentinels, .. } = &self.place else {
            return;
        };
        let (generation, used) = {
            let held = self.held.lock().await;
            let used = held.as_ref().and_then(|held| held.watched.clone());
            (self.generation(), used)
        };
        let Some(Watched {
            master: used,
            confirmed,
        }) = used
        else {
            return;
        };
        let end = confirmed + UNCONFIRMED_MAX;
        let asked = Instant::now();
        match timeout_at(end, sentinels.master()).await {
            Ok(Ok(master)) if master == used => self.confirmed(generation, asked).await,
            Ok(Ok(master)) => {
                tracing::warn!(old = %used, new = %master, "the Sentinels name another master");
                self.forget(generation).await;
            }
            Ok(Err(error)) if Instant::now() < end => {
                tracing::debug!(%error, "the master could not be confirmed");
            }
            _ => {
                tracing::warn!(
                    master = %used,
                    "most Sentinels have not confirmed this master for {UNCONFIRMED_MAX:?}: there may be another one \
                     by now, so nothing is sent until most of them answer; start them, or restore the way to them"
                );
                self.forget(generation).await;
            }
        }
    }

    /// When the last reply came.
    pub(crate) fn answered_at(&self) -> Instant {
        *self.answered.borrow()
    }

    /// Whether the server may change by itself.
    pub(crate) fn is_watched(&self) -> bool {
        matches!(self.place, Place::Watched { .. })
    }

    /// A connection to a server whose data is of our form: it may have been another's, or been restored, meanwhile.
    async fn connect(&self) -> Result<Held, StoreError> {
        let mut held = self.reach().await.map_err(|error| self.not_let_in(error))?;
        let found = namespace::found(&mut held.connection, &self.namespace).await;
        let found = found.map_err(|error| self.meaning("GET", error))?;
        namespace::check(&self.namespace, found.as_deref())?;
        Ok(held)
    }

    async fn reach(&self) -> Result<Held, RedisError> {
        let asked = Instant::now();
        let (client, master) = self.place.find().await?;
        let made = client.get_multiplexed_async_connection_with_config(&self.config);
        let mut connection = made.await?;
        if let Some(master) = &master {
            check_role(&mut connection, master).await?;
        }
        Ok(Held {
            client,
            watched: master.map(|master| Watched {
                master,
                confirmed: asked,
            }),
            connection,
        })
    }

    async fn beside(&self) -> Result<(Lifetime, Client), StoreError> {
        self.connection().await?;
        let lifetime = Lifetime(self.generation.subscribe());
        let held = self.held.lock().await;
        let client = held.as_ref().map(|held| held.client.clone());
        let gone = || self.unreachable(RedisError::from((ErrorKind::Io, "the connection was given up")));
        Ok((lifetime, client.ok_or_else(gone)?))
    }

    async fn confirmed(&self, generation: u64, asked: Instant) {
        let mut held = self.held.lock().await;
        if generation != self.generation() {
            return;
        }
        if let Some(watched) = held.as_mut().and_then(|held| held.watched.as_mut()) {
            watched.confirmed = asked;
        }
    }

    async fn forget(&self, generation: u64) {
        let mut held = self.held.lock().await;
        if generation == self.generation() {
            *held = None;
            self.generation.send_modify(|generation| *generation += 1);
        }
    }

    fn generation(&self) -> u64 {
        *self.generation.borrow()
    }

    fn meaning(&self, what: &'static str, error: RedisError) -> StoreError {
        match code_of(&error).as_deref() {
            Some("OOM") => StoreError::Full,
            // Somebody's script runs too long; the connection is as good as before.
            Some("BUSY") => self.unreachable(error),
            _ if is_lost(&error) => self.unreachable(error),
            code => match denial::reason(code, &error) {
                Some(why) => self.denied(why),
                None => StoreError::Refused { what, source: error },
            },
        }
    }

    /// Why there is no connection. What a server refuses then comes without its code, and may pass.
    fn not_let_in(&self, error: RedisError) -> StoreError {
        match denial::reason(code_of(&error).as_deref(), &error) {
            Some(why) => self.denied(why),
            None => self.unreachable(error),
        }
    }

    fn denied(&self, why: String) -> StoreError {
        StoreError::Denied {
            address: self.place.to_string(),
            why,
        }
    }

    fn unreachable(&self, source: RedisError) -> StoreError {
        StoreError::Unreachable {
            address: self.place.to_string(),
            source,
        }
    }
}

impl Lifetime {
    /// Returns when the server must be asked for anew.
    pub(crate) async fn ended(&mut self) {
        // An error says that the link itself is gone.
        let _ = self.0.changed().await;
    }
}

/// The Sentinels may name a server before it knows, and one that was master may have been demoted since.
///
/// By INFO, which the moves need as well: ROLE would be one more command that an account has to be allowed.
async fn check_role(connection: &mut MultiplexedConnection, master: &Master) -> Result<(), RedisError> {
    let info: InfoDict = redis::cmd("INFO")
        .arg("replication")
        .query_async(connection)
        .await?;
    let role: String = info.get("role").unwrap_or_default();
    if role == "master" {
        return Ok(());
    }
    let detail = format!("{master} says that it is a {role}");
    Err(RedisError::from((
        ErrorKind::Io,
        "the server that the Sentinels name is not the master",
        detail,
    )))
}

/// Whether it says that the connection is broken, or that its server is none to work with.
fn is_lost(error: &RedisError) -> bool {
    let refused_by_role = matches!(
        code_of(error).as_deref(),
        Some("READONLY" | "MASTERDOWN" | "LOADING" | "CLUSTERDOWN" | "MISCONF" | "NOREPLICAS")
    );
    refused_by_role || error.is_io_error() || error.is_timeout() || error.is_connection_dropped()
}

/// The word that begins Redis's error; of a pipeline's errors the first, which redis-rs hides behind a list.
pub(crate) fn code_of(error: &RedisError) -> Option<String> {
    match error.code() {
        Some(code) => Some(code.to_owned()),
        None => error
            .clone()
            .into_server_errors()
            .and_then(|errors| errors.first().map(|(_, error)| error.code().to_owned())),
    }
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Link({})", self.place)
    }
}
