//! Codes of one item in a reply of dy-ship-free (vendor/error-codes.md, section 3.3): 1 is success (trap B5).
//!
//! They are here to be explained; what an item makes of its job is decided where the earlier attempts are known.

use super::Meaning::{Success, Terminal};
use super::{Row, SHIP_DY, row};

/// Other texts of code 0 are documented nowhere (trap H21).
#[rustfmt::skip]
pub(super) static ROWS: [Row; 2] = [
    row(SHIP_DY, 1, "成功", Success,
        "shipped (the code of an item in the reply)",
        "无需处理。")
        .of_item(),
    row(SHIP_DY, 0, "未查询到订单", Terminal,
        "order not found (the code of an item in the reply)",
        "请核对抖音订单号、快递公司编码和运单号，以及订单是否属于该店铺，改正后重新提交。")
        .of_item(),
];
