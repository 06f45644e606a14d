//! A million queued jobs: their memory, and how long a claim among them takes Redis.

use std::path::Path;
use std::time::{Duration, Instant};

use parceld_harness::wait_until;

use super::figures::{Figures, percentile, shown};
use super::ground::Ground;
use super::send_stub::SendStub;
use crate::job_lines::taobao_ship;

const JOBS: u64 = 1_000_000;
const SHOPS: u64 = 8;
/// Claims whose time is taken.
const CLAIMS: usize = 5_000;
const BOUND: Duration = Duration::from_secs(120);

/// The slow log holds what takes longer. Every claim does, hardly one of the commands inside it: so the number of claims
/// timed is that of the jobs which have left the queue.
const LOGGED_US: &str = "50";

/// The times, in microseconds, of the claims in the slow log. Of all moves only a claim is given the weights of the
/// classes.
const CLAIM_TIMES: &str = r#"
local times = {}
for _, entry in ipairs(redis.call('SLOWLOG', 'GET', '-1')) do
  for _, word in ipairs(entry[4]) do
    if string.find(word, 'reconcile=', 1, true) then
      times[#times + 1] = tostring(entry[3])
      break
    end
  end
end
return table.concat(times, ' ')
"#;

pub(super) fn measure(binary: &Path) -> Result<Figures, String> {
    let stub = SendStub::start()?;
    let ground = Ground::new(binary, &stub.address, "rate_limit.per_second = 0")?;
    let empty = ground.info("used_memory")?;
    // Loading alone; the claims are measured with every write synchronised.
    ground.redis(&["CONFIG", "SET", "appendfsync", "everysec"])?;
    let start = Instant::now();
    ground.enqueue(
        (0..JOBS).map(|job| taobao_ship(&format!("ERP-{job}"), &format!("10{}", job % SHOPS), job)),
    )?;
    let load_s = start.elapsed().as_secs_f64();
    let full = ground.info("used_memory")?;
    ground.redis(&["CONFIG", "SET", "appendfsync", "always"])?;

    let times_ms = claim_times_ms(&ground)?;
    let left = ground.program.stats()?.get("states").get("ready").count();
    let mut figures = Figures::default();
    figures.tell("jobs queued, of 8 shops", JOBS);
    figures.tell(
        "enqueued per second (appendfsync everysec)",
        shown((JOBS as f64 / load_s).round(), "/s"),
    );
    figures.tell(
        "Redis memory per queued job",
        shown(((full - empty) / JOBS as f64).round(), "bytes"),
    );
    figures.tell("claims timed, limit off", times_ms.len());
    figures.tell("jobs that have left the queue by then", JOBS - left);
    figures.tell("a claim in Redis, p50", shown(percentile(&times_ms, 0.5), "ms"));
    figures.below("a claim in Redis, p99", percentile(&times_ms, 0.99), 5.0, "ms");
    figures.tell(
        "a claim in Redis, longest",
        shown(percentile(&times_ms, 1.0), "ms"),
    );
    Ok(figures)
}

/// Lets a worker drain as fast as it can, until enough claims are in the slow log.
fn claim_times_ms(ground: &Ground) -> Result<Vec<f64>, String> {
    // A claim, a begin and a settle each, and some of the worker's upkeep.
    let kept = (CLAIMS * 4).to_string();
    ground.redis(&["CONFIG", "SET", "slowlog-max-len", &kept])?;
    ground.redis(&["CONFIG", "SET", "slowlog-log-slower-than", LOGGED_US])?;
    let worker = ground.program.start_worker()?;
    wait_until("enough claims are made", BOUND, || {
        let length = ground.redis(&["SLOWLOG", "LEN"])?;
        if length == kept {
            Ok(())
        } else {
            Err(format!("{length} scripts"))
        }
    })?;
    drop(worker);
    ground.redis(&["CONFIG", "SET", "slowlog-log-slower-than", "-1"])?;
    let times = ground.redis(&["EVAL", CLAIM_TIMES, "0"])?;
    let mut times_ms: Vec<f64> = times
        .split(' ')
        .filter_map(|micros| micros.parse::<f64>().ok())
        .map(|micros| micros / 1000.0)
        .collect();
    times_ms.sort_by(f64::total_cmp);
    Ok(times_ms)
}
