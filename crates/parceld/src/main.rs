//! The program: settings, commands, wiring.

mod cli;
mod settings;
mod telemetry;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
