//! How the source looks: short files, headed moves, nothing left undone.

use std::fs;
use std::path::{Path, PathBuf};

use crate::metadata::root;

const LINES_MAX: usize = 400;

/// A rule is looked for in these folders only; others hold no source of ours.
const FOLDERS: [&str; 3] = ["crates", "tests", "xtask"];

const UNDONE: [&str; 5] = ["TODO", "FIXME", "todo!", "unimplemented!", "#[ignore"];

/// What the head of a move, or of a part of moves, says.
const HEADER: [&str; 4] = ["KEYS", "ARGV", "Returns", "Invariant"];

/// A clock, a file, a socket, the environment: none of them is the domain's.
const IMPURE: [&str; 8] = [
    "::now()",
    "SystemTime",
    "std::fs",
    "std::net",
    "std::env",
    "std::thread",
    "async fn",
    "async move",
];

#[test]
fn no_file_is_longer_than_one_responsibility() {
    let long: Vec<String> = sources(&FOLDERS, &["rs", "lua"])
        .iter()
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > LINES_MAX)
        .map(|(path, lines)| format!("{}: {lines} lines", path.display()))
        .collect();
    assert!(long.is_empty(), "{LINES_MAX} lines are the most: {long:#?}");
}

#[test]
fn nothing_is_left_undone() {
    let undone = lines_with(&UNDONE, &["crates"], &["rs", "lua"]);
    assert!(undone.is_empty(), "{undone:#?}");
}

#[test]
fn every_move_says_what_it_takes_answers_and_keeps_true() {
    let moves = sources(&["crates/store/lua"], &["lua"]);
    assert!(!moves.is_empty(), "no moves where they are looked for");
    for (path, text) in moves {
        let is_head = |line: &&str| line.starts_with("--") || line.starts_with("#!");
        let head: Vec<&str> = text.lines().take_while(is_head).collect();
        let missing: Vec<_> = HEADER
            .iter()
            .filter(|word| !head.iter().any(|line| line.contains(**word)))
            .collect();
        assert!(
            missing.is_empty(),
            "{}: its head does not say {missing:?}",
            path.display()
        );
    }
}

#[test]
fn the_domain_reads_no_clock_and_touches_nothing() {
    let impure = lines_with(&IMPURE, &["crates/domain/src"], &["rs"]);
    assert!(impure.is_empty(), "{impure:#?}");
}

fn lines_with(words: &[&str], folders: &[&str], extensions: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in sources(folders, extensions) {
        let lines = text
            .lines()
            .enumerate()
            .filter(|(_, line)| words.iter().any(|word| line.contains(word)));
        found.extend(lines.map(|(index, line)| format!("{}:{}: {}", path.display(), index + 1, line.trim())));
    }
    found
}

/// Files with one of these extensions, by their path from the root, and what is in them.
pub(crate) fn sources(folders: &[&str], extensions: &[&str]) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for folder in folders {
        collect(&root().join(folder), extensions, &mut found);
    }
    found
}

fn collect(folder: &Path, extensions: &[&str], found: &mut Vec<(PathBuf, String)>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for path in entries.map(|entry| entry.expect("a folder that opens can be read").path()) {
        let wanted = |path: &Path| {
            path.extension()
                .is_some_and(|own| extensions.iter().any(|one| own == *one))
        };
        if path.is_dir() {
            collect(&path, extensions, found);
        } else if wanted(&path) {
            let text =
                fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            found.push((path.strip_prefix(root()).unwrap_or(&path).to_owned(), text));
        }
    }
}
