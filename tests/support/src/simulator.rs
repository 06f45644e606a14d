//! The vendor's stand-in as a process of its own, steered and read over HTTP.

use std::path::Path;
use std::time::Duration;

use parceld_harness::http_request;
use serde_json::Value;
use tokio::task::spawn_blocking;

use crate::process::PREFERRED;
use crate::{Arrivals, Process};

/// A running `parceld simulator`; its ledger says what the vendor saw.
#[derive(Debug)]
pub struct Simulator {
    process: Process,
    address: String,
}

const START_BOUND: Duration = Duration::from_secs(20);

impl Simulator {
    /// Starts `binary simulator` on a free port, with further `args`, and waits until it listens.
    pub async fn start(binary: &Path, args: &[&str]) -> Self {
        let args = [&["simulator", "--listen", "127.0.0.1:0"], args].concat();
        let mut process = Process::start_preferred(binary, &args);
        let line = process.wait_for_line("\"listening\"", START_BOUND).await;
        let first: Value = serde_json::from_str(&line)
            .unwrap_or_else(|error| panic!("the simulator's first line `{line}`: {error}"));
        let address = first["listening"]
            .as_str()
            .unwrap_or_else(|| panic!("no address in `{line}`"))
            .to_owned();
        Self { process, address }
    }

    /// What `vendor.base_url` is to be set to.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All that the vendor saw so far.
    pub async fn ledger(&self) -> Value {
        self.get("/sim/ledger").await
    }

    /// The vendor's own state: orders, packages, shops, balance.
    pub async fn state(&self) -> Value {
        self.get("/sim/state").await
    }

    /// Scripts faults.
    pub async fn inject(&self, faults: &Value) -> Value {
        self.post("/sim/faults", faults).await
    }

    /// Ends all faults, those that a seed draws included.
    pub async fn clear_faults(&self) {
        self.request("DELETE", "/sim/faults", None).await;
    }

    /// GET, the reply's JSON; panics on anything but a 2xx.
    pub async fn get(&self, path: &str) -> Value {
        self.request("GET", path, None).await
    }

    /// POST of a JSON body, the reply's JSON; panics on anything but a 2xx.
    pub async fn post(&self, path: &str, body: &Value) -> Value {
        self.request("POST", path, Some(body)).await
    }

    /// What [`Self::clear_faults`] does. Blocks, for an end that nobody can await.
    pub(crate) fn clear_faults_now(&self) {
        exchange(&self.address, "DELETE", "/sim/faults", "");
    }

    /// When the calls arrived that the vendor saw. Blocks.
    pub(crate) fn arrivals_now(&self) -> Arrivals {
        let calls = exchange(&self.address, "GET", "/sim/calls", "");
        Arrivals::of(calls.as_array().expect("an array of calls"))
    }

    /// Whether it runs ahead of all others, so that it says truly when a call arrived.
    pub(crate) fn is_preferred(&self) -> bool {
        self.process.stdout().iter().any(|line| line == PREFERRED)
    }

    /// The process behind it, to be frozen or killed.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    async fn request(&self, method: &'static str, path: &str, body: Option<&Value>) -> Value {
        let (address, path) = (self.address.clone(), path.to_owned());
        let json = body.map(Value::to_string).unwrap_or_default();
        spawn_blocking(move || exchange(&address, method, &path, &json))
            .await
            .expect("a request does not panic")
    }
}

fn exchange(address: &str, method: &str, path: &str, json: &str) -> Value {
    let reply = http_request(address, method, path, json);
    let reply = reply.unwrap_or_else(|error| panic!("the simulator: {error}"));
    if reply.is_empty() {
        return Value::Null;
    }
    serde_json::from_str(&reply).unwrap_or_else(|error| panic!("the simulator's reply `{reply}`: {error}"))
}
