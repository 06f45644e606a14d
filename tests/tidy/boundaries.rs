//! Who may name whom: the arrows between our crates, and the libraries that live behind one crate.

use std::collections::BTreeSet;
use std::fs;

use crate::metadata::{packages, root};

/// All arrows that there may be, down only. A package that is not here may not be in the workspace.
const ARROWS: [(&str, &[&str]); 10] = [
    (
        "parceld",
        &[
            "parceld-domain",
            "parceld-producer",
            "parceld-simulator",
            "parceld-store",
            "parceld-vendor",
            "parceld-worker",
        ],
    ),
    (
        "parceld-worker",
        &["parceld-domain", "parceld-store", "parceld-vendor"],
    ),
    ("parceld-producer", &["parceld-domain", "parceld-store"]),
    ("parceld-store", &["parceld-domain"]),
    ("parceld-vendor", &["parceld-domain"]),
    ("parceld-domain", &[]),
    // A second reading of the vendor's documents is worth something only as long as it is apart.
    ("parceld-simulator", &[]),
    ("parceld-harness", &[]),
    ("parceld-test-support", &["parceld-harness"]),
    ("xtask", &["parceld-harness"]),
];

/// Libraries that one crate hides from all others (tests apart).
const HIDDEN: [(&str, &[&str]); 5] = [
    ("redis", &["parceld-store"]),
    ("reqwest", &["parceld-vendor"]),
    ("apalis", &["parceld-worker"]),
    ("apalis-core", &["parceld-worker"]),
    ("testcontainers", &["parceld-test-support"]),
];

/// All that `domain` may build on: data and decisions, nothing that waits or reaches out. (jiff reads and writes dates
/// that are given; that nobody asks it for the time is seen in the source.)
const PURE: [&str; 6] = [
    "backon",
    "jiff",
    "serde",
    "serde_json",
    "thiserror",
    "unicode-normalization",
];

/// The first has no maintainer any more (backon is in its place); the second loses and repeats jobs.
const UNWANTED: [&str; 2] = ["backoff", "apalis-redis"];

#[test]
fn arrows_between_our_crates_point_down_only() {
    let ours: BTreeSet<&str> = packages()
        .iter()
        .filter(|package| package.ours)
        .map(|package| &*package.name)
        .collect();
    for package in packages().iter().filter(|package| package.ours) {
        let (_, allowed) = ARROWS
            .iter()
            .find(|(name, _)| *name == package.name)
            .unwrap_or_else(|| panic!("{} has no place in the house: add its arrows here", package.name));
        let arrows: BTreeSet<&str> = package
            .dependencies
            .iter()
            .map(String::as_str)
            .filter(|name| ours.contains(name))
            .collect();
        let wrong: Vec<_> = arrows.iter().filter(|name| !allowed.contains(name)).collect();
        assert!(wrong.is_empty(), "{} must not depend on {wrong:?}", package.name);
    }
}

#[test]
fn each_outside_system_is_named_by_one_crate() {
    for (library, homes) in HIDDEN {
        let mut named_by = packages()
            .iter()
            .filter(|package| package.ours && package.dependencies.contains(library));
        let stray = named_by.find(|package| !homes.contains(&&*package.name));
        assert!(
            stray.is_none(),
            "{library} belongs to {homes:?}, and {} names it",
            stray.unwrap().name
        );
    }
}

#[test]
fn the_domain_builds_on_nothing_that_reaches_out() {
    let domain = packages()
        .iter()
        .find(|package| package.name == "parceld-domain")
        .unwrap();
    let impure: Vec<_> = domain
        .dependencies
        .iter()
        .filter(|name| !PURE.contains(&name.as_str()))
        .collect();
    assert!(impure.is_empty(), "parceld-domain must not depend on {impure:?}");
}

#[test]
fn unwanted_packages_are_not_in_the_lock_file() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    for name in UNWANTED {
        assert!(
            !lock.contains(&format!("name = \"{name}\"\n")),
            "Cargo.lock has {name}"
        );
    }
}
