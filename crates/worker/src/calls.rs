//! The part of a call that each kind has of its own: what is checked before, what is sent, what the answer says.

mod douyin_ship;
mod gift_cancel;
mod gift_order;
mod logistics_sync;
mod orders_sync;
mod taobao_ship;

use parceld_domain::flow::{self, IllegalEvent};
use parceld_domain::outcome::Outcome;
use parceld_domain::payload::Payload;
use parceld_domain::verdict::Refusal;
use parceld_store::StoreError;

use crate::execute::{Decided, Item, Made};
use crate::run::Shared;

/// Decides what needs no call; answers the items that do.
pub(crate) async fn prepare(
    shared: &Shared,
    items: Vec<Item>,
) -> Result<(Vec<Item>, Vec<Decided>), StoreError> {
    let (mut ready, mut decided) = (Vec::new(), Vec::new());
    for item in items {
        let checked = match &item.payload {
            Payload::GiftOrder(order) => gift_order::check(shared, &item.job, order).await?,
            _ => None,
        };
        match checked {
            None => ready.push(item),
            Some(gift_order::Checked::Go { memory }) => {
                ready.push(Item {
                    job: parceld_domain::job::Job { memory, ..item.job },
                    ..item
                });
            }
            Some(gift_order::Checked::Decided(outcome)) => decided.push(Decided::new(item, *outcome)),
        }
    }
    Ok((ready, decided))
}

/// Makes the one call that these items share, and decides for each.
pub(crate) async fn make(shared: &Shared, items: &[Item], units_max: u32) -> Made {
    // A lane holds jobs of one kind and step, so the first tells what the call is.
    match items.first().map(|item| &item.payload) {
        Some(Payload::DouyinShip(_)) => douyin_ship::make(shared, items).await,
        Some(Payload::OrdersSync(_)) => orders_sync::make(shared, items, units_max).await,
        Some(_) => one_by_one(shared, items).await,
        None => Made {
            outcomes: Vec::new(),
            refusal: None,
        },
    }
}

/// Calls that serve one job; their lanes give one at a time.
async fn one_by_one(shared: &Shared, items: &[Item]) -> Made {
    let mut made = Made {
        outcomes: Vec::with_capacity(items.len()),
        refusal: None,
    };
    for Item { job, payload } in items {
        let (outcome, refusal) = match payload {
            Payload::TaobaoShip(ship) => taobao_ship::make(shared, job, ship).await,
            Payload::GiftOrder(order) => gift_order::make(shared, job, order).await,
            Payload::GiftCancel(cancel) => gift_cancel::make(shared, job, cancel).await,
            Payload::LogisticsSync(sync) => logistics_sync::make(shared, job, sync).await,
            Payload::DouyinShip(_) | Payload::OrdersSync(_) => continue,
        };
        made.outcomes.push(decided(outcome));
        made.refusal = refusal;
    }
    made
}

/// An illegal event is a defect of ours: it is told, and the job goes to a person.
pub(crate) fn decided(outcome: Result<Outcome, IllegalEvent>) -> Outcome {
    outcome.unwrap_or_else(|illegal| {
        tracing::error!(%illegal, "an event does not belong to the job's step");
        flow::on_illegal(&illegal)
    })
}

/// The refusal of an answer, if it is one.
fn refusal_of<T>(answer: &Result<T, Refusal>) -> Option<Refusal> {
    answer.as_ref().err().cloned()
}
