//! A namespace as some version left it, and what stood at the vendor then.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::{dump, time_shift};
use crate::world::World;

/// A namespace is found by workers this long after it was left: all leases have run out.
const FOUND_AFTER_MS: u64 = 20_000;

/// One file of the folder.
pub(super) struct Fixture {
    pub(super) name: String,
    /// Redis's time when it was taken, Unix milliseconds.
    at_ms: u64,
    pub(super) keys: Map<String, Value>,
    /// The simulator's orders, oldest first, and trades.
    pub(super) vendor: Value,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/flows/fixture")
}

impl Fixture {
    /// Every file, in the order of their names.
    pub(super) fn all() -> Vec<Self> {
        let files = fs::read_dir(folder()).expect("the folder of fixtures");
        let mut paths: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
        paths.sort();
        paths.iter().map(|path| Self::read(path)).collect()
    }

    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).expect("the fixture can be read");
        let mut value: Value = serde_json::from_str(&text).expect("the fixture is JSON");
        let Value::Object(keys) = value["keys"].take() else {
            panic!("no keys in {}", path.display());
        };
        Fixture {
            name: path.file_name().unwrap().to_string_lossy().into_owned(),
            at_ms: value["at_ms"].as_u64().expect("the time of the fixture"),
            keys,
            vendor: value["vendor"].take(),
        }
    }

    /// What stands in the world now.
    pub(super) async fn taken(world: &World) -> Self {
        let at_ms = world.stats().await.now_ms;
        let state = world.vendor_state().await;
        let mut orders = state["orders"].as_array().expect("the vendor's orders").clone();
        orders.reverse();
        let mut taken = Fixture {
            name: "this version".to_owned(),
            at_ms,
            keys: dump::keys(world),
            vendor: json!({"orders": orders, "trades": state["trades"]}),
        };
        // HELP names it.
        taken.replace(&world.store.settings().namespace, "parceld");
        taken
    }

    /// Adds it to the folder; what stands there is never written anew.
    pub(super) fn write(&self, name: &str) {
        let path = folder().join(format!("{name}.json"));
        assert!(!path.exists(), "{} is kept as it is", path.display());
        let value = json!({"at_ms": self.at_ms, "keys": self.keys, "vendor": self.vendor});
        let text = serde_json::to_string_pretty(&value).expect("JSON can be written");
        fs::write(path, text + "\n").expect("the fixture can be written");
    }

    /// Replaces a text wherever it stands.
    pub(super) fn replace(&mut self, old: &str, new: &str) {
        self.rewrite(|text| text.replace(old, new));
    }

    fn rewrite(&mut self, change: impl Fn(&str) -> String) {
        let keys = std::mem::take(&mut self.keys);
        self.keys = keys
            .into_iter()
            .map(|(name, value)| (name, rewritten(value, &change)))
            .collect();
    }

    /// Writes it into the world's namespace as if it had been taken a little while ago.
    pub(super) async fn load(&mut self, world: &World) {
        let (from_ms, to_ms) = (self.at_ms, world.stats().await.now_ms - FOUND_AFTER_MS);
        self.rewrite(|text| time_shift::shifted(text, from_ms, to_ms));
        let format = world.redis(&["GET", "{}:format"]);
        assert_eq!(self.keys["format"]["string"], format, "a format that is read");
        dump::load(world, &self.keys);
    }

    /// The jobs.
    pub(super) fn ids(&self) -> Vec<String> {
        let jobs = self.keys["jobs"]["zset"]
            .as_object()
            .expect("the set of all jobs");
        jobs.keys().cloned().collect()
    }

    pub(super) fn jobs(&self) -> impl Iterator<Item = &Value> {
        let jobs = self.keys.iter().filter(|(name, _)| name.starts_with("job:"));
        jobs.map(|(_, entry)| &entry["hash"])
    }

    /// The keys of all jobs of a kind that can still come to an end well, or have.
    pub(super) fn keys_of(&self, kind: &str) -> Vec<String> {
        let keys = self.good_jobs(kind).map(|job| job["key"].as_str());
        keys.map(|key| key.expect("a key").to_owned()).collect()
    }

    /// The trades of all shipments that end well, or have.
    pub(super) fn trades(&self) -> Vec<String> {
        let payloads = self.good_jobs("taobao.ship").map(|job| job["payload"].as_str());
        let trade = |payload: Option<&str>| -> String {
            let payload: Value = serde_json::from_str(payload.expect("a payload")).expect("JSON");
            payload["tid"].as_str().expect("a trade").to_owned()
        };
        payloads.map(trade).collect()
    }

    fn good_jobs(&self, kind: &str) -> impl Iterator<Item = &Value> {
        let is_good = |job: &Value| job["state"] != "failed" && job["state"] != "cancelled";
        self.jobs().filter(move |job| job["kind"] == kind && is_good(job))
    }

    /// Packages that a job cancels or has cancelled.
    pub(super) fn packages_cancelled_or_to_cancel(&self) -> Vec<String> {
        self.keys_of("gift.cancel")
    }
}

fn rewritten(value: Value, change: &impl Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => change(&text).into(),
        Value::Array(items) => items.into_iter().map(|item| rewritten(item, change)).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| (change(&name), rewritten(value, change)))
            .collect::<Map<_, _>>()
            .into(),
        other => other,
    }
}
