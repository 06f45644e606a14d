//! The ERP's file: what it wants done, with the faults that a real file has.

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
    lines.push(line(
        r#"{"kind":"taobao.ship","key":"TB-61",
            "payload":{"shop_id":"501","tid":"1692089714634374061","company_code":"YTO"}}"#,
    ));
    lines.push(taobao(1));
    lines.push(shipment(CLOSED_KEY, "501", CLOSED_TID, "YT8888"));
    lines.extend((1..=SHUT).map(shut));
    lines.extend((1..=DOUYIN).map(douyin));
    lines.extend((1..=GIFTS).map(gift));
    lines.join("\n") + "\n"
}

fn taobao(number: u64) -> String {
    let shop = shop(&TAOBAO_SHOPS, number);
    shipment(
        &format!("TB-{number}"),
        shop,
        &tid(number),
        &format!("YT{number:04}"),
    )
}

fn shut(number: u64) -> String {
    let trade = 900 + number;
    shipment(
        &format!("TB-NEW-{number}"),
        SHUT_SHOP,
        &tid(trade),
        &format!("YT{trade:04}"),
    )
}

fn tid(number: u64) -> String {
    (1_692_089_714_634_374_000 + number).to_string()
}

fn shop<'a>(shops: &[&'a str], number: u64) -> &'a str {
    shops[number as usize % shops.len()]
}

fn shipment(key: &str, shop: &str, tid: &str, out_sid: &str) -> String {
    line(&format!(
        r#"{{"kind":"taobao.ship","key":"{key}",
            "payload":{{"shop_id":"{shop}","tid":"{tid}","out_sid":"{out_sid}","company_code":"YTO"}}}}"#
    ))
}

fn douyin(number: u64) -> String {
    let shop = shop(&DOUYIN_SHOPS, number);
    line(&format!(
        r#"{{"kind":"douyin.ship","key":"DY-{number}",
            "payload":{{"shop_id":"{shop}","order_id":"48399435156799{number:05}A",
                "logistics_code":"shentong","waybill_code":"SF{number:08}"}}}}"#
    ))
}

fn gift(number: u64) -> String {
    line(&format!(
        r#"{{"kind":"gift.order","key":"GIFT-{number}",
            "payload":{{"product_id":28,"warehouse_id":23,"source":"taobao","consignees":[{{
                "consignee":"张三","mobile":"13800000000","province":"浙江","city":"杭州",
                "district":"余杭区","address":"余杭街道{number}号"}}]}}}}"#
    ))
}

/// No text in the file has white space of its own.
fn line(text: &str) -> String {
    text.split_whitespace().collect()
}
