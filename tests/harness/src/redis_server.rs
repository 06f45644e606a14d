//! A Redis server of one's own: a free port, a temporary folder, and it may be killed and started again.

use std::env;
use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::{Guard, Host, Process, RedisBinary, Signal, redis_command_at};

/// A private server. Dropped, it is killed and its folder removed; a death of the owner does the same.
#[derive(Debug)]
pub struct RedisServer {
    binary: RedisBinary,
    host: Host,
    folder: PathBuf,
    port: u16,
    persistence: Persistence,
    process: Process,
    // Dropped last, hence after the process: it removes the folder.
    _sweep: Guard,
}

/// What survives a kill of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Persistence {
    /// Nothing: the fastest.
    None,
    /// All but the last second of what was acknowledged.
    EverySecond,
    /// Every acknowledged write: an append-only file, synchronised before each reply, as deploy/redis.conf has it.
    Always,
}

/// Below the range from which the kernel takes the ports of outgoing connections: none of them can sit on the port of a
/// server that is down for a moment.
const PORT_FIRST: u32 = 20_000;
const PORT_COUNT: u32 = 12_000;
const PORT_TRIES: u32 = 200;

static STARTED: AtomicU32 = AtomicU32::new(0);
static PORTS_FOUND: AtomicU32 = AtomicU32::new(0);

impl RedisServer {
    /// Starts a server on 127.0.0.1. It may not answer yet: see [`RedisServer::answers`].
    pub fn start(binary: &RedisBinary, persistence: Persistence) -> io::Result<Self> {
        Self::start_on(Host::here(), binary, persistence)
    }

    /// The same on a host.
    pub fn start_on(host: Host, binary: &RedisBinary, persistence: Persistence) -> io::Result<Self> {
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let since_second = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .subsec_nanos();
        let unique = format!("parceld-redis-{}-{number}-{since_second}", process::id());
        let folder = env::temp_dir().join(unique);
        fs::create_dir(&folder)?;
        // A killed server may write for another moment.
        let sweep = Guard::over(
            "for _ in 1 2 3 4 5 6 7 8 9 10; do rm -rf \"$1\" && exit 0; sleep 0.1; done",
            &[&folder.to_string_lossy()],
        )?;
        let port = free_port()?;
        let process = launch(binary, &host, &folder, port, persistence, &[])?;
        Ok(Self {
            binary: binary.clone(),
            host,
            folder,
            port,
            persistence,
            process,
            _sweep: sweep,
        })
    }

