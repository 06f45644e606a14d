//! `GET /sim/state`: the state as one document, without names, phones and addresses.

use serde_json::{Value, json};

use crate::clock::Clock;
use crate::state::State;
use crate::state::orders::Order;

pub(super) fn state(state: &State, clock: &Clock) -> Value {
    let now_ms = clock.now_ms();
    let orders: Vec<Value> = state
        .orders
        .newest_first()
        .map(|order| shown(order, state, now_ms))
        .collect();
    json!({
        "options": state.options,
        "balance": state.balance,
        "shops": state.shops,
        "trades": state.trades.known,
        "logistics": state.trades.seeded_rows,
        "douyin_orders": state.douyin.standings,
        "douyin_shipped": state.douyin.waybills,
        "products": state.catalogue.products,
        "warehouses": state.catalogue.warehouses,
        "orders": orders,
    })
}

fn shown(order: &Order, state: &State, now_ms: i64) -> Value {
    let packages = state.orders.packages_of(order).map(|package| {
        json!({
            "package_id": package.id,
            "platform_order_sn": package.recipient.platform_order_sn,
            "status": package.status_at(now_ms).map(|status| status as u8),
            "express_no": package.waybill_at(now_ms).map(|(number, _)| number),
        })
    });
    json!({
        "order_id": order.id,
        "order_sn": order.order_sn,
        "remark": order.remark,
        "source": order.source,
        "status": state.orders.status_at(order, now_ms).map(|status| status as u8),
        "total_price": order.total_price,
        "packages": packages.collect::<Vec<_>>(),
    })
}
