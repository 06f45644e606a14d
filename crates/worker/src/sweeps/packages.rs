//! The `packages` errand: answers every waiting gift order and cancellation that it meets, due or not.

use parceld_domain::flow::gift_cancel;
use parceld_domain::flow::gift_order::{self, SeenPackage};
use parceld_domain::id::Id;
use parceld_domain::outcome::Outcome;
use parceld_domain::payload::Payload;
use parceld_store::ErrandClaim;
use parceld_vendor::{PackageFilter, PackageRow};

use super::pass::{self, PAGE_ROWS, Page};
use super::{Turned, Unread};
use crate::calls::decided;
use crate::effect_point::effect_point;
use crate::execute::Item;
use crate::run::Shared;

pub(super) async fn read(shared: &Shared, claim: &ErrandClaim) -> Result<Turned, Unread> {
    let page = shared
        .vendor
        .get_package_list(claim.page, PAGE_ROWS, &PackageFilter::default())
        .await;
    effect_point!(Replied);
    let page = page?;
    let mut names: Vec<String> = page.packages.iter().flat_map(watched).collect();
    names.sort_unstable();
    names.dedup();
    let mut seen = Vec::new();
    for (item, names) in pass::concerned(shared, claim, &names).await? {
        let rows: Vec<&PackageRow> = page
            .packages
            .iter()
            .filter(|row| watched(row).iter().any(|name| names.contains(name)))
            .collect();
        let Some(outcome) = change(shared, claim, &item, &rows) else {
            continue;
        };
        seen.push((item, outcome));
    }
    let concerned = seen.len();
    pass::observe(shared, claim, seen).await?;
    let newest_ms = pass::newest_ms(page.packages.iter().map(|row| row.created_ms));
    pass::go_on(
        shared,
        claim,
        &Page {
            rows: page.packages.len() + page.unread,
            unread: page.unread,
            total: page.total,
            newest_ms,
            concerned,
        },
    )
    .await
}

/// The names under which jobs wait for this row.
fn watched(row: &PackageRow) -> [String; 2] {
    [
        format!("sn:{}", row.order_sn),
        format!("package:{}", row.package_id),
    ]
}

fn change(
    shared: &Shared,
    claim: &ErrandClaim,
    Item { job, payload }: &Item,
    rows: &[&PackageRow],
) -> Option<Outcome> {
    let (context, pass_began_ms) = (shared.context(), claim.began_ms);
    match payload {
        Payload::GiftOrder(order) => {
            let rows = rows.iter().map(|row| seen_package(row)).collect();
            let event = gift_order::Event::Packages { rows, pass_began_ms };
            Some(decided(gift_order::apply(job, order, event, &context)))
        }
        Payload::GiftCancel(cancel) => {
            let event = gift_cancel::Event::Seen {
                status: rows.first()?.status,
                pass_began_ms,
            };
            Some(decided(gift_cancel::apply(job, cancel, event, &context)))
        }
        _ => None,
    }
}

fn seen_package(row: &PackageRow) -> SeenPackage {
    SeenPackage {
        package_id: row.package_id.clone(),
        order_id: row.order_id.clone(),
        order_sn: row.order_sn.clone(),
        platform_order_sn: row.platform_order_sn.clone().unwrap_or_default(),
        status: row.status,
        express_no: row.express_no.as_ref().map(Id::to_string).unwrap_or_default(),
        express_company_name: row.express_company_name.clone().unwrap_or_default(),
        total: row.package_total_price,
    }
}
