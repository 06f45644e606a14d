//! The demo's stage: the vendor's stand-in, parceld and its worker, on a Redis of their own.

use std::path::Path;
use std::thread;
use std::time::Duration;

use parceld_harness::Process;

use crate::folder::Folder;
use crate::program::{Program, still_runs, stop_worker};
use crate::simulator::Simulator;

/// All that the story plays on. Dropped, everything on it is killed; a death of xtask does the same.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) program: Program,
    pub(crate) simulator: Simulator,
    pub(crate) folder: Folder,
    worker: Option<Process>,
    redis_url: String,
}

/// The ERP's file in the folder.
pub(crate) const ORDERS: &str = "orders.ndjson";

/// Between two looks at what is kept up.
const WATCH_PAUSE: Duration = Duration::from_millis(500);

impl Stage {
    /// Starts the simulator and sets parceld up for it; no worker yet.
    pub(crate) fn set(binary: &Path, redis_url: &str, settings: &str) -> Result<Self, String> {
        let folder = Folder::new("demo")?;
        let simulator = Simulator::start(binary)?;
        let program = Program::new(binary, &folder, redis_url, simulator.address(), settings)?;
        Ok(Self {
            program,
            simulator,
            folder,
            worker: None,
            redis_url: redis_url.to_owned(),
        })
    }

    /// Starts the worker.
    pub(crate) fn start_worker(&mut self) -> Result<(), String> {
        self.worker = Some(self.program.start_worker()?);
        Ok(())
    }

    /// An error if a part of it has ended.
    pub(crate) fn still_plays(&mut self) -> Result<(), String> {
        self.simulator.still_runs()?;
        match &mut self.worker {
            Some(worker) => still_runs("the worker", worker),
            None => Ok(()),
        }
    }

    /// Keeps everything up until Ctrl-C; ends with an error when a part of it ends by itself.
    pub(crate) fn stay(&mut self) -> Result<(), String> {
        self.print_how_to_look_around();
        loop {
            self.still_plays()?;
            thread::sleep(WATCH_PAUSE);
        }
    }

    /// Stops the worker as an operator would, then the rest.
    pub(crate) fn strike(self) -> Result<(), String> {
        self.worker.map_or(Ok(()), stop_worker)
    }

    fn print_how_to_look_around(&self) {
        let redis_cli = format!("redis-cli -u {} --raw", self.redis_url);
        println!("\nAll of it stays up until Ctrl-C. In another terminal:\n");
        println!("   cd {}", self.folder.path().display());
        println!("   {}\n", self.program.alias());
        for words in [
            "parceld stats",
            "parceld jobs list --state failed",
            "parceld jobs show GIFT-3",
            "parceld explain 614",
        ] {
            println!("   {words}");
        }
        println!("   parceld enqueue {ORDERS}");
        println!("   {redis_cli} GET parceld:HELP");
        println!("   {redis_cli} ZREVRANGE parceld:failed 0 9");
        println!("   curl http://{}/sim/ledger", self.simulator.address());
    }
}
