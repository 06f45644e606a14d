//! What a mixed load costs in calls, beside the least that it could.

use std::path::Path;
use std::time::Duration;

use super::figures::Figures;
use super::ground::Ground;
use crate::job_lines::{douyin_ship, gift_order, orders_sync};
use crate::simulator::Simulator;

const DOUYIN: u64 = 200;
const DOUYIN_SHOPS: u64 = 4;
const SYNCS: u64 = 100;
const OWNERS: u64 = 2;
const GIFTS: u64 = 60;
/// 4 Douyin calls, 4 syncs, 2 for the catalogue, 60 creates, 60 payments, 1 look at all packages.
const LEAST: f64 = 131.0;
const BOUND: Duration = Duration::from_secs(240);

pub(super) fn measure(binary: &Path) -> Result<Figures, String> {
    let simulator = Simulator::start(binary)?;
    simulator.change(r#"{"options": {"ship_after_ms": 6000}}"#)?;
    let ground = Ground::new(binary, simulator.address(), "")?;
    let douyin =
        (0..DOUYIN).map(|job| douyin_ship(&format!("D-{job}"), &format!("8{}", job % DOUYIN_SHOPS), job));
    let syncs = (0..SYNCS).map(|job| orders_sync(&format!("9{}", job % OWNERS), job));
    let gifts = (0..GIFTS).map(|job| gift_order(&format!("G-{job}")));
    ground.enqueue(douyin.chain(syncs).chain(gifts))?;
    let _worker = ground.program.start_worker()?;
    ground.wait_until_done(DOUYIN + SYNCS + GIFTS, BOUND)?;

    let ledger = simulator.ledger()?;
    let calls = ledger.get("calls").number();
    let mut figures = Figures::default();
    for (endpoint, calls) in ledger.get("by_endpoint").members() {
        figures.tell(&format!("  {endpoint}"), calls.count());
    }
    figures.tell("calls", calls);
    figures.tell("least possible", LEAST);
    figures.at_most("calls ÷ least possible", calls / LEAST, 1.15, "");
    figures.at_most(
        "worst sliding second, calls",
        ledger.get("worst_second").number(),
        10.0,
        "",
    );
    figures.at_most(
        "payments per order, at most",
        ledger.get("payments_per_order").greatest() as f64,
        1.0,
        "",
    );
    Ok(figures)
}
