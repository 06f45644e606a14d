//! The sums of the ledger: what was created, paid, shipped and cancelled, and how often it was asked for.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::endpoint::Endpoint;
use crate::facts::Facts;

type Count = BTreeMap<String, u64>;

/// Counts by what they count.
#[derive(Default, Serialize)]
pub(crate) struct Sums {
    by_endpoint: Count,
    faults: Count,
    /// Vendor orders created under each remark.
    orders_per_remark: Count,
    /// Charges per vendor order.
    payments_per_order: Count,
    /// Vendor orders of each remark that were charged at least once.
    paid_orders_per_remark: Count,
    /// The most payments of one vendor order that were in flight at once.
    concurrent_payments: Count,
    /// Payment calls per vendor order, whatever came of them.
    payment_calls_per_order: Count,
    /// Shipments that took effect, by tid, or by `tid/sub_tid` for a part.
    shipments_per_trade: Count,
    /// `send` calls per tid, whatever came of them.
    send_calls_per_trade: Count,
    shipments_per_douyin_pair: Count,
    /// How often each pair stood in a `dy-ship-free` call, whatever came of it.
    calls_per_douyin_pair: Count,
    cancels_per_package: Count,
    /// Taken from the balance by payments.
    points_spent: u64,
    /// Reported as `withholding_money` by ERP calls; it is not taken from the balance (G4).
    points_withheld: u64,
    /// Payments of each vendor order that are in flight now.
    payments_in_flight: Count,
}

impl Sums {
    pub(crate) fn count_call(&mut self, endpoint: &str) {
        add_one(&mut self.by_endpoint, endpoint);
    }

    /// Counts what a call asks for, before it is known what comes of it.
    pub(crate) fn count_asked(&mut self, endpoint: Endpoint, facts: &Facts) {
        match (endpoint, &facts.tid, &facts.order_id) {
            (Endpoint::Send, Some(tid), _) => add_one(&mut self.send_calls_per_trade, tid),
            (Endpoint::SubmitPayment, _, Some(id)) => add_one(&mut self.payment_calls_per_order, id),
            (Endpoint::DyShipFree, _, _) => {
                facts
                    .pairs
                    .iter()
                    .for_each(|pair| add_one(&mut self.calls_per_douyin_pair, pair));
            }
            _ => {}
        }
    }

    pub(crate) fn count_fault(&mut self, fault: &str) {
        add_one(&mut self.faults, fault);
    }

    pub(crate) fn created(&mut self, remark: &str) {
        add_one(&mut self.orders_per_remark, remark);
    }

    pub(crate) fn paid(&mut self, order_id: u64, remark: &str, points: u64) {
        let order = order_id.to_string();
        add_one(&mut self.payments_per_order, &order);
        if self.payments_per_order.get(&order) == Some(&1) {
            add_one(&mut self.paid_orders_per_remark, remark);
        }
        self.points_spent += points;
    }

    pub(crate) fn shipped_trade(&mut self, tid: &str, part: &str) {
        let trade = if part.is_empty() {
            tid.to_owned()
        } else {
            format!("{tid}/{part}")
        };
        add_one(&mut self.shipments_per_trade, &trade);
    }

    pub(crate) fn shipped_pair(&mut self, order_id: &str, waybill_code: &str) {
        add_one(
            &mut self.shipments_per_douyin_pair,
            &format!("{order_id}/{waybill_code}"),
        );
    }

    pub(crate) fn cancelled(&mut self, package_id: u64) {
        add_one(&mut self.cancels_per_package, &package_id.to_string());
    }

    pub(crate) fn withheld(&mut self, points: u64) {
        self.points_withheld += points;
    }

    pub(crate) fn payment_begins(&mut self, order_id: &str) {
        add_one(&mut self.payments_in_flight, order_id);
        let now = self.payments_in_flight.get(order_id).copied().unwrap_or_default();
        let most = self.concurrent_payments.entry(order_id.to_owned()).or_default();
        *most = now.max(*most);
    }

    pub(crate) fn payment_ends(&mut self, order_id: &str) {
        if let Some(now) = self.payments_in_flight.get_mut(order_id) {
            // A reset in between forgot that it began.
            *now = now.saturating_sub(1);
        }
    }
}

fn add_one(count: &mut Count, key: &str) {
    *count.entry(key.to_owned()).or_default() += 1;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_charge_of_one_order_is_one_paid_order() {
        let mut sums = Sums::default();
        sums.paid(375, "r", 420);
        sums.paid(375, "r", 420);
        sums.paid(376, "r", 420);
        assert_eq!(sums.payments_per_order["375"], 2);
        assert_eq!(sums.paid_orders_per_remark["r"], 2);
        assert_eq!(sums.points_spent, 1_260);
    }

    #[test]
    fn the_most_payments_at_once_are_remembered() {
        let mut sums = Sums::default();
        sums.payment_begins("375");
        sums.payment_ends("375");
        sums.payment_begins("375");
        assert_eq!(sums.concurrent_payments["375"], 1);
        sums.payment_begins("375");
        sums.payment_ends("375");
        assert_eq!(sums.concurrent_payments["375"], 2);
    }
}
