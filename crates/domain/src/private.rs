//! Personal data that cannot print itself.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A name, phone number, address or payload: stored and sent, never shown in a log or an error.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Private<T>(T);

impl<T> Private<T> {
    /// Takes the value into custody.
    pub const fn new(value: T) -> Self {
        Private(value)
    }

    /// The value, for storing it or sending it to the vendor only.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[private]")
    }
}
