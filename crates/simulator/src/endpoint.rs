//! The vendor's endpoints, their names and their paths.

/// One endpoint of the vendor; `Unknown` is any other path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    ListWarehouse,
    GetProductList,
    GetShopInfo,
    OrderCreate,
    SubmitPayment,
    GetOrderList,
    GetPackageList,
    GetPackageCancel,
    GetUserBalance,
    DyShipFree,
    Send,
    Detail,
    MpagingOrders,
    Unknown,
}

const UNKNOWN_NAME: &str = "unknown";

/// `paging-orders` comes last, so that the name of the endpoint is the one of its address line (A7).
const PATHS: &[(&str, Endpoint)] = &[
    ("/shop/apis/list-warehouse", Endpoint::ListWarehouse),
    ("/shop/apis/get-product-list", Endpoint::GetProductList),
    ("/shop/apis/get-shop-info", Endpoint::GetShopInfo),
    ("/shop/apis/order-create", Endpoint::OrderCreate),
    ("/shop/apis/submit-payment", Endpoint::SubmitPayment),
    ("/shop/apis/get-order-list", Endpoint::GetOrderList),
    ("/shop/apis/get-package-list", Endpoint::GetPackageList),
    ("/shop/apis/get-package-cancel", Endpoint::GetPackageCancel),
    ("/shop/apis/get-user-balance", Endpoint::GetUserBalance),
    ("/tool/erps/dy-ship-free", Endpoint::DyShipFree),
    ("/tool/erps/send", Endpoint::Send),
    ("/tool/erps/detail", Endpoint::Detail),
    ("/tool/erps/mpaging-orders", Endpoint::MpagingOrders),
    ("/tool/erps/paging-orders", Endpoint::MpagingOrders),
];

impl Endpoint {
    pub(crate) fn of_path(path: &str) -> Self {
        PATHS
            .iter()
            .find(|(known, _)| *known == path)
            .map_or(Self::Unknown, |(_, endpoint)| *endpoint)
    }

    /// The last part of its path, by which faults and the ledger call it.
    pub(crate) fn name(self) -> &'static str {
        let path = PATHS
            .iter()
            .find(|(_, endpoint)| *endpoint == self)
            .map(|(path, _)| *path);
        path.and_then(|path| path.rsplit('/').next())
            .unwrap_or(UNKNOWN_NAME)
    }

    /// Whether an endpoint has this name.
    pub(crate) fn is_name(name: &str) -> bool {
        name == UNKNOWN_NAME || PATHS.iter().any(|(_, endpoint)| endpoint.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_the_order_sync_path_are_one_endpoint() {
        assert_eq!(
            Endpoint::of_path("/tool/erps/mpaging-orders"),
            Endpoint::MpagingOrders
        );
        assert_eq!(
            Endpoint::of_path("/tool/erps/paging-orders"),
            Endpoint::MpagingOrders
        );
        assert_eq!(Endpoint::MpagingOrders.name(), "mpaging-orders");
    }

    #[test]
    fn every_other_path_is_unknown() {
        assert_eq!(Endpoint::of_path("/shop/apis/send"), Endpoint::Unknown);
        assert!(Endpoint::is_name("submit-payment") && Endpoint::is_name("unknown"));
        assert!(!Endpoint::is_name("paging-orders"));
    }
}
