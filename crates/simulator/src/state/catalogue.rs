//! Gift products and warehouses.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A price in yuan with up to four decimals, kept as ten-thousandths: never a float (C5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Yuan(u64);

/// Ten-thousandths of a yuan in a point: 1 point = 1 fen = 0.01 yuan.
const PER_POINT: u64 = 100;
const DECIMALS: usize = 4;

impl Yuan {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        if decimals.len() > DECIMALS || !decimals.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        let padded: u64 = format!("{decimals:0<DECIMALS$}").parse().ok()?;
        whole
            .parse::<u64>()
            .ok()?
            .checked_mul(10_000)?
            .checked_add(padded)
            .map(Self)
    }

    /// The price of so many pieces in whole points, rounded half up.
    pub(crate) fn points(self, pieces: u64) -> u64 {
        self.0.saturating_mul(pieces).saturating_add(PER_POINT / 2) / PER_POINT
    }

    /// The price of one piece in points, with decimals only where there are any.
    pub(crate) fn points_text(self) -> String {
        match (self.0 / PER_POINT, self.0 % PER_POINT) {
            (whole, 0) => whole.to_string(),
            (whole, rest) => format!("{whole}.{rest:02}").trim_end_matches('0').to_owned(),
        }
    }

    /// The price as the JSON number the lists give, e.g. 0.78.
    pub(crate) fn number(self) -> serde_json::Value {
        let text = format!("{}.{:0DECIMALS$}", self.0 / 10_000, self.0 % 10_000);
        let text = text.trim_end_matches('0').trim_end_matches('.');
        serde_json::from_str(text).unwrap_or_default()
    }
}

impl<'de> Deserialize<'de> for Yuan {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        let text = crate::fields::as_text(&value).unwrap_or_default();
        Self::parse(&text).ok_or_else(|| D::Error::custom("a price is yuan with at most four decimals"))
    }
}

impl Serialize for Yuan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.number().serialize(serializer)
    }
}

/// One gift product.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Product {
    pub(crate) id: u64,
    pub(crate) name: String,
    /// Yuan, unlike everything else in the gift shop.
    #[serde(rename = "sale_price")]
    pub(crate) price: Yuan,
    /// Points.
    pub(crate) shipping_fee: u64,
    pub(crate) warehouse_id: u64,
    #[serde(default = "some_weight")]
    pub(crate) weight: u64,
    #[serde(default = "ample_stock")]
    pub(crate) stock: u64,
}

/// One warehouse.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Warehouse {
    pub(crate) id: u64,
    pub(crate) name: String,
    /// Points.
    pub(crate) api_price: u64,
    #[serde(default)]
    pub(crate) address: String,
    /// Areas not served from a month ago until in a month: "北京市" or "黑龙江省/伊春市" (E10).
    #[serde(default)]
    pub(crate) forbid_now: Vec<String>,
    /// Areas that were not served in a period which is over.
    #[serde(default)]
    pub(crate) forbid_past: Vec<String>,
}

/// What can be ordered, and where from.
pub(crate) struct Catalogue {
    pub(crate) products: Vec<Product>,
    pub(crate) warehouses: Vec<Warehouse>,
}

impl Catalogue {
    pub(crate) fn product(&self, id: u64) -> Option<&Product> {
        self.products.iter().find(|product| product.id == id)
    }

    pub(crate) fn warehouse(&self, id: u64) -> Option<&Warehouse> {
        self.warehouses.iter().find(|warehouse| warehouse.id == id)
    }
}

impl Default for Catalogue {
    fn default() -> Self {
        let product = |id, name: &str, fen: u64, shipping_fee, warehouse_id, weight| Product {
            id,
            name: name.to_owned(),
            price: Yuan(fen * PER_POINT),
            shipping_fee,
            warehouse_id,
            weight,
            stock: ample_stock(),
        };
        let warehouse = |id, name: &str, api_price, address: &str| Warehouse {
            id,
            name: name.to_owned(),
            api_price,
            address: address.to_owned(),
            forbid_now: Vec::new(),
            forbid_past: Vec::new(),
        };
        Self {
            products: vec![
                product(28, "丝滑纸巾", 60, 185, 23, 5),
                product(11, "双齿梳", 10, 100, 23, 10),
                product(49_066, "钢丝球", 33, 90, 29, 50),
                product(50_077, "", 78, 192, 29, 150),
            ],
            warehouses: vec![
                Warehouse {
                    forbid_now: vec!["北京市".to_owned(), "黑龙江省/伊春市".to_owned()],
                    ..warehouse(23, "广东仓", 170, "广州市")
                },
                Warehouse {
                    forbid_past: vec!["北京市".to_owned()],
                    ..warehouse(29, "圆通泉州自提仓", 90, "泉州")
                },
            ],
        }
    }
}

fn ample_stock() -> u64 {
    88_888
}

fn some_weight() -> u64 {
    50
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn yuan_become_points_rounded_half_up() {
        let yuan = |text| Yuan::parse(text).expect("a valid price");
        assert_eq!(yuan("0.78").points(1), 78);
        assert_eq!(yuan("0.785").points(1), 79);
        assert_eq!(yuan("0.785").points(2), 157);
        assert_eq!(yuan("0.785").points_text(), "78.5");
        assert_eq!(yuan("0.6").points_text(), "60");
        assert_eq!(yuan("0.78").number(), json!(0.78));
        assert_eq!(yuan("2").number(), json!(2));
    }

    #[test]
    fn a_price_that_is_no_decimal_is_refused() {
        for text in ["", "free", "-1", "0.12345", "1.-2", "1e3"] {
            assert_eq!(Yuan::parse(text), None, "{text}");
        }
    }
}
