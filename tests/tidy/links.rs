//! What the pages for people point at is there: a promise names the test that shows it.

use std::fs;

use crate::metadata::root;

const PAGES: [&str; 5] = [
    "README.md",
    "README.zh-CN.md",
    "ARCHITECTURE.md",
    "docs/guarantees.md",
    "docs/runbook.md",
];

#[test]
fn every_file_that_a_page_points_at_exists() {
    for page in PAGES {
        let path = root().join(page);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{page}: {error}"));
        let folder = path.parent().expect("a page lies in a folder");
        let missing: Vec<&str> = files(&text).filter(|file| !folder.join(file).exists()).collect();
        assert!(missing.is_empty(), "{page} points at {missing:?}");
    }
}

/// The targets of a page's links, those to other sites and within the page left out.
fn files(text: &str) -> impl Iterator<Item = &str> {
    let targets = text.split("](").skip(1);
    targets
        .filter_map(|rest| rest.split(['#', ')']).next())
        .filter(|target| !target.is_empty() && !target.contains("://"))
}
