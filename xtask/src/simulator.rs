//! The vendor's stand-in as a process: steered and asked over HTTP.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use parceld_harness::{Process, http_request, wait_until};

use crate::json::Json;
use crate::program::still_runs;

/// A simulator on a free port; killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Simulator {
    process: Process,
    address: String,
}

const START_BOUND: Duration = Duration::from_secs(20);

impl Simulator {
    /// Starts it and waits until it listens.
    pub(crate) fn start(binary: &Path) -> Result<Self, String> {
        let mut process = Process::start(Command::new(binary).args(["simulator", "--listen", "127.0.0.1:0"]))
            .map_err(|error| error.to_string())?;
        let address = wait_until("the simulator listens", START_BOUND, || {
            still_runs("the simulator", &mut process)?;
            let first = process.stdout().first().cloned().ok_or("nothing written yet")?;
            Ok(Json::parse(&first)?.get("listening").text().to_owned())
        })?;
        Ok(Self { process, address })
    }

    /// Where it listens, `host:port`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// What the vendor saw.
    pub(crate) fn ledger(&self) -> Result<Json, String> {
        self.ask("GET", "/sim/ledger", "")
    }

    /// Changes the vendor's state, such as `{"shops": {"7": "unauthorised"}}`.
    pub(crate) fn change(&self, state: &str) -> Result<(), String> {
        self.ask("POST", "/sim/state", state).map(drop)
    }

    /// Adds faults.
    pub(crate) fn inject(&self, rules: &str) -> Result<(), String> {
        self.ask("POST", "/sim/faults", rules).map(drop)
    }

    /// An error if it has ended.
    pub(crate) fn still_runs(&mut self) -> Result<(), String> {
        still_runs("the simulator", &mut self.process)
    }

    fn ask(&self, method: &str, path: &str, json: &str) -> Result<Json, String> {
        Json::parse(&http_request(&self.address, method, path, json)?)
    }
}
