//! Every sample reply of the vendor's documents, decoded by its call.

use std::fs;
use std::path::Path;

use parceld_domain::id::Id;
use parceld_domain::money::{Points, Yuan};
use parceld_domain::scope::Scope;
use parceld_domain::vendor_status::VendorStatus;
use parceld_domain::verdict::{ErrorClass, Hint, Verdict};
use parceld_vendor::{DetailQuery, OrderFilter, PackageFilter, Vendor};

use crate::payloads;
use crate::server::{Reply, Server};

/// A client of a server that answers with the sample.
async fn answered_by(sample: &str) -> Vendor {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/samples/{sample}.json"));
    Server::answering([Reply::ok(&fs::read_to_string(path).unwrap())])
        .await
        .vendor()
}

fn id(text: &str) -> Id {
    Id::from(text)
}

#[tokio::test]
async fn list_warehouse_gives_prices_and_forbidden_areas() {
    let warehouses = answered_by("list-warehouse")
        .await
        .list_warehouse()
        .await
        .unwrap();
    let [canton, quanzhou] = &warehouses[..] else {
        panic!("{warehouses:?}")
    };
    assert_eq!(
        (&canton.warehouse_id, canton.api_price),
        (&id("23"), Some(Points(170)))
    );
    assert_eq!(canton.name.as_deref(), Some("广东仓"));
    assert_eq!(canton.forbid[1].districts, ["黑龙江省/伊春市"]);
    assert_eq!(
        (&*canton.forbid[1].start, &*canton.forbid[1].end),
        ("2021-08-01 00:00:00", "2021-09-14 00:00:00")
    );
    assert_eq!((&quanzhou.warehouse_id, quanzhou.forbid.len()), (&id("29"), 1));
}

#[tokio::test]
async fn get_product_list_gives_prices_in_yuan_and_freight_in_points() {
    let products = answered_by("get-product-list")
        .await
        .get_product_list(1, 100)
        .await
        .unwrap();
    assert_eq!((products.list.len(), products.total), (3, Some(52)));
    let first = &products.list[0];
    assert_eq!(
        (&first.product_id, &first.warehouse_id),
        (&id("50077"), &Some(id("13")))
    );
    assert_eq!(
        (first.sale_price, first.shipping_fee),
        (Yuan::parse("0.78"), Some(Points(192)))
    );
    assert_eq!(
        (first.stock, first.status, &first.product_name),
        (Some(2476), Some(1), &None)
    );
}

#[tokio::test]
async fn get_shop_info_gives_one_product() {
    let product = answered_by("get-shop-info")
        .await
        .get_shop_info(&id("28"))
        .await
        .unwrap();
    assert_eq!(
        (&product.product_id, product.name.as_deref()),
        (&id("28"), Some("丝滑纸巾"))
    );
    assert_eq!(
        (product.sale_price, product.shipping_fee),
        (Yuan::parse("0.6"), Some(Points(185)))
    );
    assert_eq!(
        (&product.warehouse_id, product.stock),
        (&Some(id("2")), Some(88888))
    );
    assert_eq!(
        (product.user_source.as_deref(), product.status),
        (Some("taobao"), Some(1))
    );
}

#[tokio::test]
async fn order_create_gives_the_price_of_the_whole_order() {
    let vendor = answered_by("order-create").await;
    let created = vendor
        .order_create(&payloads::gift_order(), "ERP-1")
        .await
        .unwrap();
    assert_eq!(
        (created.order_id, created.order_sn),
        (id("375"), id("202104101104381809778"))
    );
    assert_eq!((created.total_price, created.packages), (Points(420), Some(2)));
}

#[tokio::test]
async fn submit_payment_is_proven_by_the_code_alone() {
    let vendor = answered_by("submit-payment").await;
    assert_eq!(vendor.submit_payment(&id("262"), None).await, Ok(()));
}

#[tokio::test]
async fn submit_payment_without_points_blocks_the_balance() {
    let vendor = answered_by("submit-payment.error-302-balance").await;
    let refusal = vendor.submit_payment(&id("262"), None).await.unwrap_err();
    assert_eq!(refusal.verdict, Verdict::Blocked(Scope::Balance));
    assert_eq!((refusal.code, refusal.class), (Some(302), ErrorClass::Blocked));
    assert_eq!((refusal.msg.as_str(), refusal.link), ("点券余额不足", None));
}

#[tokio::test]
async fn get_order_list_gives_our_remark() {
    let vendor = answered_by("get-order-list").await;
    let page = vendor
        .get_order_list(1, 100, &OrderFilter::default())
        .await
        .unwrap();
    let [order] = &page.orders[..] else {
        panic!("{page:?}")
    };
    assert_eq!(
        (&order.id, &order.order_sn),
        (&id("466"), &id("202011041511461997011"))
    );
    assert_eq!((order.remark.as_deref(), order.packages), (Some("222"), Some(1)));
    assert_eq!(
        (order.total_price, order.status),
        (Some(Points(216)), VendorStatus::AwaitingPayment)
    );
    assert_eq!((order.created_ms, page.total), (Some(1_604_473_486_000), Some(1)));
}

