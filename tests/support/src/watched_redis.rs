//! A master, its replicas, and the Sentinels that watch them: a failover as it happens.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process;
use std::time::Duration;

use parceld_harness::{Guard, Host, Persistence, Signal, free_port, redis_command_at};

use crate::redis::local_binary;
use crate::{PrivateRedis, wait_until};

/// Sentinels and replicas; the master is the test's own.
#[derive(Debug)]
pub struct WatchedRedis {
    /// Each may become the master.
    pub replicas: Vec<PrivateRedis>,
    sentinels: Vec<Sentinel>,
}

#[derive(Debug)]
struct Sentinel {
    address: SocketAddr,
    process: parceld_harness::Process,
    // Dropped last: it removes the folder.
    _sweep: Guard,
}

const MASTER: &str = "parceld-test";
/// Each has a Redis and a Sentinel.
const HOSTS: usize = 3;
/// How long a server is silent before it counts as down. Short, and longer than a busy machine's pauses.
const DOWN_AFTER_MS: &str = "1500";
const FAILOVER_TIMEOUT_MS: &str = "6000";
/// Replicas and Sentinels find each other by what they publish every other second.
const STAND_BOUND: Duration = Duration::from_secs(40);

impl WatchedRedis {
    /// A Redis and a Sentinel on each host, once all of them know of each other; the master runs on the first.
    pub async fn across(hosts: &[Host; HOSTS], master: &PrivateRedis) -> Self {
        let mut replicas = Vec::new();
        let (ip, port) = (master.address().ip().to_string(), master.port().to_string());
        for host in &hosts[1..] {
            let replica = PrivateRedis::start_on(host.clone(), Persistence::Always).await;
            replica.command(&["REPLICAOF", &ip, &port]);
            replicas.push(replica);
        }
        let sentinels = hosts
            .iter()
            .map(|host| Sentinel::over(master.address(), host))
            .collect();
        let watched = WatchedRedis { replicas, sentinels };
        watched.wait_until_it_stands(master).await;
        watched
    }

    /// What `redis.sentinel.*` is to be set to.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        let nodes = self.sentinels.iter().map(|sentinel| sentinel.address.to_string());
        vec![
            ("REDIS__SENTINEL__NODES", nodes.collect::<Vec<_>>().join(",")),
            ("REDIS__SENTINEL__MASTER", MASTER.to_owned()),
        ]
    }

    /// Where each Sentinel listens.
    pub fn sentinel_ports(&self) -> Vec<u16> {
        self.sentinels
            .iter()
            .map(|sentinel| sentinel.address.port())
            .collect()
    }

    /// Has the last Sentinel make another master, whether or not this one answers.
    pub fn fail_over(&self) {
        let last = self.sentinels.last().expect("there are Sentinels");
        redis_command_at(last.address, &["SENTINEL", "FAILOVER", MASTER])
            .unwrap_or_else(|error| panic!("no failover: {error}"));
    }

    /// Waits until all replicas have all that the master has now.
    pub async fn wait_until_in_step(&self, master: &PrivateRedis) {
        let offset = |redis: &PrivateRedis| -> u64 {
            let offset = info(redis, "replication", "master_repl_offset");
            offset.parse().expect("a number")
        };
        let own = offset(master);
        wait_until("the replicas are in step", STAND_BOUND, async || {
            let linked = |redis: &PrivateRedis| info(redis, "replication", "master_link_status") == "up";
            let theirs: Vec<(bool, u64)> = self
                .replicas
                .iter()
                .map(|redis| (linked(redis), offset(redis)))
                .collect();
            if theirs.iter().all(|(linked, their)| *linked && *their >= own) {
                Ok(())
            } else {
                Err(format!("{own}, {theirs:?}"))
            }
        })
        .await;
    }

    /// Stops the replicas and cuts their links: what the master does from now on, it alone knows.
    pub fn cut_replicas_off(&mut self, master: &PrivateRedis) {
        for replica in &mut self.replicas {
            replica.freeze();
        }
        // What lies in their sockets they would still read.
        master.command(&["CLIENT", "KILL", "TYPE", "replica"]);
    }

    /// Lets the replicas go on.
    pub fn let_replicas_go_on(&mut self) {
        for replica in &mut self.replicas {
            replica.thaw();
        }
    }

    /// SIGSTOP to most of the Sentinels: the rest can prove nothing, nor make another master.
    pub fn freeze_most_sentinels(&mut self) {
        let most = self.sentinels.len() / 2 + 1;
        for sentinel in &mut self.sentinels[..most] {
            sentinel.signal(Signal::Stop);
        }
    }

    /// SIGCONT to all of them.
    pub fn thaw_sentinels(&mut self) {
        for sentinel in &mut self.sentinels {
            sentinel.signal(Signal::Continue);
        }
    }

    /// Waits until the Sentinels have made a replica the master, and takes that one out.
    pub async fn wait_for_failover(&mut self, bound: Duration) -> PrivateRedis {
        let place = wait_until("a replica is the master", bound, async || {
            let named = self.named_masters();
            let is_named = |redis: &PrivateRedis| {
                let address = redis.address().to_string();
                named.iter().filter(|named| **named == address).count() * 2 > named.len()
                    && info(redis, "replication", "role") == "master"
            };
            let place = self.replicas.iter().position(is_named);
            place.ok_or_else(|| format!("the Sentinels name {named:?}"))
        })
        .await;
        self.replicas.remove(place)
    }

    /// The addresses that the Sentinels name; empty for one that does not answer.
    fn named_masters(&self) -> Vec<String> {
        let named = |sentinel: &Sentinel| {
            let line = sentinel.line().ok()?;
            part(&line, "address").map(str::to_owned)
        };
        self.sentinels
            .iter()
            .map(|sentinel| named(sentinel).unwrap_or_default())
            .collect()
    }

    async fn wait_until_it_stands(&self, master: &PrivateRedis) {
        self.wait_until_in_step(master).await;
        wait_until("the Sentinels know all of it", STAND_BOUND, async || {
            for sentinel in &self.sentinels {
                let line = sentinel.line()?;
                let known = (part(&line, "slaves"), part(&line, "sentinels"));
                if known != (Some("2"), Some("3")) {
                    return Err(line);
                }
            }
            Ok(())
        })
        .await;
    }
}

