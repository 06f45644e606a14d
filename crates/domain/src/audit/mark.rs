//! What stands for a text in memory where there are a million of them.

use std::hash::{DefaultHasher, Hash, Hasher};

/// Eight bytes for a text of any length; the same text has the same ones within a process.
#[must_use]
pub fn mark(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
