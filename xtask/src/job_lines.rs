//! Job lines as an ERP writes them.

/// A Taobao trade to be shipped; each number is another trade.
pub(crate) fn taobao_ship(key: &str, shop: &str, number: u64) -> String {
    taobao_trade(
        key,
        shop,
        &(1_692_089_714_634_000_000 + number).to_string(),
        &format!("YT{number:07}"),
    )
}

/// A Taobao trade of this number to be shipped with this waybill.
pub(crate) fn taobao_trade(key: &str, shop: &str, tid: &str, out_sid: &str) -> String {
    line(&format!(
        r#"{{"kind":"taobao.ship","key":"{key}",
            "payload":{{"shop_id":"{shop}","tid":"{tid}","out_sid":"{out_sid}","company_code":"YTO"}}}}"#
    ))
}

/// A Douyin order to be shipped; each number is another order.
pub(crate) fn douyin_ship(key: &str, shop: &str, number: u64) -> String {
    line(&format!(
        r#"{{"kind":"douyin.ship","key":"{key}",
            "payload":{{"shop_id":"{shop}","order_id":"48399435156799{number:05}A",
                "logistics_code":"shentong","waybill_code":"SF{number:08}"}}}}"#
    ))
}

/// A gift for one person.
pub(crate) fn gift_order(key: &str) -> String {
    line(&format!(
        r#"{{"kind":"gift.order","key":"{key}",
            "payload":{{"product_id":28,"warehouse_id":23,"source":"taobao","consignees":[{{
                "consignee":"张三","mobile":"13800000000","province":"浙江","city":"杭州",
                "district":"余杭区","address":"余杭街道1号"}}]}}}}"#
    ))
}

/// Two orders of an owner to be read; each number is another pair.
pub(crate) fn orders_sync(owner: &str, number: u64) -> String {
    line(&format!(
        r#"{{"kind":"orders.sync","payload":{{"owner_id":"{owner}",
            "order_sns":["201117-{number:06}1","201117-{number:06}2"]}}}}"#
    ))
}

/// No text here has white space of its own.
fn line(text: &str) -> String {
    text.split_whitespace().collect()
}
