//! The table of the vendor's endpoints, and one file for each call.

mod detail;
mod dy_ship_free;
mod get_order_list;
mod get_package_cancel;
mod get_package_list;
mod get_product_list;
mod get_shop_info;
mod get_user_balance;
mod list_warehouse;
mod mpaging_orders;
mod order_create;
mod send;
mod submit_payment;
#[cfg(test)]
mod testing;

use parceld_domain::endpoint::Endpoint;

pub use detail::{DetailPage, DetailQuery, LogisticsRow};
pub use dy_ship_free::{DouyinShipped, ItemAnswer};
pub use get_order_list::{OrderFilter, OrderPage, OrderRow};
pub use get_package_list::{PackageFilter, PackagePage, PackageRow};
pub use get_product_list::{Product, Products};
pub use get_shop_info::ProductDetails;
pub use list_warehouse::Warehouse;
pub use mpaging_orders::OrdersPage;
pub use order_create::Created;
pub use send::Sent;

use crate::settings::Encoding::{self, Json, Multipart};

/// How an endpoint is called unless a setting says otherwise.
#[derive(Debug, Clone, Copy)]
pub struct EndpointSpec {
    /// Which endpoint.
    pub endpoint: Endpoint,
    /// Its path.
    pub path: &'static str,
    /// The encoding of its request: what the vendor's samples send (trap A5).
    pub encoding: Encoding,
    /// The fields of its request by our names; those inside a field with a dot.
    pub fields: &'static [&'static str],
    /// The fields whose name on the wire is another: ours, theirs.
    pub renamed: &'static [(&'static str, &'static str)],
}

const fn spec(
    endpoint: Endpoint,
    path: &'static str,
    encoding: Encoding,
    fields: &'static [&'static str],
) -> EndpointSpec {
    EndpointSpec {
        endpoint,
        path,
        encoding,
        fields,
        renamed: &[],
    }
}

/// The callback is not among them: there the vendor calls.
#[rustfmt::skip]
pub const ENDPOINTS: [EndpointSpec; 13] = [
    spec(Endpoint::ListWarehouse, "/shop/apis/list-warehouse", Json, &[]),
    spec(Endpoint::GetProductList, "/shop/apis/get-product-list", Json, &["range"]),
    spec(Endpoint::GetShopInfo, "/shop/apis/get-shop-info", Multipart, &["id"]),
    spec(Endpoint::OrderCreate, "/shop/apis/order-create", Json, &[
        "product_id", "warehouse_id", "product_number", "remark", "consignees", "consignees.consignee",
        "consignees.mobile", "consignees.province", "consignees.city", "consignees.district",
        "consignees.address", "consignees.platform_order_sn", "source", "shop_id", "vvtype",
    ]),
    spec(Endpoint::SubmitPayment, "/shop/apis/submit-payment", Json, &["order_id"]),
    spec(Endpoint::GetOrderList, "/shop/apis/get-order-list", Json, &[
        "filter", "filter.order_sn", "filter.source", "range",
    ]),
    spec(Endpoint::GetPackageList, "/shop/apis/get-package-list", Json, &[
        "filter", "filter.order_sn", "filter.status", "range",
    ]),
    spec(Endpoint::GetPackageCancel, "/shop/apis/get-package-cancel", Multipart, &["package_id"]),
    spec(Endpoint::GetUserBalance, "/shop/apis/get-user-balance", Json, &[]),
    spec(Endpoint::DyShipFree, "/tool/erps/dy-ship-free", Json, &[
        "shop_id", "params", "params.order_id", "params.logistics_code", "params.waybill_code", "vvtype",
    ]),
    spec(Endpoint::Send, "/tool/erps/send", Multipart, &[
        "shop_id", "tid", "out_sid", "company_code", "sub_tid", "is_split", "sender_id", "cancel_id", "feature",
        "vvtype",
    ]),
    spec(Endpoint::Detail, "/tool/erps/detail", Multipart, &[
        "shop_id", "fields", "tid", "buyer_nick", "status", "seller_confirm", "receiver_name", "start_created",
        "end_created", "freight_payer", "type", "page_no", "page_size", "vvtype",
    ]),
    EndpointSpec {
        endpoint: Endpoint::MpagingOrders,
        path: "/tool/erps/mpaging-orders",
        encoding: Multipart,
        fields: &["owner_id", "order_sns", "type"],
        // The samples' name, not the table's `orderSns[]` (trap A8).
        renamed: &[("order_sns", "orderSns")],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_holds_every_endpoint_once() {
        for endpoint in Endpoint::ALL {
            let rows = ENDPOINTS.iter().filter(|spec| spec.endpoint == *endpoint).count();
            assert_eq!(rows, 1, "{endpoint}");
        }
    }

    #[test]
    fn every_path_ends_in_the_endpoints_own_name() {
        for spec in &ENDPOINTS {
            assert!(
                spec.path.ends_with(&format!("/{}", spec.endpoint)),
                "{}",
                spec.path
            );
        }
    }
}
