//! The `catalogue` errand: warehouses on its first page, products on those behind it.

use parceld_domain::catalogue::{Catalogue, Product, Warehouse};
use parceld_domain::errand::Errand;
use parceld_store::{ErrandClaim, Turn};
use serde::{Deserialize, Serialize};

use super::pass::PAGE_ROWS;
use super::{Turned, Unread, kept_refusals};
use crate::effect_point::effect_point;
use crate::run::Shared;

/// Pages of products at most.
const PAGES_MAX: u32 = 50;
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
        let known = Known {
            warehouses,
            products: Vec::new(),
            rows: 0,
        };
        return Ok(left(Turn::Page(2), &known));
    }
    let (_, kept) = kept_refusals(&claim.kept);
    let Ok(mut known) = serde_json::from_str::<Known>(kept) else {
        // What the pages before left is gone; the errand begins anew.
        return Ok(Turned::to(Turn::Page(1)));
    };
    let page = claim.page - 1;
    let listed = shared.vendor.get_product_list(page, PAGE_ROWS).await;
    effect_point!(Replied);
    let listed = listed?;
    let rows = listed.list.len() as u64;
    known.rows += rows;
    known.products.extend(listed.list.into_iter().filter_map(offer));
    let has_more = match listed.total {
        // An empty page is the end, whatever the total says: what was read must not be held back for it.
        Some(total) => rows > 0 && known.rows < total,
        None => rows >= u64::from(PAGE_ROWS),
    };
    if has_more && page < PAGES_MAX {
        return Ok(left(Turn::Page(claim.page + 1), &known));
    }
    publish(shared, claim, known).await
}

/// What the pages of the errand leave for those behind them.
#[derive(Debug, Serialize, Deserialize)]
struct Known {
    warehouses: Vec<Warehouse>,
    products: Vec<Product>,
    /// Rows read, products without a price among them.
    rows: u64,
}

fn left(turn: Turn, known: &Known) -> Turned {
    Turned {
        turn,
        kept: serde_json::to_string(known).unwrap_or_default(),
        faulted: false,
    }
}

/// A product without a readable price cannot be checked; orders for it are refused as unknown, not overpaid.
fn offer(product: parceld_vendor::Product) -> Option<Product> {
    Some(Product {
        id: product.product_id,
        warehouse_id: product.warehouse_id.unwrap_or_default(),
        sale_price: product.sale_price?,
        shipping_fee: product.shipping_fee?,
    })
}

async fn publish(shared: &Shared, claim: &ErrandClaim, known: Known) -> Result<Turned, Unread> {
    let catalogue = Catalogue {
        fetched_at_ms: claim.began_ms,
        warehouses: known.warehouses,
        products: known.products,
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
