//! `submit-payment`: takes an order's total from the balance.

use serde_json::json;

use super::{Answer, Desk, Refused};
use crate::fields::Fields;
use crate::reply::Reply;
use crate::state::packages::Status;

/// The words of the sample; the table says less (H1).
const BALANCE: (i64, &str) = (302, "点券余额不足");
/// The other spelling of the same (G9).
const BALANCE_204: (i64, &str) = (204, "免费次数或点券余额不足,请充值");

pub(super) fn submit_payment(fields: &Fields, desk: &mut Desk<'_>) -> Result<Answer, Refused> {
    let order_id = fields.whole("order_id")?.ok_or_else(|| Reply::refused(205))?;
    let options = &desk.state.options;
    let order = desk
        .state
        .orders
        .order(order_id)
        .ok_or_else(|| Reply::refused(10406))?;
    let status = desk.state.orders.status_at(order, desk.now_ms);
    let awaiting = desk.state.orders.awaiting_payment(order, desk.now_ms) as u64;
    let again = options.pay_twice && matches!(status, Some(Status::AwaitingShipment | Status::Shipped));
    if awaiting == 0 && !again {
        return Err(Reply::refused(10407).into());
    }
    // Packages that were cancelled before the payment are not paid for.
    let all = order.packages.len() as u64;
    let points = if awaiting == 0 {
        order.total_price
    } else {
        order.total_price * awaiting / all
    };
    if desk.state.balance < points {
        let (code, msg) = if options.balance_as_204 {
            BALANCE_204
        } else {
            BALANCE
        };
        return Err(Reply::refused_saying(code, msg).into());
    }
    let (ship_after_ms, waybill_after_ms) = (options.ship_after_ms, options.waybill_after_ms);
    desk.sums.paid(order_id, &order.remark, points);
    desk.state.balance -= points;
    desk.state
        .orders
        .pay(order_id, desk.now_ms, ship_after_ms, waybill_after_ms);
    Ok(Answer::changed(Reply::ok_saying("支付成功", json!([]))))
}
