//! What is stored, without what it holds: the kinds of keys, the fields of their hashes, the names in their JSON.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::fixture::Fixture;

/// Hashes whose fields are names of their own: of lanes, of codes, of workers.
const COUNTERS: [&str; 6] = ["counts", "ready", "lanes", "passes", "failed:codes", "workers"];

/// What each kind of key is made of.
pub(super) fn of(fixture: &Fixture) -> BTreeMap<String, BTreeSet<String>> {
    let mut shape: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, entry) in &fixture.keys {
        // The name behind its last part that is the program's own word.
        let stem = match name.split_once(':') {
            Some(("failed", _)) | None => name.as_str(),
            Some((stem, _)) => stem,
        };
        let entry = entry.as_object().expect("an entry names its type");
        for (kind, value) in entry {
            let made_of = shape.entry(format!("{stem} ({kind})")).or_default();
            let Value::Object(fields) = value else { continue };
            if kind != "hash" || COUNTERS.contains(&stem) || stem == "job" {
                continue;
            }
            made_of.extend(fields.keys().cloned());
        }
    }
    for job in fixture.jobs() {
        let word = |name: &str| job[name].as_str().unwrap_or_default();
        let what = format!("job {} {} {}", word("kind"), word("step"), word("state"));
        let made_of = shape.entry(what).or_default();
        for (name, value) in job.as_object().expect("a job's fields") {
            made_of.insert(name.clone());
            if matches!(name.as_str(), "memory" | "result" | "payload") {
                inner(name, value.as_str().unwrap_or_default(), made_of);
            }
        }
    }
    shape
}

/// The names of a field's JSON, as `memory.since_ms`.
fn inner(field: &str, json: &str, made_of: &mut BTreeSet<String>) {
    if let Ok(Value::Object(names)) = serde_json::from_str(json) {
        made_of.extend(names.keys().map(|name| format!("{field}.{name}")));
    }
}
