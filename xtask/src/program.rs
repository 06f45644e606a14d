//! parceld under settings of its own: its commands, its workers.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use parceld_harness::{Process, Signal, wait_until};

use crate::folder::Folder;
use crate::json::Json;

/// The binary and what it is told about its surroundings.
#[derive(Debug)]
pub(crate) struct Program {
    binary: PathBuf,
    settings: PathBuf,
    folder: PathBuf,
}

/// What a command that has ended left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The simulator takes any token.
const ACCESS_TOKEN: &str = "any-token";

const STOP_BOUND: Duration = Duration::from_secs(40);

impl Program {
    /// Sets it up for this Redis and this vendor (`host:port`), with further settings as lines of TOML.
    pub(crate) fn new(
        binary: &Path,
        folder: &Folder,
        redis_url: &str,
        vendor: &str,
        settings: &str,
    ) -> Result<Self, String> {
        let settings = format!(
            "redis.url = \"{redis_url}\"\nvendor.base_url = \"http://{vendor}\"\n\
             vendor.access_token = \"{ACCESS_TOKEN}\"\n{settings}"
        );
        Ok(Self {
            binary: binary.to_owned(),
            settings: folder.write("parceld.toml", &settings)?,
            folder: folder.path().to_owned(),
        })
    }

    /// The program with its settings, in its folder; the caller adds the words of a command.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .current_dir(&self.folder)
            .arg("--config")
            .arg(&self.settings);
        // Whoever works with parceld on this machine has settings that mean another Redis.
        for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PARCELD__")) {
            command.env_remove(name);
        }
        command
    }

    /// What a person types to mean this program with these settings.
    pub(crate) fn alias(&self) -> String {
        format!(
            "alias parceld='{} --config {}'",
            self.binary.display(),
            self.settings.display()
        )
    }

    /// Runs a command to its end, whatever that is.
    pub(crate) fn run(&self, words: &[&str]) -> Result<Ran, String> {
        let output = self
            .command()
            .args(words)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("{}: {error}", self.binary.display()))?;
        Ok(Ran {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// Runs a command that must succeed; answers its document.
    pub(crate) fn ask(&self, words: &[&str]) -> Result<Json, String> {
        let ran = self.run(&[words, &["--output", "json"]].concat())?;
        if ran.code == Some(0) {
            return Json::parse(&ran.stdout);
        }
        Err(format!(
            "`parceld {}`: {}",
            words.join(" "),
            ran.stderr.trim_end()
        ))
    }

    /// Everything at one instant.
    pub(crate) fn stats(&self) -> Result<Json, String> {
        self.ask(&["stats"])
    }

    /// Starts a worker.
    pub(crate) fn start_worker(&self) -> Result<Process, String> {
        Process::start(self.command().arg("worker")).map_err(|error| error.to_string())
    }
}

/// An error if the process has ended.
pub(crate) fn still_runs(name: &str, process: &mut Process) -> Result<(), String> {
    match process.exit_status() {
        Ok(None) => Ok(()),
        Ok(Some(status)) => Err(format!(
            "{name} has ended with {status}: {}",
            process.stderr().join("\n")
        )),
        Err(error) => Err(format!("{name}: {error}")),
    }
}

/// Asks a worker to stop, as an operator's system does, and waits until it has left with 0.
pub(crate) fn stop_worker(mut worker: Process) -> Result<(), String> {
    worker
        .signal(Signal::Terminate)
        .map_err(|error| error.to_string())?;
    let status = wait_until("the worker has stopped", STOP_BOUND, || {
        let status = worker.exit_status().map_err(|error| error.to_string())?;
        status.ok_or_else(|| "it still runs".to_owned())
    })?;
    if status.success() {
        Ok(())
    } else {
        Err(format!(
            "the worker ended with {status} on SIGTERM: {}",
            worker.stderr().join("\n")
        ))
    }
}
