//! The program: settings, commands, wiring.

mod cli;
mod inbox;
mod settings;
mod telemetry;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
