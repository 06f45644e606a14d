//! The vendor's endpoints, by their own names.

/// One path of the vendor's API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Endpoint {
    /// Warehouses, courier price, areas not served.
    ListWarehouse,
    /// Gift products.
    GetProductList,
    /// One product, despite its name (trap D15).
    GetShopInfo,
    /// Creates an unpaid gift order.
    OrderCreate,
    /// Pays a gift order from the points balance.
    SubmitPayment,
    /// Gift orders; the only reply that carries our remark.
    GetOrderList,
    /// Gift packages and waybills.
    GetPackageList,
    /// Cancels one package; a write, despite its name (trap D15).
    GetPackageCancel,
    /// The points balance.
    GetUserBalance,
    /// Ships Douyin orders of one shop in bulk.
    DyShipFree,
    /// Ships one Taobao trade.
    Send,
    /// Taobao logistics orders; a read that costs points.
    Detail,
    /// Orders by number; a read that costs points.
    MpagingOrders,
}

crate::words!(Endpoint, "endpoint", {
    ListWarehouse => "list-warehouse",
    GetProductList => "get-product-list",
    GetShopInfo => "get-shop-info",
    OrderCreate => "order-create",
    SubmitPayment => "submit-payment",
    GetOrderList => "get-order-list",
    GetPackageList => "get-package-list",
    GetPackageCancel => "get-package-cancel",
    GetUserBalance => "get-user-balance",
    DyShipFree => "dy-ship-free",
    Send => "send",
    Detail => "detail",
    MpagingOrders => "mpaging-orders",
});

impl Endpoint {
    /// Whether a call may change something at the vendor, so that an unclear answer must be looked up.
    #[must_use]
    pub const fn has_effect(self) -> bool {
        matches!(
            self,
            Endpoint::OrderCreate
                | Endpoint::SubmitPayment
                | Endpoint::GetPackageCancel
                | Endpoint::DyShipFree
                | Endpoint::Send
        )
    }
}
