//! What was measured on.

use std::fs::{self, File};
use std::io::{self, Write};
use std::thread;
use std::time::Instant;

use parceld_harness::RedisBinary;

use super::figures::{percentile, shown};
use crate::folder::Folder;

const SYNCS: usize = 300;

/// Prints what a reader needs to judge the figures; what a system does not tell is left out.
pub(super) fn print() {
    let cores = thread::available_parallelism().map_or(0, usize::from);
    println!(
        "measured on {cores} cores{}, {}",
        processor(),
        std::env::consts::OS
    );
    if let Some(redis) = RedisBinary::search().found {
        println!("Redis {}, appendonly yes, appendfsync always", redis.version);
    }
    // Each move waits for one of these, so the slowest of them show in every figure about time.
    if let Ok(Ok(syncs_ms)) = Folder::new("bench-disk").map(|folder| syncs_ms(&folder)) {
        let at = |share| shown(percentile(&syncs_ms, share), "ms");
        println!(
            "its disk synchronises a small write in {} (p50), {} (p99)",
            at(0.5),
            at(0.99)
        );
    }
    if let Some(load) = load() {
        println!("load of the last minute when it began: {load}");
    }
}

/// How long the disk takes for what Redis asks of it, sorted.
fn syncs_ms(folder: &Folder) -> io::Result<Vec<f64>> {
    let mut file = File::create(folder.path().join("sync"))?;
    let mut syncs_ms = Vec::new();
    for _ in 0..SYNCS {
        file.write_all(&[b'x'; 1000])?;
        let start = Instant::now();
        file.sync_data()?;
        syncs_ms.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    syncs_ms.sort_by(f64::total_cmp);
    Ok(syncs_ms)
}

fn processor() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info.lines().find_map(|line| line.strip_prefix("model name"));
    let name = name.map(|rest| rest.trim_start_matches([' ', '\t', ':']));
    name.map(|name| format!(" ({name})")).unwrap_or_default()
}

fn load() -> Option<String> {
    let load = fs::read_to_string("/proc/loadavg").ok()?;
    load.split(' ').next().map(str::to_owned)
}
