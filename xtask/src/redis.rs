//! A Redis for the demo and the tests: found, or installed, and said which.

use std::time::Duration;

use parceld_harness::{Persistence, RedisBinary, RedisServer, redis_command, wait_until};

use crate::docker::{self, RedisContainer};
use crate::{packages, say};

/// A private Redis that is gone with its owner.
#[derive(Debug)]
pub(crate) enum PrivateRedis {
    Local(RedisServer),
    Container(RedisContainer),
}

const ANSWER_BOUND: Duration = Duration::from_secs(20);

impl PrivateRedis {
    /// Starts one: from PATH, else in a container, else from a package that is installed now.
    pub(crate) fn provide() -> Result<Self, String> {
        if let Some(binary) = search() {
            return Self::start_local(&binary);
        }
        match RedisContainer::start().and_then(Self::answering_container) {
            Ok(redis) => return Ok(redis),
            Err(reason) => say(&format!("no Redis in a container: {reason}")),
        }
        Self::start_local(&install()?)
    }

    /// Its address, database 0.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port())
    }

    /// Its port on 127.0.0.1.
    pub(crate) fn port(&self) -> u16 {
        match self {
            Self::Local(server) => server.port(),
            Self::Container(container) => container.port(),
        }
    }

    fn start_local(binary: &RedisBinary) -> Result<Self, String> {
        let mut server = RedisServer::start(binary, Persistence::Always)
            .map_err(|error| format!("{binary} does not start: {error}"))?;
        wait_until("the private Redis answers", ANSWER_BOUND, || server.answers())?;
        say(&format!(
            "Redis: {binary}, a private one on port {} in a temporary folder",
            server.port()
        ));
        Ok(Self::Local(server))
    }

    fn answering_container(container: RedisContainer) -> Result<Self, String> {
        wait_until("the Redis in the container answers", ANSWER_BOUND, || {
            redis_command(container.port(), &["PING"]).map_err(|error| error.to_string())
        })?;
        say(&format!(
            "Redis: the image {} in a container, on port {}",
            container.image(),
            container.port()
        ));
        Ok(Self::Container(container))
    }
}

/// The server program on PATH, installed now if there is none.
pub(crate) fn find_or_install() -> Result<RedisBinary, String> {
    match search() {
        Some(binary) => {
            say(&format!("Redis: {binary}"));
            Ok(binary)
        }
        None => install(),
    }
}

fn search() -> Option<RedisBinary> {
    let search = RedisBinary::search();
    for reason in &search.passed_over {
        say(&format!("passed over: {reason}"));
    }
    search.found
}

fn install() -> Result<RedisBinary, String> {
    packages::install_redis()?;
    search().ok_or_else(|| {
        let ways = if docker::answers() {
            ""
        } else {
            ", or start a Docker engine"
        };
        format!("what the package manager brought will not do: put a redis-server 7.0 or newer on PATH{ways}")
    })
}
