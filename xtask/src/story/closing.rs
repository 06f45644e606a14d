//! The end of the story: what the vendor saw beside what parceld says, and the facts that must hold.

use super::erp::{CLOSED_TID, CUT_KEY, DOUYIN, GIFTS, JOBS, SHUT, TAOBAO};
use super::scene::Scene;
use crate::json::Json;

/// What the vendor allows.
const CALLS_A_SECOND: u64 = 10;

const LEFT_WIDTH: usize = 44;
const RIGHT_WIDTH: usize = 38;
/// Of which the figures take so much.
const FIGURE_WIDTH: usize = 8;

/// Prints both sides side by side.
pub(super) fn print_table(scene: &Scene) {
    let (vendor, parceld) = (vendor_rows(&scene.ledger), parceld_rows(&scene.stats));
    let blank = String::new();
    for line in 0..vendor.len().max(parceld.len()) {
        let left = vendor.get(line).unwrap_or(&blank);
        let right = parceld.get(line).unwrap_or(&blank);
        println!("{}", format!("   {left:LEFT_WIDTH$}    {right}").trim_end());
    }
}

/// Prints every fact; an error names those that do not hold.
pub(super) fn judge(scene: &Scene) -> Result<(), String> {
    let mut broken = Vec::new();
    for (fact, holds) in facts(scene) {
        println!("   {}  {fact}", if holds { "true " } else { "WRONG" });
        if !holds {
            broken.push(fact);
        }
    }
    if broken.is_empty() {
        return Ok(());
    }
    Err(format!(
        "the demo went wrong; this does not hold: {}",
        broken.join("; ")
    ))
}

fn facts(scene: &Scene) -> Vec<(String, bool)> {
    let ledger = &scene.ledger;
    let most = |name: &str| ledger.get(name).greatest();
    let paid = ledger.get("paid_orders_per_remark");
    vec![
        (
            format!("never more than {CALLS_A_SECOND} calls in any second"),
            ledger.get("worst_second").count() <= CALLS_A_SECOND,
        ),
        (
            format!("{GIFTS} gift orders created and paid, none of them twice, not even {CUT_KEY}"),
            paid.members().len() as u64 == GIFTS
                && paid.sum() == GIFTS
                && most("orders_per_remark") == 1
                && most("payment_calls_per_order") == 1,
        ),
        (
            format!("{} parcels shipped, none of them twice", TAOBAO + SHUT + DOUYIN),
            ledger.get("shipments_per_trade").sum() == TAOBAO + SHUT
                && ledger.get("shipments_per_douyin_pair").sum() == DOUYIN
                && most("shipments_per_trade") == 1
                && most("shipments_per_douyin_pair") == 1,
        ),
        (
            "the trade that the vendor refused was asked for once".to_owned(),
            ledger.get("send_calls_per_trade").get(CLOSED_TID).count() == 1,
        ),
        (
            format!(
                "of {JOBS} jobs {} are done and 1 failed with a reason; none is lost",
                JOBS - 1
            ),
            scene.stats.get("accepted").count() == JOBS
                && scene.jobs("done") == JOBS - 1
                && scene.jobs("failed") == 1,
        ),
    ]
}

fn vendor_rows(ledger: &Json) -> Vec<String> {
    let row = |name: &str, figure: u64| row(LEFT_WIDTH, name, figure);
    let count = |name: &str| ledger.get(name).count();
    let most = |name: &str| ledger.get(name).greatest();
    let mut rows = heading("What the vendor's ledger says", LEFT_WIDTH);
    rows.push(row("calls", count("calls")));
    for (endpoint, calls) in ledger.get("by_endpoint").members() {
        rows.push(row(&format!("  {endpoint}"), calls.count()));
    }
    rows.extend([
        row(
            &format!("worst second ({CALLS_A_SECOND} allowed)"),
            count("worst_second"),
        ),
        row("gift orders created", ledger.get("orders_per_remark").sum()),
        row("gift orders paid", ledger.get("paid_orders_per_remark").sum()),
        row("payments per order, at most", most("payments_per_order")),
        row(
            "shipments per trade, at most",
            most("shipments_per_trade").max(most("shipments_per_douyin_pair")),
        ),
        row("points spent on gift orders", count("points_spent")),
        row("points charged for shipping calls", count("points_withheld")),
    ]);
    rows
}

fn parceld_rows(stats: &Json) -> Vec<String> {
    let row = |name: &str, figure: u64| row(RIGHT_WIDTH, name, figure);
    let mut rows = heading("What parceld says (parceld stats)", RIGHT_WIDTH);
    rows.push(row("jobs taken in", stats.get("accepted").count()));
    for (state, jobs) in stats.get("states").members() {
        rows.push(row(&format!("  {state}"), jobs.count()));
    }
    rows.push(String::new());
    for (kind, jobs) in stats
        .get("kinds")
        .members()
        .iter()
        .filter(|(_, jobs)| jobs.count() > 0)
    {
        rows.push(row(kind, jobs.count()));
    }
    rows.push(String::new());
    rows.push(row("parked scopes", stats.get("parked").items().len() as u64));
    rows
}

fn row(width: usize, name: &str, figure: u64) -> String {
    let name_width = width - FIGURE_WIDTH;
    format!("{name:name_width$}{figure:FIGURE_WIDTH$}")
}

fn heading(words: &str, width: usize) -> Vec<String> {
    vec![words.to_owned(), "─".repeat(width)]
}
