//! The columns of the matrix: the ways in which an answer can break.

use serde_json::{Value, json};

use crate::lines::breakages;

/// One way.
#[derive(Debug, Clone)]
pub(super) struct Broken {
    pub(super) name: &'static str,
    pub(super) fault: Value,
    /// Whether it strikes before the effect, after it, or both.
    pub(super) whens: &'static [&'static str],
}

const BOTH: &[&str] = &["before", "after"];

/// Every way that the simulator knows.
pub(super) fn faults() -> Vec<Broken> {
    let more = [
        // In no table of the vendor's.
        ("unknown-code", json!({"code": 7_777, "msg": "全新的提示"}), BOTH),
        // A success that is none, before; one without its proof, after.
        ("bare-success", json!({"code": 0}), BOTH),
        ("500", json!({"http": 500}), BOTH),
        ("429", json!({"http": 429, "html": true}), BOTH),
        ("empty", json!({"empty": true}), BOTH),
        // The answer itself is right.
        ("content-type", json!({"content_type": "text/html"}), &["after"]),
        // To the very same path: a client that follows would ask again.
        ("redirect-302", json!({"redirect": 302}), BOTH),
        ("redirect-307", json!({"redirect": 307}), BOTH),
    ];
    let known = breakages().into_iter().map(|(name, fault)| (name, fault, BOTH));
    known
        .chain(more)
        .map(|(name, fault, whens)| Broken { name, fault, whens })
        .collect()
}
