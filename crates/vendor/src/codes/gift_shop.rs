//! Codes of the gift shop (vendor/error-codes.md, section 3.2).
//!
//! 10407, 10408, 10410, 10413 and 10416 may be the echo of an earlier attempt that took effect (traps H15, H18).

use parceld_domain::verdict::Hint;

use super::Meaning::{LookUp, Terminal};
use super::{Row, SHOP, row};

/// 10401, 10404, 10405, 10414 and 10415 are documented nowhere (trap H20).
#[rustfmt::skip]
pub(super) static ROWS: [Row; 11] = [
    row(SHOP, 10402, "当前产品不存在", Terminal,
        "product does not exist",
        "请核对 product_id 是否在商品列表中，改正后用新内容重新提交。"),
    row(SHOP, 10403, "当前仓库不存在", Terminal,
        "warehouse does not exist",
        "请核对 warehouse_id 是否在仓库列表中，改正后用新内容重新提交。"),
    row(SHOP, 10406, "当前订单不存在", Terminal,
        "order does not exist",
        "请核对订单号；若是付款时出现，请到对方后台确认该订单是否还在。"),
    row(SHOP, 10407, "当前订单状态不是待付款状态", LookUp,
        "order is not awaiting payment",
        "订单可能已付款，也可能已取消。程序会先查询包裹状态再决定，不会重复付款。")
        .hinting(Hint::Effected),
    row(SHOP, 10408, "当前订单下没有包裹待付款包裹", LookUp,
        "no package awaiting payment in this order",
        "订单下没有待付款的包裹，可能已付款或已取消。程序会先查询包裹状态再决定，不会重复付款。")
        .hinting(Hint::Effected),
    row(SHOP, 10409, "订单创建失败", Terminal,
        "order creation failed",
        "请检查商品、仓库、收件人等内容，改正后用新内容重新提交；多个收件人时可拆成单个订单逐一排查。"),
    row(SHOP, 10410, "订单付款失败", LookUp,
        "payment failed",
        "程序会先查询订单是否仍未付款。若仍未付款，请检查参数或联系对方客服。")
        .hinting(Hint::Effected),
    row(SHOP, 10411, "当前包裹不存在", Terminal,
        "package does not exist",
        "请核对 package_id（包裹列表中的 id），改正后重新提交。"),
    row(SHOP, 10412, "当前包裹不能取消", Terminal,
        "package cannot be cancelled",
        "包裹可能已发货或已取消，不能再取消。请核对 package_id，并在包裹列表中查看其状态。")
        .hinting(Hint::Effected),
    row(SHOP, 10413, "当前包裹取消失败", LookUp,
        "cancelling failed",
        "程序会先查询包裹状态。若仍未取消，请核对 package_id 或联系对方客服。")
        .hinting(Hint::Effected),
    row(SHOP, 10416, "支付超时", LookUp,
        "payment timeout",
        "程序会先查询订单是否已付款。只有确认未付款或已取消，才可人工决定重新下单，以免重复发货。")
        .hinting(Hint::Effected),
];
