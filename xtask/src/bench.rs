//! `cargo xtask bench`: what parceld does in figures, each beside its target. A release build, on a private Redis that
//! synchronises its append-only file before each reply.

mod build;
mod calls;
mod claim;
mod figures;
mod ground;
mod idle;
mod latency;
mod limit;
mod machine;
mod recovery;
mod send_stub;

use std::path::Path;

use self::figures::Figures;
use crate::cargo::build_release;

/// One measurement.
struct Bench {
    name: &'static str,
    what: &'static str,
    measure: fn(&Path) -> Result<Figures, String>,
}

const BENCHES: [Bench; 7] = [
    Bench {
        name: "limit",
        what: "four worker processes with more work than the vendor allows",
        measure: limit::measure,
    },
    Bench {
        name: "calls",
        what: "how many calls a mixed load costs",
        measure: calls::measure,
    },
    Bench {
        name: "latency",
        what: "from a line written to `parceld enqueue` to the call at the vendor, all idle",
        measure: latency::measure,
    },
    Bench {
        name: "recovery",
        what: "seconds from kill -9 of a worker amid its calls to the next call of the same jobs at the vendor",
        measure: recovery::measure,
    },
    Bench {
        name: "idle",
        what: "what a worker costs that has nothing to do",
        measure: idle::measure,
    },
    Bench {
        name: "claim",
        what: "a million queued jobs",
        measure: claim::measure,
    },
    Bench {
        name: "build",
        what: "a release build from nothing",
        measure: build::measure,
    },
];

/// Whether there is a measurement of this name.
pub(crate) fn is_known(name: &str) -> bool {
    BENCHES.iter().any(|bench| bench.name == name)
}

/// Measures what is named, or everything; an error names the targets that were missed.
pub(crate) fn run(names: &[&str]) -> Result<(), String> {
    let binary = build_release()?;
    machine::print();
    let mut missed = Vec::new();
    for bench in BENCHES
        .iter()
        .filter(|bench| names.is_empty() || names.contains(&bench.name))
    {
        println!("\n{}: {}", bench.name, bench.what);
        let figures = (bench.measure)(&binary)?;
        figures.print();
        missed.extend(figures.missed().map(|what| format!("{}: {what}", bench.name)));
    }
    if missed.is_empty() {
        Ok(())
    } else {
        Err(format!("missed: {}", missed.join("; ")))
    }
}
