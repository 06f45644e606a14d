//! What is done to whom, and when: drawn from a seed before anything runs.

use fastrand::Rng;
use parceld_test_support::jobs;
use serde_json::{Value, json};

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
    FreezeRedis {
        ms: u64,
    },
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
pub(crate) const KINDS: usize = 15;

const SIXES: usize = 9;
const STRIKES: usize = 17;
const SCOPES: [&str; 5] = [
    "account",
    "balance",
    "shop:1001",
    "shop:shop-1",
    "endpoint:get-package-list",
];

impl Schedule {
    pub(crate) fn of(seed: u64) -> Self {
        let mut draw = Rng::with_seed(seed);
        let mut load = jobs::mixed(SIXES);
        load.push(jobs::logistics_sync("1001"));
        draw.shuffle(&mut load);
        let strikes = (0..STRIKES)
            .map(|number| (draw.u64(100..900), strike(&mut draw, number)))
            .collect();
        Schedule {
            workers: draw.usize(2..=3),
            load,
            vendor: json!({"options": {"ship_after_ms": draw.u64(100..2_000)}}),
            faults: json!({
                "seed": seed, "rate": f64::from(draw.u32(5..30)) / 100.0,
                "hang_ms": 1_300, "slow_ms": draw.u64(100..800),
            }),
            strikes,
        }
    }
}

fn strike(draw: &mut Rng, number: usize) -> Strike {
    let some = draw.usize(..100);
    match draw.u32(..21) {
        0..=2 => Strike::KillWorker(some),
        3 => Strike::StopWorker(some),
        4 | 5 => Strike::FreezeWorker {
            worker: some,
            ms: draw.u64(200..3_500),
        },
        6 => Strike::KillRedis {
            away_ms: draw.u64(10..900),
        },
        7 => Strike::FreezeRedis {
            ms: draw.u64(100..1_500),
        },
        8 => Strike::FlushScripts,
        9 => Strike::KillClients,
        10 | 11 => Strike::Vendor(vendor_fault(draw)),
        12 => {
            let first = 1_000 + 10 * number;
            let more = (first..first + draw.usize(1..6)).map(|number| match number % 3 {
                0 => jobs::taobao(number),
                1 => jobs::douyin("shop-1", number),
                _ => jobs::gift(&format!("G-{number}")),
            });
            Strike::Enqueue(more.collect())
        }
        13 => Strike::EnqueueAgain,
        14 | 15 => Strike::Cancel(some),
        16 => Strike::CancelPackage(some),
        17 => Strike::RetryFailed,
        18 | 19 => Strike::Park(SCOPES[draw.usize(..SCOPES.len())]),
        _ => Strike::ResumeAll,
    }
}

/// One of the answers that the seeded faults do not draw: blocks, refusals, and a half-done batch.
fn vendor_fault(draw: &mut Rng) -> Value {
    let when = ["before", "after"][draw.usize(..2)];
    let faults = [
        ("*", "before", json!({"code": 401, "msg": "token 已失效"})),
        ("send", "before", json!({"code": 302, "msg": "店铺未授权"})),
        ("send", "before", json!({"code": 614, "msg": "系统异常"})),
        (
            "send",
            "after",
            json!({"code": 614, "msg": "发货异常,请稍等后重试"}),
        ),
        ("submit-payment", when, json!({"code": 202})),
        ("order-create", when, json!({"cut": true})),
        ("dy-ship-free", when, json!({"cut": true})),
        ("*", when, json!({"http": 500})),
        ("*", when, json!({"slow_ms": 1_200})),
    ];
    let (endpoint, when, fault) = faults[draw.usize(..faults.len())].clone();
    json!({"endpoint": endpoint, "when": when, "times": draw.u32(1..4), "fault": fault})
}
