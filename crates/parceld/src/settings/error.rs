//! A setting that cannot hold, told so that it can be mended.

use std::fmt;
use std::path::PathBuf;

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Compiled in.
    Default,
    /// A settings file.
    File(PathBuf),
    /// An environment variable.
    Variable(String),
    /// `--set`.
    Flag,
}

/// Why the program does not start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SettingsError {
    /// A setting cannot hold; the value is masked if it is secret.
    #[error("{key} = {value} ({origin}): {message}")]
    Setting {
        /// The whole key.
        key: String,
        /// The value as it was written.
        value: String,
        /// Where it came from.
        origin: Origin,
        /// What is wrong and what is allowed.
        message: String,
    },
    /// A settings file cannot be read.
    #[error("{file}: {message}")]
    File {
        /// Its path.
        file: String,
        /// Why.
        message: String,
    },
    /// A flag is not of the form `key=value`.
    #[error("--set {0}: must be section.key=value")]
    Flag(String),
    /// Something is needed that no layer sets.
    #[error("{key} is not set: {message}")]
    Missing {
        /// The whole key.
        key: &'static str,
        /// What it is needed for and how it is given.
        message: String,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => f.write_str("default"),
            Origin::File(path) => write!(f, "file {}", path.display()),
            Origin::Variable(name) => write!(f, "environment variable {name}"),
            Origin::Flag => f.write_str("flag --set"),
        }
    }
}
