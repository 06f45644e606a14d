//! Where Redis is: at a fixed address, or wherever the Sentinels see the master.

use std::time::Duration;

use redis::io::tcp::TcpSettings;
use redis::io::tcp::socket2::TcpKeepalive;
use redis::{Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, RedisConnectionInfo, RedisError};

use crate::error::StoreError;
use crate::sentinel::{Master, Sentinels};
use crate::settings::{SentinelSettings, StoreSettings};

/// A silent peer is asked for a sign of life after this, and then this often.
const KEEPALIVE_AFTER: Duration = Duration::from_secs(10);
const KEEPALIVE_EVERY: Duration = Duration::from_secs(3);

/// How the server to connect to is found.
pub(crate) enum Place {
    /// The address of the settings.
    Fixed(Client),
    /// Asked for anew before each connection.
    Watched {
        sentinels: Sentinels,
        /// TLS, account and database of the settings' address; host and port are the master's.
        like: ConnectionInfo,
    },
}

impl Place {
    pub(crate) fn new(settings: &StoreSettings) -> Result<Self, StoreError> {
        let unusable = |error: RedisError| StoreError::Address(error.to_string());
        let like = settings.url.as_str().into_connection_info().map_err(unusable)?;
        let like = like.set_tcp_settings(tcp(settings));
        match &settings.sentinel {
            None => Ok(Place::Fixed(Client::open(like).map_err(unusable)?)),
            Some(sentinel) => Ok(Place::Watched {
                sentinels: Sentinels::new(sentinel, &like, settings.connect_timeout).map_err(unusable)?,
                like,
            }),
        }
    }

    /// A client for the server to use now, and which master it is where there may be others.
    pub(crate) async fn find(&self) -> Result<(Client, Option<Master>), RedisError> {
        match self {
            Place::Fixed(client) => Ok((client.clone(), None)),
            Place::Watched { sentinels, like } => {
                let master = sentinels.master().await?;
                Ok((Client::open(at(like, &master.host, master.port))?, Some(master)))
            }
        }
    }
}

/// How an operator would name it; never with a password.
impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Place::Fixed(client) => write!(f, "{}", client.get_connection_info().addr()),
            Place::Watched { sentinels, .. } => write!(f, "{sentinels}"),
        }
    }
}

/// The same way of connecting, to another host.
pub(crate) fn at(like: &ConnectionInfo, host: &str, port: u16) -> ConnectionInfo {
    let host = host.to_owned();
    let address = match like.addr().clone() {
        ConnectionAddr::TcpTls {
            insecure, tls_params, ..
        } => ConnectionAddr::TcpTls {
            host,
            port,
            insecure,
            tls_params,
        },
        _ => ConnectionAddr::Tcp(host, port),
    };
    like.clone().set_addr(address)
}

/// The same way of connecting to a Sentinel, which has an account of its own and no databases.
pub(crate) fn to_sentinel(
    like: &ConnectionInfo,
    settings: &SentinelSettings,
    host: &str,
    port: u16,
) -> ConnectionInfo {
    let mut account = RedisConnectionInfo::default();
    if let Some(username) = &settings.username {
        account = account.set_username(username);
    }
    if let Some(password) = &settings.password {
        account = account.set_password(secrecy::ExposeSecret::expose_secret(password));
    }
    at(like, host, port).set_redis_settings(account)
}

/// A peer that is gone without a word must not be waited for as long as the system does, which is minutes to hours.
fn tcp(settings: &StoreSettings) -> TcpSettings {
    let keepalive = TcpKeepalive::new()
        .with_time(KEEPALIVE_AFTER)
        .with_interval(KEEPALIVE_EVERY);
    let tcp = TcpSettings::default().set_nodelay(true).set_keepalive(keepalive);
    #[cfg(target_os = "linux")]
    let tcp = tcp.set_user_timeout(settings.response_timeout);
    #[cfg(not(target_os = "linux"))]
    let _ = settings;
    tcp
}
