//! The limit of calls, under more work than it lets through.

use std::path::Path;
use std::time::Duration;

use super::figures::Figures;
use super::ground::Ground;
use crate::job_lines::taobao_ship;
use crate::simulator::Simulator;

const WORKERS: usize = 4;
const SHOPS: u64 = 4;
/// Thirty-odd seconds' worth.
const JOBS: u64 = 320;
const BOUND: Duration = Duration::from_secs(120);

pub(super) fn measure(binary: &Path) -> Result<Figures, String> {
    let simulator = Simulator::start(binary)?;
    // Longer than the pause between two slots, so that calls overlap as they do at the vendor.
    simulator.change(r#"{"options": {"latency_ms": 500}}"#)?;
    let ground = Ground::new(binary, simulator.address(), "")?;
    ground
        .enqueue((0..JOBS).map(|job| taobao_ship(&format!("T-{job}"), &format!("{}", job % SHOPS), job)))?;
    let workers: Result<Vec<_>, _> = (0..WORKERS).map(|_| ground.program.start_worker()).collect();
    let _workers = workers?;
    ground.wait_until_done(JOBS, BOUND)?;

    let ledger = simulator.ledger()?;
    let calls = ledger.get("calls").number();
    let span_s = (ledger.get("last_ms").number() - ledger.get("first_ms").number()) / 1000.0;
    let mut figures = Figures::default();
    figures.tell("calls", calls);
    figures.tell("from the first to the last, s", format!("{span_s:.1}"));
    figures.at_most(
        "worst sliding second, calls",
        ledger.get("worst_second").number(),
        10.0,
        "",
    );
    figures.at_least("calls per second", (calls - 1.0) / span_s, 9.7, "");
    figures.at_most(
        "shipments per trade, at most",
        ledger.get("shipments_per_trade").greatest() as f64,
        1.0,
        "",
    );
    Ok(figures)
}
