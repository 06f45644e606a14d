//! Everything the stand-in knows: what the vendor would keep in its databases.

pub(crate) mod catalogue;
pub(crate) mod douyin;
pub(crate) mod orders;
pub(crate) mod packages;
pub(crate) mod shops;
pub(crate) mod trades;

use crate::options::Options;
use catalogue::Catalogue;
use douyin::Douyin;
use orders::Orders;
use shops::Shops;
use trades::Trades;

/// Points on the account when nobody says otherwise.
pub(crate) const FIRST_BALANCE: u64 = 1_000_000;

/// The state of the stand-in. All of it is behind one lock and none of it waits.
pub(crate) struct State {
    pub(crate) options: Options,
    pub(crate) balance: u64,
    pub(crate) shops: Shops,
    pub(crate) trades: Trades,
    pub(crate) douyin: Douyin,
    pub(crate) catalogue: Catalogue,
    pub(crate) orders: Orders,
}

impl State {
    pub(crate) fn new(options: Options) -> Self {
        Self {
            options,
            balance: FIRST_BALANCE,
            shops: Shops::default(),
            trades: Trades::default(),
            douyin: Douyin::default(),
            catalogue: Catalogue::default(),
            orders: Orders::default(),
        }
    }
}
