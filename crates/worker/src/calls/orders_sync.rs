//! `mpaging-orders`: one call for the next numbers of many jobs of one owner.

use parceld_domain::flow::orders_sync::{Event, OrderRow, apply, pending};
use parceld_domain::id::Id;
use parceld_domain::payload::{OrdersSync, Payload};

use super::{decided, refusal_of};
use crate::execute::{Item, Made};
use crate::run::Shared;

/// The numbers of one job that go into the call.
struct Asked<'a> {
    item: &'a Item,
    sync: &'a OrdersSync,
    numbers: &'a [Id],
}

pub(super) async fn make(shared: &Shared, items: &[Item], units_max: u32) -> Made {
    let asked = share_out(items, units_max as usize);
    let Some(first) = asked.first() else {
        return Made {
            outcomes: Vec::new(),
            refusal: None,
        };
    };
    let mut numbers: Vec<Id> = Vec::new();
    for number in asked.iter().flat_map(|asked| asked.numbers) {
        // Two jobs may ask for one order; it is fetched once and given to both.
        if !numbers.contains(number) {
            numbers.push(number.clone());
        }
    }
    let answer = shared
        .vendor
        .mpaging_orders(&first.sync.owner_id, first.sync.version.as_ref(), &numbers)
        .await;
    let context = shared.context();
    let batch_units = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
    let decide = |asked: &Asked<'_>| {
        let event = match &answer {
            Ok(page) => Event::Page {
                asked: asked.numbers.len(),
                rows: page
                    .orders
                    .iter()
                    .filter(|(number, _)| asked.numbers.contains(number))
                    .map(|(number, raw)| OrderRow {
                        order_sn: number.clone(),
                        raw: raw.clone(),
                    })
                    .collect(),
            },
            Err(refusal) => Event::Refused {
                refusal: refusal.clone(),
                batch_units,
            },
        };
        decided(apply(&asked.item.job, asked.sync, event, &context))
    };
    Made {
        outcomes: asked.iter().map(decide).collect(),
        refusal: refusal_of(&answer),
    }
}

/// The next numbers of each job, in order, until the call is full; the claim took no job that gets none.
fn share_out(items: &[Item], units_max: usize) -> Vec<Asked<'_>> {
    let mut left = units_max;
    let mut asked = Vec::with_capacity(items.len());
    for item in items {
        let Payload::OrdersSync(sync) = &item.payload else {
            continue;
        };
        let pending = pending(sync, &item.job.memory);
        let numbers = &pending[..pending.len().min(left)];
        left -= numbers.len();
        asked.push(Asked { item, sync, numbers });
    }
    asked
}
