//! `dy-ship-free`: one call for many shipments of one shop, settled item by item.

use parceld_domain::flow::douyin_ship::{Event, Item as Answered, apply};
use parceld_domain::payload::{DouyinShip, Payload};
use parceld_vendor::DouyinShipped;

use super::{decided, refusal_of};
use crate::execute::{Item, Made};
use crate::run::Shared;

/// Item code 0 is the refusal: the reverse of the envelope's (trap B5).
const ITEM_REFUSED: i64 = 0;

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
    match shipped.answer_for(&ship.order_id, &ship.waybill_code) {
        None => Answered::Absent,
        Some(item) if item.shipped() => Answered::Shipped,
        Some(item) if item.code == ITEM_REFUSED => Answered::Refused {
            msg: item.err_msg.clone(),
        },
        // A code of no document says nothing.
        Some(_) => Answered::Absent,
    }
}

#[cfg(test)]
mod tests {
    use parceld_vendor::ItemAnswer;

    use super::*;

    #[test]
    fn answers_without_waybill_numbers_settle_neither_of_two_pairs_of_one_order() {
        let answer = |code| ItemAnswer {
            order_id: "1".into(),
            waybill_code: None,
            code,
            err_msg: String::new(),
        };
        let ship = DouyinShip {
            order_id: "1".into(),
            waybill_code: "SF1".into(),
            ..DouyinShip::default()
        };
        let shipped = |items| DouyinShipped {
            items,
            withholding: None,
        };
        assert_eq!(
            answered(&shipped(vec![answer(1), answer(0)]), &ship),
            Answered::Absent
        );
        assert_eq!(answered(&shipped(vec![answer(1)]), &ship), Answered::Shipped);
    }
}
