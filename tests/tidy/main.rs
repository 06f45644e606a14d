//! The house rules that a compiler does not know: which crate may name what, which licences come in, how the source
//! looks, what its pages point at, what only tests are built with. Read from `cargo metadata`, Cargo.lock and the source tree.

mod boundaries;
mod effect_points;
mod licences;
mod links;
mod metadata;
mod sources;
