//! Why a command did not do what it was asked, and the exit code that says so.

use std::error::Error;
use std::io;
use std::process::ExitCode;

use parceld_store::StoreError;

use super::output::note;
use crate::settings::SettingsError;

/// The end of a command that failed; told on standard error.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    message: String,
}

const USAGE: u8 = 2;
const BAD_INPUT: u8 = 65;
const UNREACHABLE: u8 = 69;
const SETTINGS: u8 = 78;
const ANYTHING_ELSE: u8 = 1;

impl Failure {
    /// Anything that has no code of its own.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Failure::with(ANYTHING_ELSE, message)
    }

    /// The command was not asked in a way that it can answer.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Failure::with(USAGE, message)
    }

    /// Some of the input was refused.
    pub(crate) fn bad_input(message: impl Into<String>) -> Self {
        Failure::with(BAD_INPUT, message)
    }

    /// Redis did not answer in time.
    pub(crate) fn unreachable(message: impl Into<String>) -> Self {
        Failure::with(UNREACHABLE, message)
    }

    /// The settings, or a Redis that they name, cannot be used.
    pub(crate) fn settings(message: impl Into<String>) -> Self {
        Failure::with(SETTINGS, message)
    }

    /// With what to do about it.
    pub(crate) fn hint(mut self, hint: &str) -> Self {
        self.message.push_str("; ");
        self.message.push_str(hint);
        self
    }

    /// Says on standard error what went wrong.
    pub(crate) fn tell(&self) {
        note(&self.message);
    }

    /// The code of the contract.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }

    fn with(code: u8, message: impl Into<String>) -> Self {
        Failure {
            code,
            message: message.into(),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let message = with_causes(&error);
        match error {
            StoreError::Unreachable { .. } => Failure::unreachable(format!(
                "{message}; start it, or set redis.url (PARCELD__REDIS__URL)"
            )),
            StoreError::Unsuitable(_) | StoreError::Address(_) | StoreError::Denied { .. } => {
                Failure::settings(message)
            }
            StoreError::Full | StoreError::Refused { .. } | StoreError::Corrupt { .. } => {
                Failure::new(message)
            }
        }
    }
}

impl From<SettingsError> for Failure {
    fn from(error: SettingsError) -> Self {
        Failure::settings(error.to_string())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::new(error.to_string())
    }
}

/// The error and what caused it, on one line.
fn with_causes(error: &dyn Error) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        // Some errors repeat their cause in their own words.
        if !message.ends_with(&text) {
            message.push_str(": ");
            message.push_str(&text);
        }
        cause = error.source();
    }
    message
}
