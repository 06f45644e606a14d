//! The `orders` errand: finds the vendor orders of creates that had no clear answer, by their remark.

use parceld_domain::flow::gift_order::{Event, SeenOrder, apply};
use parceld_domain::payload::Payload;
use parceld_store::ErrandClaim;
use parceld_vendor::{OrderFilter, OrderRow};

use super::pass::{self, PAGE_ROWS, Page};
use super::{Turned, Unread};
use crate::calls::decided;
use crate::effect_point::effect_point;
use crate::run::Shared;

pub(super) async fn read(shared: &Shared, claim: &ErrandClaim) -> Result<Turned, Unread> {
    // Without the filter by source, whose words differ from those of order-create (trap E1).
    let page = shared
        .vendor
        .get_order_list(claim.page, PAGE_ROWS, &OrderFilter::default())
        .await;
    effect_point!(Replied);
    let page = page?;
    let names: Vec<String> = page.orders.iter().filter_map(watched).collect();
    let context = shared.context();
    let mut seen = Vec::new();
    for (item, names) in pass::concerned(shared, claim, &names).await? {
        let Payload::GiftOrder(order) = &item.payload else {
            continue;
        };
        let rows = page
            .orders
            .iter()
            .filter(|row| watched(row).is_some_and(|name| names.contains(&name)))
            .map(|row| SeenOrder {
                order_sn: row.order_sn.clone(),
                order_id: row.id.clone(),
                status: row.status,
                total_price: row.total_price,
            })
            .collect();
        let outcome = decided(apply(&item.job, order, Event::OrderSeen { rows }, &context));
        seen.push((item, outcome));
    }
    let concerned = seen.len();
    pass::observe(shared, claim, seen).await?;
    let newest_ms = pass::newest_ms(page.orders.iter().map(|row| row.created_ms));
    pass::go_on(
        shared,
        claim,
        &Page {
            rows: page.orders.len() + page.unread,
            unread: page.unread,
            total: page.total,
            newest_ms,
            concerned,
        },
    )
    .await
}

/// The name under which a job waits for this row.
fn watched(row: &OrderRow) -> Option<String> {
    row.remark.as_ref().map(|remark| format!("remark:{remark}"))
}
