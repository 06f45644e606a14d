//! The `catalogue` errand: warehouses on its first page, products on its second.

use parceld_domain::catalogue::{Catalogue, Product, Warehouse};
use parceld_domain::errand::Errand;
use parceld_store::{ErrandClaim, Turn};

use super::{Turned, Unread, kept_refusals};
use crate::effect_point::effect_point;
use crate::run::Shared;

/// Jobs released in one move.
const RELEASE_MAX: u64 = 100;

pub(super) async fn read(shared: &Shared, claim: &ErrandClaim) -> Result<Turned, Unread> {
    if claim.page == 1 {
        let listed = shared.vendor.list_warehouse().await;
        effect_point!(Replied);
        let warehouses: Vec<Warehouse> = listed?
            .into_iter()
            .map(|warehouse| Warehouse {
                id: warehouse.warehouse_id,
                forbidden: warehouse.forbid,
            })
            .collect();
        let kept = serde_json::to_string(&warehouses).unwrap_or_default();
        return Ok(Turned {
            turn: Turn::Page(2),
            kept,
            faulted: false,
        });
    }
    let (_, kept) = kept_refusals(&claim.kept);
    let Ok(warehouses) = serde_json::from_str(kept) else {
        // What the first page left is gone; the errand begins anew.
        return Ok(Turned::to(Turn::Page(1)));
    };
    let listed = shared.vendor.get_product_list(None).await;
    effect_point!(Replied);
    // A product without a readable price cannot be checked; orders for it are refused as unknown, not overpaid.
    let products = listed?
        .list
        .into_iter()
        .filter_map(|product| {
            Some(Product {
                id: product.product_id,
                warehouse_id: product.warehouse_id.unwrap_or_default(),
                sale_price: product.sale_price?,
                shipping_fee: product.shipping_fee?,
            })
        })
        .collect();
    let catalogue = Catalogue {
        fetched_at_ms: claim.began_ms,
        warehouses,
        products,
    };
    let json = serde_json::to_string(&catalogue).unwrap_or_default();
    shared
        .store
        .publish_catalogue(&claim.grant, claim.began_ms, &json)
        .await?;
    effect_point!(Published);
    while shared.store.release(&Errand::Catalogue, RELEASE_MAX).await? >= RELEASE_MAX {}
    effect_point!(Released);
    Ok(Turned::to(Turn::End))
}
