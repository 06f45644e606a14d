//! `dy-ship-free`: ships Douyin orders of one shop, each with a result of its own.

use serde_json::{Value, json};

use super::{Answer, Desk, Refused, required};
use crate::fields::{Fields, as_text};
use crate::reply::{Reply, to_full_width};
use crate::state::douyin::Item;

/// An order number that begins so spoils the whole call.
const BAD: &str = "BAD";

const NOT_FOUND: &str = "未查询到订单";
const SHIPPED_BEFORE: &str = "订单已发货";

/// Item codes are the opposite of the envelope's (B5).
const ITEM_SUCCESS: u8 = 1;
const ITEM_FAILURE: u8 = 0;

struct Asked {
    order_id: String,
    waybill_code: String,
}

pub(super) fn dy_ship_free(fields: &Fields, desk: &mut Desk<'_>) -> Result<Answer, Refused> {
    let shop = required(fields, "shop_id", 100)?;
    if let Some(refusal) = desk.shop_refusal(&shop) {
        return Err(refusal.into());
    }
    let asked = asked(fields)
        .filter(|asked| !asked.is_empty())
        .ok_or_else(|| Reply::refused(100))?;
    if asked.iter().any(|item| item.order_id.starts_with(BAD)) {
        return Err(Reply::refused(100).into());
    }
    let mut effect = false;
    let mut result = Vec::new();
    for item in desk.worked_off(&asked) {
        let became = desk.state.douyin.ship(&item.order_id, &item.waybill_code);
        if became == Item::Shipped {
            effect = true;
            desk.sums.shipped_pair(&item.order_id, &item.waybill_code);
        }
        result.extend(shown(item, became, desk));
    }
    // Charged for the request, also when every item failed (G3).
    let withheld = desk.withhold();
    let data = json!({"result": result, "withholding_money": withheld});
    Ok(Answer {
        reply: Reply::ok_saying("操作成功", data),
        effect,
    })
}

/// The orders of the call: an array as in the example, or one object as in the samples (A6).
fn asked(fields: &Fields) -> Option<Vec<Asked>> {
    let items = match fields.structured("params")? {
        Value::Array(items) => items,
        item @ Value::Object(_) => vec![item],
        _ => return None,
    };
    let part = |item: &Value, name: &str| item.get(name).and_then(as_text);
    let one = |item: &Value| {
        part(item, "logistics_code")?;
        Some(Asked {
            order_id: part(item, "order_id")?,
            waybill_code: part(item, "waybill_code")?,
        })
    };
    items.iter().map(one).collect()
}

fn shown(item: &Asked, became: Item, desk: &Desk<'_>) -> Option<Value> {
    let options = &desk.state.options;
    let (code, text) = match became {
        Item::Shipped => (ITEM_SUCCESS, ""),
        Item::Repeated if options.douyin_repeat_code == ITEM_SUCCESS => (ITEM_SUCCESS, ""),
        Item::Repeated | Item::ShippedOtherwise => (ITEM_FAILURE, SHIPPED_BEFORE),
        Item::NotFound => (ITEM_FAILURE, NOT_FOUND),
        Item::Absent => return None,
    };
    let code = if options.item_code_as_text {
        json!(code.to_string())
    } else {
        json!(code)
    };
    let text = if options.reply_full_width {
        to_full_width(text)
    } else {
        text.to_owned()
    };
    Some(json!({"order_id": item.order_id, "waybill_code": item.waybill_code, "code": code, "err_msg": text}))
}
