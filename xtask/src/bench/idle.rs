//! What an idle worker asks of Redis, and how much memory it holds.

use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::figures::{Figures, shown};
use super::ground::Ground;
use crate::simulator::Simulator;

/// Connections stand and the first claims are made by then.
const SETTLE: Duration = Duration::from_secs(5);
const WATCHED: Duration = Duration::from_secs(30);

pub(super) fn measure(binary: &Path) -> Result<Figures, String> {
    let simulator = Simulator::start(binary)?;
    let ground = Ground::new(binary, simulator.address(), "")?;
    let worker = ground.program.start_worker()?;
    thread::sleep(SETTLE);
    let (from_clients, in_scripts) =
        watch(ground.redis_port()).map_err(|error| format!("MONITOR: {error}"))?;
    let seconds = WATCHED.as_secs_f64();
    let mut figures = Figures::default();
    figures.below(
        "commands from the worker (MONITOR)",
        from_clients as f64 / seconds,
        5.0,
        "/s",
    );
    figures.tell(
        "commands that its scripts made inside",
        shown(in_scripts as f64 / seconds, "/s"),
    );
    match resident_mib(worker.pid()) {
        Some(mib) => figures.tell("resident memory (VmRSS)", shown(mib, "MiB")),
        None => figures.tell("resident memory", "not told by this system"),
    }
    Ok(figures)
}

/// Commands that clients sent, each a round trip or less, and those that scripts made inside the server.
fn watch(redis_port: u16) -> std::io::Result<(u64, u64)> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, redis_port))?;
    stream.write_all(b"MONITOR\r\n")?;
    let mut reader = BufReader::new(stream);
    let mut line = Vec::new();
    reader.read_until(b'\n', &mut line)?;
    let end = Instant::now() + WATCHED;
    let (mut from_clients, mut in_scripts) = (0, 0);
    loop {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok((from_clients, in_scripts));
        }
        reader.get_ref().set_read_timeout(Some(left))?;
        line.clear();
        match reader.read_until(b'\n', &mut line) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            // `1700000000.000000 [0 lua] "HGET" …`: whose command it was stands in the brackets.
            Ok(_) if line.windows(5).any(|word| word == b" lua]") => in_scripts += 1,
            Ok(_) => from_clients += 1,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(error) => return Err(error),
        }
    }
}

fn resident_mib(pid: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let kib = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: f64 = kib.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kib / 1024.0)
}
