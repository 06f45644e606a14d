//! The ERP's file: what it wants done, with the faults that a real file has.

use crate::job_lines::{douyin_ship, gift_order, taobao_ship, taobao_trade};

/// The shops whose Taobao trades are shipped.
const TAOBAO_SHOPS: [&str; 2] = ["501", "502"];
/// The shops whose Douyin orders are shipped.
pub(super) const DOUYIN_SHOPS: [&str; 2] = ["811", "812"];
/// The shop that has not authorised us.
pub(super) const SHUT_SHOP: &str = "733";

pub(super) const TAOBAO: u64 = 60;
pub(super) const DOUYIN: u64 = 40;
pub(super) const GIFTS: u64 = 6;
/// Taobao shipments of the shop that has not authorised us.
pub(super) const SHUT: u64 = 4;
/// All jobs of the file, with the one that the vendor refuses.
pub(super) const JOBS: u64 = TAOBAO + DOUYIN + GIFTS + SHUT + 1;

/// The trade that its buyer has closed.
pub(super) const CLOSED_KEY: &str = "TB-CLOSED";
pub(super) const CLOSED_TID: &str = "1692089714634388888";
/// The gift order whose payment is cut off.
pub(super) const CUT_KEY: &str = "GIFT-3";

/// The whole file, one job a line. The line without its waybill and the repeated one follow the first Taobao trades.
pub(super) fn file() -> String {
    let mut lines: Vec<String> = (1..=TAOBAO).map(taobao).collect();
    let waybill = r#""out_sid":"YT0000061","#;
    lines.push(taobao(TAOBAO + 1).replace(waybill, ""));
    lines.push(taobao(1));
    lines.push(taobao_trade(CLOSED_KEY, TAOBAO_SHOPS[0], CLOSED_TID, "YT8888888"));
    lines.extend((1..=SHUT).map(|number| taobao_ship(&format!("TB-NEW-{number}"), SHUT_SHOP, 900 + number)));
    lines.extend(
        (1..=DOUYIN).map(|number| douyin_ship(&format!("DY-{number}"), shop(&DOUYIN_SHOPS, number), number)),
    );
    lines.extend((1..=GIFTS).map(|number| gift_order(&format!("GIFT-{number}"))));
    lines.join("\n") + "\n"
}

fn taobao(number: u64) -> String {
    taobao_ship(&format!("TB-{number}"), shop(&TAOBAO_SHOPS, number), number)
}

fn shop<'a>(shops: &[&'a str], number: u64) -> &'a str {
    shops[number as usize % shops.len()]
}
