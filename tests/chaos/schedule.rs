//! What is done to whom, and when: drawn from a seed before anything runs.

use std::time::Duration;

use fastrand::Rng;
use parceld_test_support::jobs;
use serde_json::Value;

use crate::vendor;

/// Everything that a seed decides.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Schedule {
    pub(crate) workers: usize,
    /// What is put in at the start.
    pub(crate) load: Vec<Value>,
    /// What the simulator is told about itself.
    pub(crate) vendor: Value,
    /// The faults that it draws by itself.
    pub(crate) faults: Value,
    /// Pauses in milliseconds, and what comes after each.
    pub(crate) strikes: Vec<(u64, Strike)>,
}

/// One blow. Workers, jobs and packages are named by number, counted around as many as there are.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Strike {
    /// SIGKILL, and another one starts.
    KillWorker(usize),
    /// SIGTERM: it has to end by itself, well, while another one starts.
    StopWorker(usize),
    /// SIGSTOP for so long, while everything else goes on.
    FreezeWorker {
        worker: usize,
        ms: u64,
    },
    KillRedis {
        away_ms: u64,
    },
    /// Redis loses what it wrote in so long, as under `appendfsync everysec`.
    PowerCut {
        lost_ms: u64,
    },
    FreezeRedis {
        ms: u64,
    },
    /// `maxmemory` is reached for so long, while everything else goes on.
    FillRedis {
        ms: u64,
    },
    /// Replies of Redis come late for so long, while everything else goes on.
    SlowRedis {
        ms: u64,
    },
    /// Redis is a replica of nobody for so long, while everything else goes on.
    DemoteRedis {
        ms: u64,
    },
    /// The next reply of Redis is cut off in the middle.
    CutReply,
    FlushScripts,
    KillClients,
    /// A fault that hits the next calls, whatever they are.
    Vendor(Value),
    Enqueue(Vec<Value>),
    /// The same lines once more, as an ERP sends them that heard no answer.
    EnqueueAgain,
    Cancel(usize),
    CancelPackage(usize),
    RetryFailed,
    Park(&'static str),
    ResumeAll,
}

/// How many kinds of strike there are.
pub(crate) const KINDS: usize = 20;
/// How long an ordinary run is struck.
pub(crate) const USUAL: Duration = Duration::from_secs(12);

const SIXES: usize = 9;
/// More work comes as often, so that a long run is as busy as a short one.
const MORE_EVERY_MS: u64 = 15_000;
/// Only the seeds that leave no rest by this lose acknowledged writes: those of all others owe every job.
const ONE_IN_LOSES: u64 = 3;
const SCOPES: [&str; 5] = [
    "account",
    "balance",
    "shop:1001",
    "shop:shop-1",
    "endpoint:get-package-list",
];

impl Schedule {
    pub(crate) fn of(seed: u64, length: Duration) -> Self {
        let mut draw = Rng::with_seed(seed);
        let mut load = jobs::mixed(SIXES);
        load.push(jobs::logistics_sync("1001"));
        draw.shuffle(&mut load);
        let workers = draw.usize(2..=3);
        let vendor = vendor::traits(&mut draw);
        let faults = vendor::seeded_faults(&mut draw, seed);
        let loses = seed.is_multiple_of(ONE_IN_LOSES);
        Schedule {
            workers,
            load,
            vendor,
            faults,
            strikes: strikes(&mut draw, length, loses),
        }
    }

    /// Whether Redis loses acknowledged writes at some time.
    pub(crate) fn loses(&self) -> bool {
        let is_loss = |strike: &Strike| matches!(strike, Strike::PowerCut { .. });
        self.strikes.iter().any(|(_, strike)| is_loss(strike))
    }
}

fn strikes(draw: &mut Rng, length: Duration, loses: bool) -> Vec<(u64, Strike)> {
    let length_ms = u64::try_from(length.as_millis()).expect("a run is not that long");
    let (mut strikes, mut at_ms, mut more_at_ms) = (Vec::new(), 0, MORE_EVERY_MS);
    while at_ms < length_ms {
        let pause_ms = draw.u64(100..1_200);
        at_ms += pause_ms;
        let next = if at_ms >= more_at_ms {
            more_at_ms += MORE_EVERY_MS;
            more_work(strikes.len(), 24)
        } else {
            strike(draw, strikes.len(), loses)
        };
        strikes.push((pause_ms, next));
    }
    strikes
}

fn strike(draw: &mut Rng, number: usize, loses: bool) -> Strike {
    let some = draw.usize(..100);
    match draw.u32(..29) {
        0..=2 => Strike::KillWorker(some),
        3 => Strike::StopWorker(some),
        4 | 5 => Strike::FreezeWorker {
            worker: some,
            ms: draw.u64(200..3_500),
        },
        6 => Strike::KillRedis {
            away_ms: draw.u64(10..900),
        },
        7 if loses => Strike::PowerCut {
            lost_ms: draw.u64(100..1_000),
        },
        7 | 8 => Strike::FreezeRedis {
            ms: draw.u64(100..1_500),
        },
        9 => Strike::FlushScripts,
        10 => Strike::KillClients,
        11 => Strike::FillRedis {
            ms: draw.u64(300..3_000),
        },
        12 | 13 => Strike::SlowRedis {
            ms: draw.u64(300..3_000),
        },
        14 => Strike::DemoteRedis {
            ms: draw.u64(100..1_500),
        },
        15 | 16 => Strike::CutReply,
        17 | 18 => Strike::Vendor(vendor::fault(draw)),
        19 => more_work(number, draw.usize(1..6)),
        20 => Strike::EnqueueAgain,
        21 | 22 => Strike::Cancel(some),
        23 => Strike::CancelPackage(some),
        24 => Strike::RetryFailed,
        25 | 26 => Strike::Park(SCOPES[draw.usize(..SCOPES.len())]),
        _ => Strike::ResumeAll,
    }
}

/// So many jobs that no other strike puts in.
fn more_work(strike: usize, count: usize) -> Strike {
    const APART: usize = 100;
    let first = APART * (strike + 10);
    let job = |number: usize| match number % 3 {
        0 => jobs::taobao(number),
        1 => jobs::douyin("shop-1", number),
        _ => jobs::gift(&format!("G-{number}")),
    };
    Strike::Enqueue((first..first + count).map(job).collect())
}
