//! How the stand-in behaves where the vendor's documents leave a choice.

use serde::{Deserialize, Serialize};

/// The simulator's behaviour. Given at the start, changed at run time by `POST /sim/state`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// The only bearer token accepted; none: any.
    pub access_token: Option<String>,
    /// How long each answer takes.
    pub latency_ms: u64,
    /// From the payment of a gift order to the shipping of its packages.
    pub ship_after_ms: u64,
    /// From the shipping of a package to its waybill number; until then it is in status 3 without one (E6).
    pub waybill_after_ms: u64,
    /// How late an effect shows in lists and look-ups (J8).
    pub visible_after_ms: u64,
    /// How much later than that the list of packages shows anything.
    pub packages_lag_ms: u64,
    /// How much later than its creation the list shows what became of an order: a payment, a shipping, a cancel.
    pub changes_lag_ms: u64,
    /// How wrong the clock is that prints the vendor's times; whole hours are another time zone.
    pub clock_skew_ms: i64,
    /// Charge a second payment of a paid order instead of refusing it with 10407.
    pub pay_twice: bool,
    /// Say "not enough points" as 204 instead of 302 (G9).
    pub balance_as_204: bool,
    /// Points added to the total of every order created, as if its price had changed meanwhile (G7).
    pub price_drift: i64,
    /// Points that an ERP call reports as charged.
    pub withholding_money: u64,
    /// The item code for a Douyin pair that was shipped before: 0 or 1.
    pub douyin_repeat_code: u8,
    /// Write the item codes of `dy-ship-free` as text, as its table says (B5).
    pub item_code_as_text: bool,
    /// Wrap the rows of `detail` in `shippings` with `total_results`, as its table says (B10).
    pub wrap_shippings: bool,
    /// Answer 614 to a `detail` by tid of a trade that is not shipped yet (J3).
    pub detail_refuses_unshipped: bool,
    /// Most rows in a page, whatever was asked; 0: no bound (F2).
    pub page_size_cap: u64,
    /// The shape in which the 302 of a shop holds the authorisation link (B2).
    pub link_shape: LinkShape,
    /// Spell messages with full-width signs and without blanks (A17).
    pub reply_full_width: bool,
}

/// How the authorisation link lies in `data`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkShape {
    /// `data` is the link.
    #[default]
    Text,
    /// `data` is `{"url": link}`.
    Object,
    /// `data` is `[link]`.
    Array,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            access_token: None,
            latency_ms: 0,
            ship_after_ms: 3_000,
            waybill_after_ms: 0,
            visible_after_ms: 0,
            packages_lag_ms: 0,
            changes_lag_ms: 0,
            clock_skew_ms: 0,
            pay_twice: false,
            balance_as_204: false,
            price_drift: 0,
            withholding_money: 1,
            douyin_repeat_code: 0,
            item_code_as_text: false,
            wrap_shippings: false,
            detail_refuses_unshipped: false,
            page_size_cap: 0,
            link_shape: LinkShape::Text,
            reply_full_width: false,
        }
    }
}
