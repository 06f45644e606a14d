//! Douyin orders: shipped once, and never to be read back (J2).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How a Douyin order stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Standing {
    /// Every order, until control says otherwise.
    #[default]
    Known,
    /// Answered with item code 0, order not found.
    Unknown,
    /// Left out of the reply, without being shipped.
    Absent,
}

/// What became of one order in a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    Shipped,
    /// This very pair was shipped before.
    Repeated,
    /// It was shipped before with another waybill.
    ShippedOtherwise,
    NotFound,
    Absent,
}

/// The Douyin orders: those of unusual standing, and the waybill each shipped one left with.
#[derive(Default, Serialize)]
pub(crate) struct Douyin {
    pub(crate) standings: BTreeMap<String, Standing>,
    pub(crate) waybills: BTreeMap<String, String>,
}

impl Douyin {
    pub(crate) fn ship(&mut self, order_id: &str, waybill_code: &str) -> Item {
        match self.standings.get(order_id).copied().unwrap_or_default() {
            Standing::Unknown => return Item::NotFound,
            Standing::Absent => return Item::Absent,
            Standing::Known => {}
        }
        match self.waybills.get(order_id) {
            None => {
                self.waybills.insert(order_id.to_owned(), waybill_code.to_owned());
                Item::Shipped
            }
            Some(waybill) if waybill == waybill_code => Item::Repeated,
            Some(_) => Item::ShippedOtherwise,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_shipped_once_and_another_waybill_never() {
        let mut douyin = Douyin::default();
        assert_eq!(douyin.ship("1A", "SF1"), Item::Shipped);
        assert_eq!(douyin.ship("1A", "SF1"), Item::Repeated);
        assert_eq!(douyin.ship("1A", "SF2"), Item::ShippedOtherwise);
        douyin.standings.insert("2A".to_owned(), Standing::Unknown);
        assert_eq!(douyin.ship("2A", "SF1"), Item::NotFound);
        assert!(!douyin.waybills.contains_key("2A"));
    }
}
