//! The commands: one file each. Data goes to standard output, progress and logs to standard error.

mod audit;
mod config;
mod connect;
mod enqueue;
mod explain;
mod failure;
mod jobs;
mod lines;
mod output;
mod park;
mod progress;
mod simulator;
mod stats;
mod table;
mod worker;

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use tokio::runtime::{Builder, Runtime};

use self::failure::Failure;
use self::output::Output;
use crate::settings::Settings;
use crate::telemetry;

/// A durable job-queue worker for one rate-limited vendor API.
///
/// Exit codes: 0 ok, 2 usage, 65 bad input, 69 Redis unreachable, 78 settings, 1 anything else.
#[derive(Parser)]
#[command(name = "parceld", version, about, propagate_version = true)]
struct Cli {
    /// Settings file, instead of /etc/parceld/parceld.toml.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// One setting, over file and environment: section.key=value. May be given again.
    #[arg(long, global = true, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// How data is written.
    #[arg(short, long, global = true, value_enum, default_value = "table")]
    output: Format,
    #[command(subcommand)]
    command: Command,
}

/// How data is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Table,
    /// One JSON document.
    Json,
}

#[derive(Subcommand)]
enum Command {
    /// Work: the daemon, in the foreground, until SIGTERM or SIGINT.
    Worker,
    /// Put jobs in: one JSON object a line in, one JSON answer a line out.
    Enqueue(enqueue::Args),
    /// Look at jobs, retry or cancel them.
    #[command(subcommand)]
    Jobs(jobs::Command),
    /// Everything at one instant.
    Stats,
    /// Compare everything in Redis, and with --vendor the vendor's orders, with the invariants; 1 if something is wrong.
    Audit(audit::Args),
    /// Stop a scope: account, balance, `shop:<id>` or `endpoint:<name>`.
    Park(park::ParkArgs),
    /// Let a parked scope go on.
    Resume(park::ResumeArgs),
    /// What a code of the vendor means and what to do.
    Explain(explain::Args),
    /// Stand in for the vendor.
    Simulator(simulator::Args),
    /// Check or print the settings.
    #[command(subcommand)]
    Config(config::Command),
}

/// What every command but the simulator and `explain` works with.
struct Session {
    settings: Settings,
    format: Format,
    output: Output,
}

/// Runs the command that this process was started with.
pub(crate) fn run() -> ExitCode {
    // clap itself ends the process with 2 for a usage that it does not know.
    let cli = Cli::parse();
    match dispatch(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.tell();
            failure.exit_code()
        }
    }
}

fn dispatch(cli: Cli) -> Result<(), Failure> {
    let session = || Session::start(cli.config.as_deref(), &cli.set, cli.output);
    match cli.command {
        Command::Explain(args) => explain::run(&args, cli.output),
        Command::Simulator(args) => {
            telemetry::start(None);
            many_threads()?.block_on(simulator::run(args))
        }
        Command::Config(command) => config::run(&command, session()?),
        Command::Worker => many_threads()?.block_on(worker::run(session()?)),
        // These ask Redis something and end.
        Command::Enqueue(args) => one_thread()?.block_on(enqueue::run(args, session()?)),
        Command::Jobs(command) => one_thread()?.block_on(jobs::run(command, session()?)),
        Command::Stats => one_thread()?.block_on(stats::run(session()?)),
        Command::Audit(args) => one_thread()?.block_on(audit::run(&args, session()?)),
        Command::Park(args) => one_thread()?.block_on(park::park(args, session()?)),
        Command::Resume(args) => one_thread()?.block_on(park::resume(args, session()?)),
    }
}

impl Session {
    /// Reads the settings and begins to log.
    fn start(config: Option<&Path>, set: &[String], format: Format) -> Result<Self, Failure> {
        let settings = Settings::load(config, set)?;
        telemetry::start(Some(&settings.log));
        Ok(Session {
            settings,
            format,
            output: Output::new(),
        })
    }
}

fn many_threads() -> io::Result<Runtime> {
    Builder::new_multi_thread().enable_all().build()
}

fn one_thread() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_are_put_together_without_contradiction() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }
}
