//! The settings as a file that could be read back, each line with where its value came from.

use super::layers::Layers;

/// One line a key; secrets are masked.
pub(super) fn print(layers: &Layers) -> String {
    layers
        .all()
        .map(|(key, value, origin)| format!("{key} = {value}  # {origin}\n"))
        .collect()
}
