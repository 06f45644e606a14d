//! Points and yuan: two types, because the vendor mixes them (trap C5), and no floats.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Vendor points; one point is one fen, a hundredth of a yuan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Points(pub i64);

impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// An exact decimal amount of yuan, in millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Yuan(i64);

/// Millionths of a yuan in one point.
const MICROS_PER_POINT: i128 = 10_000;
/// Decimal places kept; the vendor's samples have two.
const PLACES: usize = 6;

impl Yuan {
    /// Reads a plain decimal such as `0.78`; `None` for anything else, or for more than six places.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty()
            || whole.len() > 12
            || fraction.len() > PLACES
            || !digits(whole)
            || !digits(fraction)
        {
            return None;
        }
        let micros: i64 = format!("{whole}{fraction:0<PLACES$}").parse().ok()?;
        Some(Yuan(micros))
    }

    /// `count` times this amount in points, plus `fee`, `times` over; rounded half up once, at the very end.
    ///
    /// `None` when the amount leaves the range of points.
    #[must_use]
    pub fn total_points(self, count: u32, fee: Points, times: u32) -> Option<Points> {
        let goods = i128::from(self.0) * i128::from(count);
        let fee = i128::from(fee.0) * MICROS_PER_POINT;
        let micros = (goods + fee) * i128::from(times);
        i64::try_from((micros + MICROS_PER_POINT / 2).div_euclid(MICROS_PER_POINT))
            .ok()
            .map(Points)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documents_sample_orders_add_up() {
        let price = Yuan::parse("0.6").unwrap();
        assert_eq!(price.total_points(1, Points(135), 1), Some(Points(195)));
        assert_eq!(price.total_points(2, Points(135), 1), Some(Points(255)));
    }

    #[test]
    fn half_points_are_rounded_up_once_over_the_whole_order() {
        let price = Yuan::parse("0.785").unwrap();
        assert_eq!(price.total_points(1, Points(0), 1), Some(Points(79)));
        assert_eq!(price.total_points(1, Points(0), 2), Some(Points(157)));
        assert_eq!(price.total_points(1, Points(0), 3), Some(Points(236)));
    }

    #[test]
    fn what_is_no_plain_decimal_is_no_amount() {
        for text in ["", ".5", "-1", "1e3", "0.1234567", "1,5", " 1"] {
            assert_eq!(Yuan::parse(text), None, "{text}");
        }
    }
}