impl Sentinel {
    fn over(master: SocketAddr, host: &Host) -> Self {
        let binary = local_binary().unwrap_or_else(|reason| panic!("a test needs Sentinels: {reason}"));
        let port = free_port().expect("a port is free");
        let folder = std::env::temp_dir().join(format!("parceld-sentinel-{}-{port}", process::id()));
        fs::create_dir(&folder).expect("a folder can be made");
        let sweep = Guard::over("rm -rf \"$1\"", &[&folder.to_string_lossy()]).expect("a shell starts");
        let address = SocketAddr::from((host.address(), port));
        let file = write_settings(&folder, address, master);
        let process = parceld_harness::Process::start(
            host.command(&binary.path)
                .arg(&file)
                .arg("--sentinel")
                .current_dir(&folder),
        );
        Sentinel {
            address,
            process: process.unwrap_or_else(|error| panic!("a Sentinel does not start: {error}")),
            _sweep: sweep,
        }
    }

    fn signal(&mut self, signal: Signal) {
        self.process
            .signal(signal)
            .unwrap_or_else(|error| panic!("a Sentinel cannot be sent {signal:?}: {error}"));
    }

    /// What it says of the master: `name=…,status=…,address=…,slaves=…,sentinels=…`.
    fn line(&self) -> Result<String, String> {
        let info =
            redis_command_at(self.address, &["INFO", "sentinel"]).map_err(|error| error.to_string())?;
        let line = info.lines().find_map(|line| line.trim().strip_prefix("master0:"));
        line.map(str::to_owned).ok_or(info)
    }
}

fn write_settings(folder: &Path, own: SocketAddr, master: SocketAddr) -> PathBuf {
    let file = folder.join("sentinel.conf");
    let settings = format!(
        "port {}\nbind {}\nprotected-mode no\ndaemonize no\ndir {}\n\
         sentinel monitor {MASTER} {} {} 2\n\
         sentinel down-after-milliseconds {MASTER} {DOWN_AFTER_MS}\n\
         sentinel failover-timeout {MASTER} {FAILOVER_TIMEOUT_MS}\n",
        own.port(),
        own.ip(),
        folder.display(),
        master.ip(),
        master.port()
    );
    fs::write(&file, settings).expect("a file can be written");
    file
}

/// The value of one `name=value` among commas.
fn part<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = line.split(',').filter_map(|pair| pair.split_once('='));
    pairs.find(|(own, _)| *own == name).map(|(_, value)| value)
}

fn info(redis: &PrivateRedis, section: &str, name: &str) -> String {
    let info = redis.command(&["INFO", section]);
    let prefix = format!("{name}:");
    let value = info.lines().find_map(|line| line.trim().strip_prefix(&prefix));
    value.unwrap_or_default().to_owned()
}
