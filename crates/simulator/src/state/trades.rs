//! Taobao trades: shipped once, whole or in parts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The 614 texts this stand-in gives to `send` and `detail`.
pub(crate) mod refusal {
    pub(crate) const CLOSED: &str = "物流的订单状态为关闭状态,无需发货";
    pub(crate) const SHIPPED: &str = "物流订单状态不为新建状态,无需发货处理";
    pub(crate) const UNKNOWN: &str = "物流订单不存在";
    pub(crate) const SPLIT: &str = "订单已拆单,必须传入子交易号列表";
    pub(crate) const NO_SUCH_PART: &str = "子订单号没有精确匹配";
}

/// How a trade stands at Taobao.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Standing {
    /// Every trade, until it is shipped or control says otherwise.
    #[default]
    Awaiting,
    Closed,
    /// No such trade.
    Unknown,
}

/// One parcel that left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Shipment {
    pub(crate) out_sid: String,
    pub(crate) company_code: String,
    pub(crate) shipped_ms: i64,
}

/// One trade.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Trade {
    pub(crate) shop: String,
    pub(crate) created_ms: i64,
    pub(crate) standing: Standing,
    /// The sub-orders of a trade that was split beforehand.
    pub(crate) parts: Vec<String>,
    /// By sub-order list; the empty list is the whole trade.
    pub(crate) shipments: BTreeMap<String, Shipment>,
}

impl Trade {
    /// Ships the trade or one part of it, or says why not.
    pub(crate) fn ship(&mut self, part: &str, shipment: Shipment) -> Result<(), &'static str> {
        match self.standing {
            Standing::Unknown => return Err(refusal::UNKNOWN),
            Standing::Closed => return Err(refusal::CLOSED),
            Standing::Awaiting => {}
        }
        if self.shipments.contains_key("") || self.shipments.contains_key(part) {
            return Err(refusal::SHIPPED);
        }
        let split = !self.parts.is_empty() || !self.shipments.is_empty();
        if part.is_empty() && split {
            return Err(refusal::SPLIT);
        }
        if !self.parts.is_empty()
            && !part
                .split(',')
                .all(|sub| self.parts.iter().any(|known| known == sub))
        {
            return Err(refusal::NO_SUCH_PART);
        }
        self.shipments.insert(part.to_owned(), shipment);
        Ok(())
    }
}

/// All trades that were named so far, and rows that control seeded for paging.
#[derive(Default)]
pub(crate) struct Trades {
    pub(crate) known: BTreeMap<String, Trade>,
    /// Logistics rows a shop has besides the known trades.
    pub(crate) seeded_rows: BTreeMap<String, u64>,
}

impl Trades {
    /// The trade of this number: any number exists, and belongs to the shop that names it first.
    pub(crate) fn named(&mut self, tid: &str, shop: &str, now_ms: i64) -> &mut Trade {
        let trade = self.known.entry(tid.to_owned()).or_insert_with(|| Trade {
            created_ms: now_ms,
            shop: shop.to_owned(),
            ..Trade::default()
        });
        if trade.shop.is_empty() {
            shop.clone_into(&mut trade.shop);
        }
        trade
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parcel(out_sid: &str) -> Shipment {
        Shipment {
            out_sid: out_sid.to_owned(),
            company_code: "YTO".to_owned(),
            shipped_ms: 0,
        }
    }

    #[test]
    fn a_trade_is_shipped_once() {
        let mut trade = Trade::default();
        assert_eq!(trade.ship("", parcel("YT1")), Ok(()));
        assert_eq!(trade.ship("", parcel("YT1")), Err(refusal::SHIPPED));
        assert_eq!(trade.ship("1", parcel("YT2")), Err(refusal::SHIPPED));
    }

    #[test]
    fn the_parts_of_a_split_trade_are_shipped_once_each() {
        let mut trade = Trade {
            parts: vec!["1".to_owned(), "2".to_owned()],
            ..Trade::default()
        };
        assert_eq!(trade.ship("", parcel("YT0")), Err(refusal::SPLIT));
        assert_eq!(trade.ship("3", parcel("YT3")), Err(refusal::NO_SUCH_PART));
        assert_eq!(trade.ship("1", parcel("YT1")), Ok(()));
        assert_eq!(trade.ship("1", parcel("YT1")), Err(refusal::SHIPPED));
        assert_eq!(trade.ship("2", parcel("YT2")), Ok(()));
    }

    #[test]
    fn closed_and_unknown_trades_are_not_shipped() {
        let mut closed = Trade {
            standing: Standing::Closed,
            ..Trade::default()
        };
        assert_eq!(closed.ship("", parcel("YT1")), Err(refusal::CLOSED));
        let mut unknown = Trade {
            standing: Standing::Unknown,
            ..Trade::default()
        };
        assert_eq!(unknown.ship("", parcel("YT1")), Err(refusal::UNKNOWN));
    }
}
