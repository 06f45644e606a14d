//! `parceld config`: whether the settings hold, and what they are.

use parceld_vendor::Vendor;

use super::failure::Failure;
use super::{Format, Session};
use crate::settings::Shown;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Whether the settings can be used; says what a worker would lack.
    Check,
    /// What holds and where it came from; secrets are masked.
    Print,
}

pub(crate) fn run(command: &Command, mut session: Session) -> Result<(), Failure> {
    let text = match command {
        Command::Print if session.format == Format::Json => {
            session.output.json(&session.settings.shown())?;
            String::new()
        }
        Command::Print => session.settings.shown().iter().map(Shown::line).collect(),
        Command::Check if session.settings.has_token()? => {
            // The client itself knows best whether an address and the names of fields can be used.
            Vendor::new(session.settings.vendor()?).map_err(|error| Failure::settings(error.to_string()))?;
            "the settings can be used\n".to_owned()
        }
        Command::Check => {
            "the settings can be used; for a worker vendor.access_token is missing\n".to_owned()
        }
    };
    session.output.text(&text)?;
    Ok(session.output.flush()?)
}
