//! The Redis that the tests of one process share: one server, a namespace of its own for each test.

use std::env;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use parceld_harness::{Persistence, RedisBinary, RedisServer};
use tokio::sync::OnceCell;

use crate::container::Container;
use crate::wait_until;

/// A place in the shared server that no other test touches.
///
/// The server is, in this order: the one at `PARCELD_TEST_REDIS_URL`; a container, where a Docker engine answers and the
/// image (`PARCELD_TEST_REDIS_IMAGE`, else `redis:7`) is there or can be pulled; a `redis-server` from PATH.
/// `PARCELD_TEST_REDIS=docker` or `=local` insists on the second or the third.
#[derive(Debug, Clone)]
pub struct Redis {
    url: String,
    namespace: String,
}

const URL: &str = "PARCELD_TEST_REDIS_URL";
const WAY: &str = "PARCELD_TEST_REDIS";

const ANSWER_BOUND: Duration = Duration::from_secs(20);

/// Never dropped, as all statics: what stands behind it has a guard that acts when the process ends.
static SHARED: OnceCell<Server> = OnceCell::const_new();
static NAMESPACES: AtomicU32 = AtomicU32::new(0);

#[derive(Debug)]
enum Server {
    Given(String),
    Container(Container),
    Local(RedisServer),
}

impl Redis {
    /// A fresh namespace on the shared server, which the first call starts.
    pub async fn shared() -> Self {
        let server = SHARED.get_or_init(Server::provide).await;
        let number = NAMESPACES.fetch_add(1, Ordering::Relaxed);
        // A server that is given by its address may hold the namespaces of an earlier run.
        let run = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_micros();
        Self {
            url: server.url(),
            namespace: format!("test-{run:x}-{}-{number}", process::id()),
        }
    }

    /// The server's address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What this test's keys begin with; unique among all tests and runs.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }
}

impl Server {
    async fn provide() -> Self {
        if let Some(url) = variable(URL) {
            return Self::Given(url);
        }
        match variable(WAY).as_deref() {
            None => match Container::start().await {
                Ok(container) => Self::Container(container),
                Err(reason) => {
                    eprintln!("tests run on a local Redis, for want of a container: {reason}");
                    Self::local().await
                }
            },
            Some("docker") => {
                let container = Container::start().await;
                Self::Container(container.unwrap_or_else(|reason| panic!("{WAY}=docker, but {reason}")))
            }
            Some("local") => Self::local().await,
            Some(other) => panic!("{WAY}={other}: allowed are docker and local"),
        }
    }

    async fn local() -> Self {
        let binary = local_binary().unwrap_or_else(|reason| panic!("the tests need a Redis: {reason}"));
        let mut server = RedisServer::start(&binary, Persistence::None)
            .unwrap_or_else(|error| panic!("{binary} does not start: {error}"));
        wait_until("the shared Redis answers", ANSWER_BOUND, async || {
            server.answers()
        })
        .await;
        Self::Local(server)
    }

    fn url(&self) -> String {
        match self {
            Self::Given(url) => url.clone(),
            Self::Container(container) => container.url().to_owned(),
            Self::Local(server) => server.url(),
        }
    }
}

/// The server program on PATH, or why there is none and what to do.
pub(crate) fn local_binary() -> Result<RedisBinary, String> {
    let search = RedisBinary::search();
    search.found.ok_or_else(|| {
        let mut reasons = search.passed_over;
        reasons.push("no redis-server 7.0 or newer on PATH; `cargo xtask test` installs one".to_owned());
        reasons.join("; ")
    })
}

/// An environment variable that is set to something.
pub(crate) fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::*;

    #[tokio::test]
    async fn the_shared_server_answers_at_its_address() {
        let redis = Redis::shared().await;
        let address = redis.url().trim_start_matches("redis://").trim_end_matches("/0");
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"PING\r\n").await.unwrap();
        let mut reply = [0; 7];
        stream.read_exact(&mut reply).await.unwrap();
        assert_eq!(&reply, b"+PONG\r\n");
    }

    #[tokio::test]
    async fn two_tests_share_the_server_and_no_namespace() {
        let (one, other) = tokio::join!(Redis::shared(), Redis::shared());
        assert_eq!(one.url(), other.url());
        assert_ne!(one.namespace(), other.namespace());
    }
}
