//! The demo's stage: the vendor's stand-in and a worker, on a Redis of their own.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use parceld_harness::{Process, http_request, wait_until};

/// All that the story plays on. Dropped, everything on it is killed; a death of xtask does the same.
#[derive(Debug)]
pub(crate) struct Stage {
    binary: PathBuf,
    redis_url: String,
    simulator_address: String,
    simulator: Process,
    worker: Process,
}

const START_BOUND: Duration = Duration::from_secs(20);

/// Between two looks at what is kept up.
const WATCH_PAUSE: Duration = Duration::from_millis(500);

/// The simulator takes any token.
const ACCESS_TOKEN: &str = "demo-token";

impl Stage {
    /// Starts the simulator on a free port and a worker against it.
    pub(crate) fn set(binary: &Path, redis_url: &str) -> Result<Self, String> {
        let mut simulator = start(Command::new(binary).args(["simulator", "--listen", "127.0.0.1:0"]))?;
        let simulator_address = wait_until("the simulator listens", START_BOUND, || {
            still_runs("the simulator", &mut simulator)?;
            let first = simulator.stdout().first().cloned().ok_or("nothing written yet")?;
            let address = first
                .split_once("\"listening\":\"")
                .and_then(|(_, rest)| rest.split_once('"'));
            address.map(|(address, _)| address.to_owned()).ok_or(first)
        })?;
        let worker = start(parceld(binary, redis_url, &simulator_address).arg("worker"))?;
        Ok(Self {
            binary: binary.to_owned(),
            redis_url: redis_url.to_owned(),
            simulator_address,
            simulator,
            worker,
        })
    }

    /// The program, set up for this stage by its environment; the caller adds the words of a command.
    pub(crate) fn parceld(&self) -> Command {
        parceld(&self.binary, &self.redis_url, &self.simulator_address)
    }

    /// Asks or steers the simulator: `GET /sim/ledger`, `POST /sim/faults` and the like. Answers the reply's body.
    pub(crate) fn simulator(&self, method: &str, path: &str, json: &str) -> Result<String, String> {
        http_request(&self.simulator_address, method, path, json)
    }

    /// The worker, to be signalled or read.
    pub(crate) fn worker(&mut self) -> &mut Process {
        &mut self.worker
    }

    /// Keeps everything up until Ctrl-C; ends with an error when a part of it ends by itself.
    pub(crate) fn stay(&mut self) -> Result<(), String> {
        println!("\nStill up, until Ctrl-C. From another terminal:");
        for (name, value) in environment(&self.redis_url, &self.simulator_address) {
            println!("  export {name}={value}");
        }
        println!("  {} stats", self.binary.display());
        println!("  curl http://{}/sim/ledger", self.simulator_address);
        loop {
            still_runs("the simulator", &mut self.simulator)?;
            still_runs("the worker", &mut self.worker)?;
            thread::sleep(WATCH_PAUSE);
        }
    }
}

fn parceld(binary: &Path, redis_url: &str, simulator_address: &str) -> Command {
    let mut command = Command::new(binary);
    command.envs(environment(redis_url, simulator_address));
    command
}

fn environment(redis_url: &str, simulator_address: &str) -> [(&'static str, String); 3] {
    [
        ("PARCELD__REDIS__URL", redis_url.to_owned()),
        ("PARCELD__VENDOR__BASE_URL", format!("http://{simulator_address}")),
        ("PARCELD__VENDOR__ACCESS_TOKEN", ACCESS_TOKEN.to_owned()),
    ]
}

fn start(command: &mut Command) -> Result<Process, String> {
    Process::start(command).map_err(|error| error.to_string())
}

fn still_runs(name: &str, process: &mut Process) -> Result<(), String> {
    match process.exit_status() {
        Ok(None) => Ok(()),
        Ok(Some(status)) => Err(format!(
            "{name} has ended with {status}: {}",
            process.stderr().join("\n")
        )),
        Err(error) => Err(format!("{name}: {error}")),
    }
}
