//! What is struck here is the program as it is shipped.

use std::fs;

use crate::PARCELD;

#[test]
fn a_build_by_default_cannot_be_told_to_halt() {
    /// How the variables begin by which a build for the crash matrix is told.
    const TOLD_BY: &[u8] = b"PARCELD_EFFECT_";
    let program = fs::read(PARCELD).expect("the program is there");
    let is_there = program.windows(TOLD_BY.len()).any(|bytes| bytes == TOLD_BY);
    assert!(!is_there, "{PARCELD} is a build with effect points");
}
