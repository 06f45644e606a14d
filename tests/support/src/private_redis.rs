//! A Redis that one test owns and may ill-treat.

use std::net::SocketAddr;
use std::time::Duration;

use parceld_harness::{Host, Persistence, RedisServer, Signal};

use crate::redis::local_binary;
use crate::wait_until;

/// A local server with data of its own: killed, frozen, started again as the test likes; gone with it.
///
/// Always a local `redis-server`, also where the shared [`crate::Redis`] is a container: it is the process that is
/// under attack.
#[derive(Debug)]
pub struct PrivateRedis {
    server: RedisServer,
}

/// Loading an append-only file of a test takes milliseconds; the rest is for a busy machine.
const ANSWER_BOUND: Duration = Duration::from_secs(20);
/// Keys to be loaded one by one in [`PrivateRedis::restart_loading`].
const LOADED_KEYS: u32 = 10_000;

impl PrivateRedis {
    /// Starts a server that answers.
    pub async fn start(persistence: Persistence) -> Self {
        Self::start_on(Host::here(), persistence).await
    }

    /// The same on a host.
    pub async fn start_on(host: Host, persistence: Persistence) -> Self {
        let binary =
            local_binary().unwrap_or_else(|reason| panic!("a test needs a Redis of its own: {reason}"));
        let server = RedisServer::start_on(host, &binary, persistence)
            .unwrap_or_else(|error| panic!("{binary} does not start: {error}"));
        let mut redis = Self { server };
        redis.wait_until_it_answers().await;
        redis
    }

    /// Its address, database 0.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.server.port()
    }

    /// How often it answered with this error, such as `OOM`, since it was started.
    pub fn errors(&self, code: &str) -> u64 {
        let stats = self.command(&["INFO", "errorstats"]);
        let prefix = format!("errorstat_{code}:count=");
        let count = stats.lines().find_map(|line| line.trim().strip_prefix(&prefix));
        count.map_or(0, |count| count.parse().expect("a number"))
    }

    /// How many moves it has made since it was started.
    pub fn moves(&self) -> u64 {
        let stats = self.command(&["INFO", "commandstats"]);
        let prefix = "cmdstat_evalsha:calls=";
        let line = stats.lines().find_map(|line| line.trim().strip_prefix(prefix));
        let calls = line.and_then(|line| line.split(',').next());
        calls.map_or(0, |calls| calls.parse().expect("a number"))
    }

    /// `CONFIG SET name value`; lost with the next kill.
    pub fn set_config(&self, name: &str, value: &str) {
        self.command(&["CONFIG", "SET", name, value]);
    }

    /// `master` or `slave`, as it sees itself. Sentinels that demote it cut its clients off, and then it does not answer.
    pub fn role(&self) -> Option<String> {
        let info = self.server.command(&["INFO", "replication"]).ok()?;
        let role = info.lines().find_map(|line| line.trim().strip_prefix("role:"));
        role.map(str::to_owned)
    }

    /// Any command with a reply that is a string or a number; panics on an error reply.
    pub fn command(&self, words: &[&str]) -> String {
        self.server
            .command(words)
            .unwrap_or_else(|error| panic!("{words:?}: {error}"))
    }

    /// SIGSTOP: connections stay open and nothing is answered.
    pub fn freeze(&mut self) {
        self.signal(Signal::Stop);
    }

    /// SIGCONT after [`PrivateRedis::freeze`].
    pub fn thaw(&mut self) {
        self.signal(Signal::Continue);
    }

    /// SIGKILL. With [`Persistence::Always`] all that was acknowledged is there again after the restart.
    pub fn kill(&mut self) {
        self.server
            .kill()
            .unwrap_or_else(|error| panic!("Redis cannot be killed: {error}"));
    }

    /// How much it has written to its append-only file.
    pub fn journal_len(&self) -> u64 {
        self.server
            .journal_len()
            .unwrap_or_else(|error| panic!("the append-only file: {error}"))
    }

    /// SIGKILL and, as in a power cut, the loss of what was written behind this length of the append-only file.
    pub fn kill_and_lose(&mut self, journal_len: u64) {
        self.kill();
        self.server
            .cut_journal(journal_len)
            .unwrap_or_else(|error| panic!("the append-only file: {error}"));
    }

    /// Starts it again on the same port and data, with a new `run_id`, and waits until it answers.
    pub async fn restart(&mut self) {
        self.server
            .restart()
            .unwrap_or_else(|error| panic!("Redis does not start again: {error}"));
        self.wait_until_it_answers().await;
    }

    /// The same with a load of its data that takes so long, in which it answers LOADING; returns while it loads.
    pub async fn restart_loading(&mut self, load: Duration) {
        let keys: u32 = self.command(&["DBSIZE"]).parse().expect("a number");
        let missing = LOADED_KEYS.saturating_sub(keys).to_string();
        self.command(&["DEBUG", "POPULATE", &missing, "ballast"]);
        // What DEBUG makes reaches the file by a rewrite only.
        self.command(&["BGREWRITEAOF"]);
        self.wait_until_persistence_is("aof_rewrite_scheduled:0").await;
        self.wait_until_persistence_is("aof_rewrite_in_progress:0").await;
        self.kill();
        let pause_us = (load.as_micros() / u128::from(LOADED_KEYS)).to_string();
        self.server
            .restart_with(&[
                "--key-load-delay",
                &pause_us,
                // It looks at its clients after each so many bytes.
                "--loading-process-events-interval-bytes",
                "1024",
            ])
            .unwrap_or_else(|error| panic!("Redis does not start again: {error}"));
        self.wait_until_persistence_is("loading:1").await;
    }

    /// Waits until it has loaded its data, by a question that may be asked before.
    pub async fn wait_until_loaded(&mut self) {
        self.wait_until_persistence_is("loading:0").await;
    }

    /// Waits until `INFO persistence` has this line.
    async fn wait_until_persistence_is(&mut self, line: &str) {
        wait_until(&format!("Redis says {line}"), ANSWER_BOUND, async || {
            let state = self.server.command(&["INFO", "persistence"]);
            let state = state.map_err(|error| error.to_string())?;
            // Other lines end in the same words.
            let is_so = state.lines().any(|own| own.trim() == line);
            if is_so { Ok(()) } else { Err(state) }
        })
        .await;
    }

    fn signal(&mut self, signal: Signal) {
        self.server
            .signal(signal)
            .unwrap_or_else(|error| panic!("Redis: {error}"));
    }

    async fn wait_until_it_answers(&mut self) {
        wait_until("the private Redis answers", ANSWER_BOUND, async || {
            self.server.answers()
        })
        .await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_acknowledged_write_survives_a_kill_and_a_setting_does_not() {
        let mut redis = PrivateRedis::start(Persistence::Always).await;
        redis.command(&["SET", "order", "1692089714634374451"]);
        redis.set_config("maxmemory-policy", "allkeys-lru");
        let url = redis.url();
        redis.kill();
        redis.restart().await;
        assert_eq!(redis.url(), url);
        assert_eq!(redis.command(&["GET", "order"]), "1692089714634374451");
        assert!(
            redis
                .command(&["INFO", "memory"])
                .contains("maxmemory_policy:noeviction")
        );
    }

    #[tokio::test]
    async fn a_thawed_server_goes_on_where_it_stood() {
        let mut redis = PrivateRedis::start(Persistence::None).await;
        redis.command(&["SET", "k", "v"]);
        redis.freeze();
        redis.thaw();
        assert_eq!(redis.command(&["GET", "k"]), "v");
    }
}
