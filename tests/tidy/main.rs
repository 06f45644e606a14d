//! The house rules that a compiler does not know: which crate may name what, which licences come in, how the source
//! looks. Read from `cargo metadata`, Cargo.lock and the source tree.

mod boundaries;
mod licences;
mod metadata;
mod sources;