    /// Its address for clients, database 0.
    pub fn url(&self) -> String {
        format!("redis://{}/0", self.address())
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        (self.host.address(), self.port).into()
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The binary that runs.
    pub fn binary(&self) -> &RedisBinary {
        &self.binary
    }

    /// Whether this very process serves commands now (its data is loaded); else what was seen instead.
    pub fn answers(&mut self) -> Result<(), String> {
        if let Ok(Some(status)) = self.process.exit_status() {
            return Err(format!(
                "it has ended with {status}: {}",
                self.process.stdout().join(" | ")
            ));
        }
        let info = self
            .command(&["INFO", "server"])
            .map_err(|error| error.to_string())?;
        // Someone else's server could hold the port.
        if !info
            .lines()
            .any(|line| line == format!("process_id:{}", self.process.pid()))
        {
            return Err(format!("port {} belongs to another server", self.port));
        }
        match self
            .command(&["PING"])
            .map_err(|error| error.to_string())?
            .as_str()
        {
            "PONG" => Ok(()),
            other => Err(other.to_owned()),
        }
    }

    /// Sends one command and answers a reply that is a string or a number as text.
    pub fn command(&self, words: &[&str]) -> io::Result<String> {
        redis_command_at(self.address(), words)
    }

    /// Sends the server process a signal, such as SIGSTOP.
    pub fn signal(&mut self, signal: Signal) -> io::Result<()> {
        self.process.signal(signal)
    }

    /// Ends it with SIGKILL. What its persistence keeps is there again after [`RedisServer::restart`].
    pub fn kill(&mut self) -> io::Result<()> {
        self.process.kill().map(drop)
    }

    /// How long its append-only file is now, in bytes.
    pub fn journal_len(&self) -> io::Result<u64> {
        Ok(fs::metadata(self.journal()?)?.len())
    }

    /// Takes from a killed server's append-only file what stands behind this length, as a power cut takes what was not
    /// synchronised yet.
    pub fn cut_journal(&self, len: u64) -> io::Result<()> {
        fs::OpenOptions::new()
            .write(true)
            .open(self.journal()?)?
            .set_len(len)
    }

    /// The file that grows; a rewrite begins another one.
    fn journal(&self) -> io::Result<PathBuf> {
        let mut growing = Vec::new();
        for entry in fs::read_dir(self.folder.join("appendonlydir"))? {
            let path = entry?.path();
            if path.to_string_lossy().ends_with(".incr.aof") {
                growing.push(path);
            }
        }
        match growing.as_slice() {
            [journal] => Ok(journal.clone()),
            others => Err(io::Error::other(format!(
                "one growing file was expected: {others:?}"
            ))),
        }
    }

    /// Starts a killed server again, on the same port and the same data.
    pub fn restart(&mut self) -> io::Result<()> {
        self.restart_with(&[])
    }

    /// The same with further settings, as on the command line of `redis-server`.
    pub fn restart_with(&mut self, settings: &[&str]) -> io::Result<()> {
        self.process.kill()?;
        self.process = launch(
            &self.binary,
            &self.host,
            &self.folder,
            self.port,
            self.persistence,
            settings,
        )?;
        Ok(())
    }
}

fn launch(
    binary: &RedisBinary,
    host: &Host,
    folder: &Path,
    port: u16,
    persistence: Persistence,
    settings: &[&str],
) -> io::Result<Process> {
    let (append_only, append_sync) = match persistence {
        Persistence::None => ("no", "no"),
        Persistence::EverySecond => ("yes", "everysec"),
        Persistence::Always => ("yes", "always"),
    };
    Process::start(
        host.command(&binary.path)
            .current_dir(folder)
            .args([
                "--port",
                &port.to_string(),
                "--bind",
                &host.address().to_string(),
                "--protected-mode",
                "no",
                "--daemonize",
                "no",
            ])
            .args([
                "--save",
                "",
                "--appendonly",
                append_only,
                "--appendfsync",
                append_sync,
            ])
            // Lets a test stall the server with DEBUG SLEEP.
            .args(["--enable-debug-command", "local"])
            .arg("--dir")
            .arg(folder)
            .args(settings),
    )
}

/// A port of 127.0.0.1 on which nobody listens, and which no outgoing connection takes.
pub fn free_port() -> io::Result<u16> {
    let since_second = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .subsec_nanos();
    let seed = process::id()
        .wrapping_mul(61)
        .wrapping_add(since_second)
        .wrapping_add(PORTS_FOUND.fetch_add(1, Ordering::Relaxed));
    (0..PORT_TRIES)
        .map(|step| PORT_FIRST + seed.wrapping_add(step) % PORT_COUNT)
        .filter_map(|port| u16::try_from(port).ok())
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .ok_or_else(|| io::Error::other(format!("no free port among {PORT_TRIES} from {PORT_FIRST} up")))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::wait_until;

    const BOUND: Duration = Duration::from_secs(10);

    fn server(persistence: Persistence) -> RedisServer {
        let binary = RedisBinary::search()
            .found
            .expect("redis-server 7.0 or newer is on PATH: cargo xtask test sees to it");
        let mut server = RedisServer::start(&binary, persistence).unwrap();
        wait_until("the server answers", BOUND, || server.answers()).unwrap();
        server
    }

    #[test]
    fn what_was_acknowledged_survives_a_kill() {
        let mut server = server(Persistence::Always);
        assert_eq!(server.command(&["SET", "k", "好"]).unwrap(), "OK");
        server.kill().unwrap();
        assert!(server.answers().is_err());
        server.restart().unwrap();
        wait_until("the server answers again", BOUND, || server.answers()).unwrap();
        assert_eq!(server.command(&["GET", "k"]).unwrap(), "好");
    }

    #[test]
    fn a_frozen_server_answers_again_when_it_is_let_go() {
        let mut server = server(Persistence::None);
        server.signal(Signal::Stop).unwrap();
        assert!(server.answers().is_err());
        server.signal(Signal::Continue).unwrap();
        wait_until("the server answers again", BOUND, || server.answers()).unwrap();
    }

    #[test]
    fn a_dropped_server_leaves_no_folder() {
        let server = server(Persistence::Always);
        let folder = server.folder.clone();
        assert!(folder.is_dir());
        drop(server);
        assert!(!folder.exists());
    }

    #[test]
    fn an_error_reply_is_an_error() {
        let error = server(Persistence::None).command(&["NOSUCH"]).unwrap_err();
        assert!(error.to_string().starts_with("ERR unknown command"), "{error}");
    }
}
