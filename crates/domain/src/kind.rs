//! The kinds of job that an ERP can ask for.

/// What a job asks for; the word is part of the outward contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Mark one Taobao trade shipped with a waybill of one's own courier.
    TaobaoShip,
    /// Mark one Douyin order shipped; shipments of one shop share calls.
    DouyinShip,
    /// Create, pay and follow one gift order until every package has a waybill.
    GiftOrder,
    /// Cancel the shipping of one gift package.
    GiftCancel,
    /// Fetch orders by number; numbers of one owner share calls.
    OrdersSync,
    /// Fetch all pages of a shop's logistics orders.
    LogisticsSync,
}

crate::words!(Kind, "kind", {
    TaobaoShip => "taobao.ship",
    DouyinShip => "douyin.ship",
    GiftOrder => "gift.order",
    GiftCancel => "gift.cancel",
    OrdersSync => "orders.sync",
    LogisticsSync => "logistics.sync",
});
