//! `send`: ships one Taobao trade with a waybill of one's own.

use serde_json::json;

use super::{Answer, Desk, Refused, required};
use crate::fields::Fields;
use crate::reply::Reply;
use crate::state::trades::Shipment;

const TERMINAL: i64 = 614;
const NO_WAYBILL: &str = "运单号为空";
const NO_CARRIER: &str = "没有选择物流公司";
const NO_TRADE: &str = "参数为空";
const HALF_SPLIT: &str = "拆单标记 和子订单列表两者必须都填或者都不填";
const CARRIER_NAME_TOO_LONG: &str = "物流公司名称过长";
const NO_SUCH_CARRIER: &str = "物流公司不存在或被禁用";

/// A carrier that is no partner of Taobao goes by its name, which may be so long (D21).
const LONGEST_CARRIER_NAME: usize = 20;

pub(super) fn send(fields: &Fields, desk: &mut Desk<'_>) -> Result<Answer, Refused> {
    let shop = required(fields, "shop_id", 100)?;
    if let Some(refusal) = desk.shop_refusal(&shop) {
        return Err(refusal.into());
    }
    let needed = |name, text| {
        fields
            .text(name)
            .ok_or_else(|| Reply::refused_saying(TERMINAL, text))
    };
    let tid = needed("tid", NO_TRADE)?;
    let out_sid = needed("out_sid", NO_WAYBILL)?;
    let company_code = needed("company_code", NO_CARRIER)?;
    if company_code.chars().count() > LONGEST_CARRIER_NAME {
        return Err(Reply::refused_saying(TERMINAL, CARRIER_NAME_TOO_LONG).into());
    }
    if company_code.eq_ignore_ascii_case("other") {
        return Err(Reply::refused_saying(TERMINAL, NO_SUCH_CARRIER).into());
    }
    let part = fields.text("sub_tid").unwrap_or_default();
    let is_split = fields.whole("is_split")?.unwrap_or(0) == 1;
    if is_split == part.is_empty() {
        return Err(Reply::refused_saying(TERMINAL, HALF_SPLIT).into());
    }
    let shipment = Shipment {
        out_sid,
        company_code,
        shipped_ms: desk.now_ms,
    };
    let trade = desk.state.trades.named(&tid, &shop, desk.now_ms);
    trade
        .ship(&part, shipment)
        .map_err(|text| Reply::refused_saying(TERMINAL, text))?;
    desk.sums.shipped_trade(&tid, &part);
    let withheld = desk.withhold();
    Ok(Answer::changed(Reply::ok(
        json!([{"withholding_money": withheld, "success": true}]),
    )))
}
