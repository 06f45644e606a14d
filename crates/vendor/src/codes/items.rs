//! Codes of one item in a reply of dy-ship-free (vendor/error-codes.md, section 3.3): 1 is success (trap B5).

use parceld_domain::verdict::Hint;

use super::Meaning::{Success, Terminal};
use super::{Row, SHIP_DY, row};

/// The texts of an order that was shipped before are documented nowhere (trap H21); these words are guesses.
#[rustfmt::skip]
pub(super) static ROWS: [Row; 3] = [
    row(SHIP_DY, 1, "成功", Success, "shipped", "无需处理。")
        .of_item(),
    row(SHIP_DY, 0, "未查询到订单", Terminal,
        "order not found",
        "请核对抖音订单号、快递公司编码和运单号,以及订单是否属于该店铺,改正后重新提交。")
        .told_by_or_bare(&["未查询到订单"])
        .of_item(),
    row(SHIP_DY, 0, "(已发货,重复发货)", Terminal,
        "already shipped, shipped twice (wording not documented)",
        "该订单可能已发货。请在抖店后台核对运单号是否一致:一致则无需处理,不一致请人工修改。")
        .told_by(&["已发货", "已经发货", "重复发货"])
        .hinting(Hint::Effected)
        .of_item(),
];
