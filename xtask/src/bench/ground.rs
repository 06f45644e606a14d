//! Where a measurement takes place: a private Redis and parceld set up for it.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use parceld_harness::{redis_command, wait_until};

use crate::folder::Folder;
use crate::program::Program;
use crate::redis::PrivateRedis;

/// All of it is gone when it is dropped.
#[derive(Debug)]
pub(super) struct Ground {
    pub(super) program: Program,
    redis: PrivateRedis,
    folder: Folder,
}

impl Ground {
    /// For the vendor at this address, with further settings as lines of TOML.
    pub(super) fn new(binary: &Path, vendor: &str, settings: &str) -> Result<Self, String> {
        let folder = Folder::new("bench")?;
        let redis = PrivateRedis::provide()?;
        Ok(Self {
            program: Program::new(binary, &folder, &redis.url(), vendor, settings)?,
            redis,
            folder,
        })
    }

    /// Enqueues these lines from a file.
    pub(super) fn enqueue(&self, lines: impl Iterator<Item = String>) -> Result<(), String> {
        let path = self.folder.path().join("jobs.ndjson");
        write_lines(&path, lines).map_err(|error| format!("{}: {error}", path.display()))?;
        let mut command = self.program.command();
        // A million answers are of no use to anybody.
        let command = command
            .args(["--set", "log.level=error", "enqueue"])
            .arg(&path)
            .stdout(Stdio::null());
        crate::command::run(command)
    }

    /// Waits until so many jobs are done.
    pub(super) fn wait_until_done(&self, jobs: u64, bound: Duration) -> Result<(), String> {
        wait_until(&format!("{jobs} jobs are done"), bound, || {
            let stats = self.program.stats()?;
            let states = stats.get("states");
            if states.get("done").count() == jobs {
                return Ok(());
            }
            Err(format!("{states:?}"))
        })
    }

    /// One Redis command.
    pub(super) fn redis(&self, words: &[&str]) -> Result<String, String> {
        redis_command(self.redis.port(), words).map_err(|error| format!("{}: {error}", words.join(" ")))
    }

    /// One figure of `INFO`.
    pub(super) fn info(&self, name: &str) -> Result<f64, String> {
        let info = self.redis(&["INFO", "all"])?;
        info.lines()
            .find_map(|line| {
                line.strip_prefix(name)?
                    .strip_prefix(':')?
                    .trim_end()
                    .parse()
                    .ok()
            })
            .ok_or_else(|| format!("INFO has no `{name}`"))
    }

    pub(super) fn redis_port(&self) -> u16 {
        self.redis.port()
    }
}

fn write_lines(path: &Path, lines: impl Iterator<Item = String>) -> std::io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    for line in lines {
        writeln!(file, "{line}")?;
    }
    file.flush()
}
