//! What can go wrong between us and Redis.

use redis::RedisError;

/// A move that was not made, or whose reply did not come; every move may be repeated.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No connection, or none that answers: try again later.
    #[error("Redis at {address} cannot be reached")]
    Unreachable {
        /// Host and port, without credentials.
        address: String,
        /// What the connection met.
        #[source]
        source: RedisError,
    },
    /// Redis knows no such account, or does not let it do what every account of parceld must.
    #[error(
        "Redis at {address} refuses the account of redis.url: {why}; give redis.url the user and the password that it \
         knows (redis://USER:PASSWORD@HOST), or that user the rights (ACL SETUSER)"
    )]
    Denied {
        /// Host and port, without credentials.
        address: String,
        /// What it said, without the user's name.
        why: String,
    },
    /// Redis is out of memory: it refuses new work, results are still recorded.
    #[error("Redis is out of memory and takes no new work; raise maxmemory or remove other data")]
    Full,
    /// Redis answered a command with an error.
    #[error("Redis refused {what}")]
    Refused {
        /// The move or command.
        what: &'static str,
        /// Redis's words.
        #[source]
        source: RedisError,
    },
    /// A stored value or a reply does not have the form that this version writes.
    #[error("{what} in Redis is not what this version writes: {found}")]
    Corrupt {
        /// The key or reply.
        what: String,
        /// What stood there; never a payload.
        found: String,
    },
    /// The server cannot serve parceld as it is set up.
    #[error("{0}")]
    Unsuitable(String),
    /// The address cannot be read.
    #[error("redis.url is not an address of a Redis: {0}")]
    Address(String),
}

impl StoreError {
    /// Whether it may be cured at Redis while we wait: the same move may be made then.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(
            self,
            StoreError::Unreachable { .. } | StoreError::Denied { .. } | StoreError::Full
        )
    }
}
