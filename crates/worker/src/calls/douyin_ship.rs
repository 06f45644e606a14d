//! `dy-ship-free`: one call for many shipments of one shop, settled item by item.

use parceld_domain::flow::douyin_ship::{Event, Item as Answered, apply};
use parceld_domain::payload::{DouyinShip, Payload};
use parceld_vendor::{DouyinShipped, ItemAnswer};

use super::{decided, refusal_of};
use crate::execute::{Item, Made};
use crate::run::Shared;

/// Item code 1 is the success: the reverse of the envelope's (trap B5).
const ITEM_SHIPPED: i64 = 1;

pub(super) async fn make(shared: &Shared, items: &[Item]) -> Made {
    let ships: Vec<&DouyinShip> = items.iter().filter_map(|item| shipment(&item.payload)).collect();
    let Some(first) = ships.first() else {
        return Made {
            outcomes: Vec::new(),
            refusal: None,
        };
    };
    let answer = shared
        .vendor
        .dy_ship_free(&first.shop_id, first.vvtype.as_ref(), &ships)
        .await;
    let context = shared.context();
    let batch_units = u32::try_from(items.len()).unwrap_or(u32::MAX);
    let outcomes = items
        .iter()
        .zip(&ships)
        .map(|(item, ship)| {
            let event = match &answer {
                Ok(shipped) => Event::Item(answered(shipped, ship)),
                Err(refusal) => Event::Refused {
                    refusal: refusal.clone(),
                    batch_units,
                },
            };
            decided(apply(&item.job, ship, event, &context))
        })
        .collect();
    Made {
        outcomes,
        refusal: refusal_of(&answer),
    }
}

fn shipment(payload: &Payload) -> Option<&DouyinShip> {
    match payload {
        Payload::DouyinShip(ship) => Some(ship),
        _ => None,
    }
}

/// The answer to this pair, found by its names and not by its place.
fn answered(shipped: &DouyinShipped, ship: &DouyinShip) -> Answered {
    let is_ours = |item: &&ItemAnswer| {
        item.order_id == ship.order_id
            && item
                .waybill_code
                .as_ref()
                .is_none_or(|waybill| *waybill == ship.waybill_code)
    };
    match shipped.items.iter().find(is_ours) {
        None => Answered::Absent,
        Some(item) if item.code == ITEM_SHIPPED => Answered::Shipped,
        Some(item) => Answered::Refused {
            msg: item.err_msg.clone(),
        },
    }
}