#[tokio::test]
async fn get_package_list_gives_statuses_and_no_waybill_yet() {
    let vendor = answered_by("get-package-list").await;
    let page = vendor
        .get_package_list(2, 10, &PackageFilter::default())
        .await
        .unwrap();
    let [first, second] = &page.packages[..] else {
        panic!("{page:?}")
    };
    assert_eq!((&first.package_id, &first.order_id), (&id("10"), &id("8")));
    assert_eq!(
        (&first.order_sn, &first.platform_order_sn),
        (&id("202011051811030069452"), &Some(id("111111")))
    );
    assert_eq!(
        (first.status, second.status),
        (VendorStatus::AwaitingShipment, VendorStatus::Cancelled)
    );
    assert_eq!((&first.express_no, &first.express_company_name), (&None, &None));
    assert_eq!(
        (first.package_total_price, page.total),
        (Some(Points(195)), Some(10))
    );
    assert_eq!(first.created_ms, Some(1_604_571_003_000));
}

#[tokio::test]
async fn get_package_cancel_is_proven_by_the_code_alone() {
    let vendor = answered_by("get-package-cancel").await;
    assert_eq!(vendor.get_package_cancel(&id("243")).await, Ok(()));
}

#[tokio::test]
async fn get_package_cancel_that_comes_too_late_is_terminal_but_may_be_an_echo() {
    let vendor = answered_by("get-package-cancel.error-10412").await;
    let refusal = vendor.get_package_cancel(&id("243")).await.unwrap_err();
    assert_eq!((refusal.verdict, refusal.code), (Verdict::Terminal, Some(10412)));
    assert_eq!(
        (refusal.class, refusal.hint),
        (ErrorClass::Terminal, Hint::Effected)
    );
}

#[tokio::test]
async fn get_user_balance_gives_points() {
    let vendor = answered_by("get-user-balance").await;
    assert_eq!(vendor.get_user_balance().await, Ok(Points(99420)));
}

#[tokio::test]
async fn dy_ship_free_tells_the_failed_item_in_a_successful_reply() {
    let ship = payloads::douyin_ship("4839943515679962380A", "SF1301555563423");
    let vendor = answered_by("dy-ship-free").await;
    let shipped = vendor.dy_ship_free(&ship.shop_id, None, &[&ship]).await.unwrap();
    let item = shipped.answer_for(&ship.order_id, &ship.waybill_code).unwrap();
    assert_eq!(
        (item.shipped(), item.code, item.err_msg.as_str()),
        (false, 0, "未查询到订单")
    );
    assert_eq!(shipped.withholding, Some(Points(1)));
}

#[tokio::test]
async fn send_is_proven_by_its_success() {
    let vendor = answered_by("send").await;
    let sent = vendor.send(&payloads::taobao_ship()).await.unwrap();
    assert_eq!(sent.withholding, Some(Points(1)));
}

#[tokio::test]
async fn detail_gives_rows_with_nothing_lost_or_rounded() {
    let vendor = answered_by("detail").await;
    let query = DetailQuery::page(payloads::logistics_sync(), 1, 40);
    let page = vendor.detail(&query).await.unwrap();
    assert_eq!(
        (page.rows.len(), page.total, page.withholding),
        (5, None, Some(Points(1)))
    );
    let row = &page.rows[1];
    assert_eq!(
        (&row.tid, row.status.as_deref()),
        (&Some(id("1691874146122374451")), Some("CLOSED"))
    );
    assert_eq!(
        (&row.sub_tids[..], row.is_split),
        (&[id("1691874146122374451")][..], Some(false))
    );
    assert_eq!(
        (&row.out_sid, &row.seller_confirm, &row.company_name),
        (&None, &None, &None)
    );
    assert!(
        row.raw
            .expose()
            .get()
            .contains(r#""receiver_name": "~c7taW1ODc8ukQPFVN66n5w==~W+3x~1~~""#)
    );
    assert!(
        !format!("{page:?}").contains("c7taW1ODc8ukQPFVN66n5w"),
        "rows must not print themselves"
    );
}

#[tokio::test]
async fn mpaging_orders_gives_each_row_by_its_number() {
    let vendor = answered_by("mpaging-orders").await;
    let page = vendor
        .mpaging_orders(&id("123123"), None, &[id("订单号")])
        .await
        .unwrap();
    let [(order_sn, raw)] = &page.orders[..] else {
        panic!("{page:?}")
    };
    assert_eq!((order_sn, page.withholding), (&id("订单号"), Some(Points(1))));
    assert!(raw.expose().get().contains(r#""last_ship_time": 1605768641000"#));
}
