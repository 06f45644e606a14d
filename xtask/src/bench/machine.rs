//! What was measured on.

use std::fs;
use std::thread;

use parceld_harness::RedisBinary;

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
    if let Some(load) = load() {
        println!("load of the last minute when it began: {load}");
    }
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
