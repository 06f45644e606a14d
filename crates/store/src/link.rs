//! The connection to Redis: one, shared, rebuilt whenever it stops answering.

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, RedisError};
use tokio::sync::Mutex;

use crate::error::StoreError;
use crate::settings::StoreSettings;

/// Hands out the shared connection and forgets it when it has failed.
///
/// Not redis-rs's own manager: that one stays on a black-holed socket after a timeout and on a demoted primary
/// after READONLY, both for ever.
pub(crate) struct Link {
    client: Client,
    config: AsyncConnectionConfig,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    generation: u64,
    connection: Option<MultiplexedConnection>,
}

impl Link {
    pub(crate) fn new(settings: &StoreSettings) -> Result<Self, StoreError> {
        let client =
            Client::open(settings.url.as_str()).map_err(|error| StoreError::Address(error.to_string()))?;
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(settings.connect_timeout))
            .set_response_timeout(Some(settings.response_timeout));
        Ok(Link {
            client,
            config,
            held: Mutex::default(),
        })
    }

    /// The shared connection and its generation; connects when there is none.
    pub(crate) async fn connection(&self) -> Result<(u64, MultiplexedConnection), StoreError> {
        let mut held = self.held.lock().await;
        if let Some(connection) = &held.connection {
            return Ok((held.generation, connection.clone()));
        }
        let connection = self
            .client
            .get_multiplexed_async_connection_with_config(&self.config)
            .await
            .map_err(|source| self.unreachable(source))?;
        held.generation += 1;
        held.connection = Some(connection.clone());
        Ok((held.generation, connection))
    }

    /// A connection of its own whose commands may block.
    pub(crate) async fn blocking_connection(&self) -> Result<MultiplexedConnection, StoreError> {
        let config = self.config.clone().set_response_timeout(None);
        self.client
            .get_multiplexed_async_connection_with_config(&config)
            .await
            .map_err(|source| self.unreachable(source))
    }

    /// A subscription of its own.
    pub(crate) async fn subscription(&self) -> Result<redis::aio::PubSub, StoreError> {
        self.client
            .get_async_pubsub()
            .await
            .map_err(|source| self.unreachable(source))
    }

    /// What an error means to the caller; a connection that cannot be trusted any more is forgotten.
    pub(crate) async fn judge(&self, generation: u64, what: &'static str, error: RedisError) -> StoreError {
        let code = code_of(&error);
        if code.as_deref() == Some("OOM") {
            return StoreError::Full;
        }
        let refused_by_role = matches!(
            code.as_deref(),
            Some("READONLY" | "MASTERDOWN" | "LOADING" | "CLUSTERDOWN" | "MISCONF" | "NOREPLICAS")
        );
        let broken = error.is_io_error() || error.is_timeout() || error.is_connection_dropped();
        if !broken && !refused_by_role {
            return StoreError::Refused { what, source: error };
        }
        let mut held = self.held.lock().await;
        if held.generation == generation {
            held.connection = None;
        }
        self.unreachable(error)
    }

    fn unreachable(&self, source: RedisError) -> StoreError {
        StoreError::Unreachable {
            address: self.client.get_connection_info().addr().to_string(),
            source,
        }
    }
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
        write!(f, "Link({})", self.client.get_connection_info().addr())
    }
}
