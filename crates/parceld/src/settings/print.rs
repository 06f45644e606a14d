//! The settings as they hold: as a file that could be read back, or as data. Secrets are masked.

use serde::Serialize;

use super::layers::Layers;

/// One setting.
#[derive(Debug, Serialize)]
pub(crate) struct Shown {
    key: String,
    /// As it would stand in a settings file.
    value: String,
    origin: String,
}

/// Every key that is set.
pub(super) fn all(layers: &Layers) -> Vec<Shown> {
    let shown = |(key, value, origin): (&str, String, &super::error::Origin)| Shown {
        key: key.to_owned(),
        value,
        origin: origin.to_string(),
    };
    layers.all().map(shown).collect()
}

impl Shown {
    /// A line of a settings file, with where the value came from as a remark.
    pub(crate) fn line(&self) -> String {
        format!("{} = {}  # {}\n", self.key, self.value, self.origin)
    }
}
