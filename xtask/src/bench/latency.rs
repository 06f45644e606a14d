//! From a job line to the call that it causes, with nothing else to do. One clock: the line is written and the call
//! received by this process.

use std::io::Write;
use std::path::Path;
use std::process::{Child, ChildStdin, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::figures::{Figures, percentile, shown};
use super::ground::Ground;
use super::send_stub::SendStub;
use crate::job_lines::taobao_ship;

const SAMPLES: u64 = 200;
/// First calls, which set connections up and teach the worker how long it needs.
const WARM_UP: u64 = 10;
/// By then the bucket is free again: slots are 102 ms apart at the least.
const PAUSE_MS: u64 = 150;
/// Moves the samples against whatever ticks in the worker.
const PAUSE_SPREAD_MS: u64 = 37;
const ARRIVAL_BOUND: Duration = Duration::from_secs(10);

pub(super) fn measure(binary: &Path) -> Result<Figures, String> {
    let stub = SendStub::start()?;
    let ground = Ground::new(binary, &stub.address, "")?;
    let _worker = ground.program.start_worker()?;
    let mut producer = Producer::start(&ground)?;
    let mut samples_ms = Vec::new();
    for sample in 0..WARM_UP + SAMPLES {
        thread::sleep(Duration::from_millis(PAUSE_MS + sample * 7 % PAUSE_SPREAD_MS));
        let line = taobao_ship(&format!("L-{sample}"), "1", sample) + "\n";
        let written = Instant::now();
        producer.write(&line)?;
        let arrived = stub
            .arrivals
            .recv_timeout(ARRIVAL_BOUND)
            .map_err(|_| format!("no call within {ARRIVAL_BOUND:?} after a line"))?;
        if sample >= WARM_UP {
            samples_ms.push(arrived.duration_since(written).as_secs_f64() * 1000.0);
        }
    }
    samples_ms.sort_by(f64::total_cmp);
    let mut figures = Figures::default();
    figures.tell("samples, limit on, bucket free", SAMPLES);
    figures.tell("p50", shown(percentile(&samples_ms, 0.5), "ms"));
    figures.below("p99", percentile(&samples_ms, 0.99), 20.0, "ms");
    figures.tell("longest", shown(percentile(&samples_ms, 1.0), "ms"));
    Ok(figures)
}

/// `parceld enqueue -`, kept open; it ends with its input.
struct Producer {
    process: Child,
    input: Option<ChildStdin>,
}

impl Producer {
    fn start(ground: &Ground) -> Result<Self, String> {
        let mut process = ground
            .program
            .command()
            .args(["enqueue", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .map_err(|error| error.to_string())?;
        let input = process.stdin.take();
        Ok(Self { process, input })
    }

    fn write(&mut self, line: &str) -> Result<(), String> {
        let input = self.input.as_mut().ok_or("`parceld enqueue -` has no input")?;
        input
            .write_all(line.as_bytes())
            .map_err(|error| format!("`parceld enqueue -` reads no more: {error}"))
    }
}

impl Drop for Producer {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.process.wait();
    }
}
