//! The numbered points of a call's life: nothing lies unmarked between two of them, and nothing of them is shipped.

use std::fs;

use crate::metadata::{packages, root};
use crate::sources::sources;

/// What is built for the crash matrix only.
const FEATURE: &str = "effect-points";

/// Moves that are not part of a call: they put work in, look, or keep house.
const BESIDE: [&str; 6] = ["enqueue", "expire", "operate", "reject", "renew", "stats"];

/// What need not be marked: kinds' calls, which are where `calls::make` returns, and an audit's reads, which no worker makes.
const UNMARKED: [&str; 2] = ["crates/worker/src/calls", "crates/worker/src/order_reader.rs"];

/// What a call to the vendor is begun with.
const CALL: &str = ".vendor";
/// What is asked of the client alone.
const NO_CALL: &str = ".vendor.dial_allowance(";

#[test]
fn a_build_by_default_has_no_effect_points() {
    let with_points: Vec<&str> = packages()
        .iter()
        .filter(|package| package.ours && package.default_features.contains(FEATURE))
        .map(|package| &*package.name)
        .collect();
    assert!(with_points.is_empty(), "{FEATURE} is on in {with_points:?}");
    // What is shipped is built with no features named.
    let build = fs::read_to_string(root().join("xtask/src/cargo.rs")).expect("xtask builds releases");
    assert!(!build.contains(FEATURE) && !build.contains("features"), "{build}");
}

#[test]
fn a_worker_passes_a_point_behind_every_move_and_every_call() {
    let moves = moves();
    let mut unmarked = Vec::new();
    for (path, text) in sources(&["crates/worker/src"], &["rs"]) {
        if UNMARKED.iter().any(|other| path.starts_with(other)) {
            continue;
        }
        let mut open: Option<(&str, String)> = None;
        for (index, line) in text.lines().enumerate() {
            let made = effect(line, &moves);
            if line.contains("effect_point!(") {
                open = None;
                continue;
            }
            let is_other = made.is_some_and(|made| open.as_ref().is_some_and(|(before, _)| *before != made));
            if is_other || is_head(line) {
                unmarked.extend(open.take().map(|(_, place)| place));
            }
            if let Some(made) = made {
                open = Some((made, format!("{}:{}: {}", path.display(), index + 1, line.trim())));
            }
        }
        unmarked.extend(open.map(|(_, place)| place));
    }
    assert!(unmarked.is_empty(), "no point behind {unmarked:#?}");
}

/// The moves that a call makes.
fn moves() -> Vec<String> {
    let names = sources(&["crates/store/lua"], &["lua"]);
    let names = names
        .iter()
        .filter(|(path, _)| path.parent().is_some_and(|folder| folder.ends_with("lua")));
    names
        .filter_map(|(path, _)| Some(path.file_stem()?.to_str()?.to_owned()))
        .filter(|name| !BESIDE.contains(&&**name))
        .collect()
}

/// The move or the call that this line makes.
fn effect<'a>(line: &str, moves: &'a [String]) -> Option<&'a str> {
    if line.trim_start().starts_with("//") {
        return None;
    }
    let is_call = (line.contains(".vendor.") && !line.contains(NO_CALL)) || line.trim() == CALL;
    let made = moves.iter().find(|name| line.contains(&format!(".{name}(")));
    made.map(|name| &**name).or(is_call.then_some(CALL))
}

/// Whether a function begins here.
fn is_head(line: &str) -> bool {
    let words = line.trim_start();
    !words.starts_with("//") && (words.starts_with("fn ") || words.contains(" fn "))
}
