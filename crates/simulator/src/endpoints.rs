//! The endpoints: what each one answers, and what it changes.

mod catalogue;
mod detail;
mod dy_ship_free;
mod get_package_cancel;
mod lists;
mod mpaging_orders;
mod order_create;
mod paging;
mod send;
mod submit_payment;

use serde_json::json;

use crate::clock::Clock;
use crate::endpoint::Endpoint;
use crate::faults::Distortion;
use crate::fields::{Fields, WrongType};
use crate::ledger::Sums;
use crate::reply::Reply;
use crate::state::State;

/// What an endpoint works with while it has the lock.
pub(crate) struct Desk<'a> {
    pub(crate) state: &'a mut State,
    pub(crate) sums: &'a mut Sums,
    pub(crate) clock: &'a Clock,
    pub(crate) now_ms: i64,
    pub(crate) distortion: Distortion,
}

impl Desk<'_> {
    /// The instant that lists and look-ups show: effects may show late (J8).
    fn seen_ms(&self) -> i64 {
        self.now_ms
            .saturating_sub_unsigned(self.state.options.visible_after_ms)
    }

    /// What a call of many items gets done: all of it, unless a fault says otherwise.
    fn worked_off<'t, T>(&self, items: &'t [T]) -> &'t [T] {
        let most = self.distortion.items_max.unwrap_or(items.len());
        &items[..most.min(items.len())]
    }

    /// The refusal that a shop's standing brings, if any.
    fn shop_refusal(&self, shop: &str) -> Option<Reply> {
        self.state.shops.refusal(shop, self.state.options.link_shape)
    }

    /// What this ERP call is said to cost.
    fn withhold(&mut self) -> u64 {
        let points = self.state.options.withholding_money;
        self.sums.withheld(points);
        points
    }
}

/// An answer, and whether it changed anything.
pub(crate) struct Answer {
    pub(crate) reply: Reply,
    pub(crate) effect: bool,
}

impl Answer {
    fn changed(reply: Reply) -> Self {
        Self { reply, effect: true }
    }
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        Self { reply, effect: false }
    }
}

/// A refusal on the way to an answer.
struct Refused(Reply);

impl From<WrongType> for Refused {
    fn from(_: WrongType) -> Self {
        Self(Reply::refused(208))
    }
}

impl From<Reply> for Refused {
    fn from(reply: Reply) -> Self {
        Self(reply)
    }
}

/// Answers a call. `fields` is none when the body could not be decoded.
pub(crate) fn answer(endpoint: Endpoint, fields: Option<&Fields>, desk: &mut Desk<'_>) -> Answer {
    if endpoint == Endpoint::Unknown {
        return Reply::refused(404).into();
    }
    let Some(fields) = fields else {
        return Reply::refused(100).into();
    };
    let answered = match endpoint {
        Endpoint::ListWarehouse => Ok(catalogue::list_warehouse(desk).into()),
        Endpoint::GetProductList => catalogue::get_product_list(fields, desk).map(Answer::from),
        Endpoint::GetShopInfo => catalogue::get_shop_info(fields, desk).map(Answer::from),
        Endpoint::OrderCreate => order_create::order_create(fields, desk),
        Endpoint::SubmitPayment => submit_payment::submit_payment(fields, desk),
        Endpoint::GetOrderList => lists::get_order_list(fields, desk).map(Answer::from),
        Endpoint::GetPackageList => lists::get_package_list(fields, desk).map(Answer::from),
        Endpoint::GetPackageCancel => get_package_cancel::get_package_cancel(fields, desk),
        Endpoint::GetUserBalance => Ok(Reply::ok(json!({"balance": desk.state.balance})).into()),
        Endpoint::DyShipFree => dy_ship_free::dy_ship_free(fields, desk),
        Endpoint::Send => send::send(fields, desk),
        Endpoint::Detail => detail::detail(fields, desk).map(Answer::from),
        Endpoint::MpagingOrders => mpaging_orders::mpaging_orders(fields, desk).map(Answer::from),
        Endpoint::Unknown => Ok(Reply::refused(404).into()),
    };
    answered.unwrap_or_else(|Refused(reply)| reply.into())
}

/// A field that must be there, or the code that says it is not.
fn required(fields: &Fields, name: &str, code: i64) -> Result<String, Refused> {
    fields.text(name).ok_or_else(|| Reply::refused(code).into())
}
