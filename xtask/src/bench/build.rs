//! A release build into an empty folder, and what came of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

use super::figures::{Figures, shown};
use crate::cargo::{cargo, source_root};
use crate::command;
use crate::folder::Folder;

pub(super) fn measure(_: &Path) -> Result<Figures, String> {
    let target = Folder::new("bench-build")?;
    let start = Instant::now();
    command::run(
        cargo()
            .args([
                "build",
                "--quiet",
                "--release",
                "--locked",
                "--package",
                "parceld",
                "--target-dir",
            ])
            .arg(target.path()),
    )?;
    let seconds = start.elapsed().as_secs_f64();
    let binary = target.path().join("release/parceld");
    let size = fs::metadata(&binary)
        .map_err(|error| format!("{}: {error}", binary.display()))?
        .len();
    let mut figures = Figures::default();
    figures.tell("clean build, nothing else running", shown(seconds.round(), "s"));
    figures.tell("binary, stripped", shown(size as f64 / 1_048_576.0, "MiB"));
    figures.tell("crates in Cargo.lock, all targets and tests", locked_crates()?);
    figures.tell("crates in the binary", linked_crates()?);
    Ok(figures)
}

fn locked_crates() -> Result<usize, String> {
    let lock = fs::read_to_string(source_root().join("Cargo.lock"))
        .map_err(|error| format!("Cargo.lock: {error}"))?;
    Ok(lock.lines().filter(|line| *line == "[[package]]").count())
}

/// What runs in the program, as `cargo tree` lists it: neither build scripts nor tests.
fn linked_crates() -> Result<usize, String> {
    let output = cargo()
        .args([
            "tree",
            "--locked",
            "--package",
            "parceld",
            "--edges",
            "normal,no-proc-macro",
        ])
        .args(["--prefix", "none", "--format", "{p}"])
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cargo tree: {error}"))?;
    let tree = String::from_utf8_lossy(&output.stdout);
    let crates: BTreeSet<&str> = tree
        .lines()
        .map(|line| line.trim_end_matches(" (*)"))
        .filter(|line| !line.is_empty())
        .collect();
    Ok(crates.len())
}
