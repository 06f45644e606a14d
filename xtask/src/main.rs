//! parceld.
fn main() {}
