//! What is worth a line while the worker drains the file, told in the order in which it happens.

use super::erp::{CLOSED_KEY, CUT_KEY, DOUYIN, DOUYIN_SHOPS, GIFTS, SHUT, SHUT_SHOP, TAOBAO};
use super::scene::Scene;

/// Something that must happen, and the words for it when it has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Milestone {
    pub(super) name: &'static str,
    pub(super) words: fn(&Scene) -> Option<String>,
}

pub(super) const WHILE_DRAINING: [Milestone; 7] = [
    Milestone {
        name: "the shop without authorisation is parked",
        words: shop_parked,
    },
    Milestone {
        name: "the Douyin shipments are done",
        words: douyin_shipped,
    },
    Milestone {
        name: "a payment is cut off",
        words: payment_cut,
    },
    Milestone {
        name: "the payment is looked up",
        words: payment_found,
    },
    Milestone {
        name: "the vendor refuses a trade",
        words: trade_refused,
    },
    Milestone {
        name: "the Taobao shipments are done",
        words: taobao_shipped,
    },
    Milestone {
        name: "the gift orders have their waybills",
        words: gifts_sent,
    },
];

fn shop_parked(scene: &Scene) -> Option<String> {
    let parked = scene.parked(&format!("shop:{SHUT_SHOP}"))?;
    Some(format!(
        "shop {SHUT_SHOP} has not authorised us (302 {}): its {SHUT} shipments are\n\
         parked, all others go on. Its owner is to open {}",
        parked.get("reason").text(),
        parked.get("link").text(),
    ))
}

fn douyin_shipped(scene: &Scene) -> Option<String> {
    let shipped = scene.ledger.get("shipments_per_douyin_pair").members().len() as u64;
    (shipped == DOUYIN).then(|| {
        format!(
            "{DOUYIN} Douyin shipments of {} shops are done; they shared {} calls",
            DOUYIN_SHOPS.len(),
            scene.calls("dy-ship-free"),
        )
    })
}

fn payment_cut(scene: &Scene) -> Option<String> {
    (scene.ledger.get("faults").get("cut").count() > 0).then(|| {
        format!(
            "the connection broke while {CUT_KEY} was being paid. Has the money gone?\n\
             Nobody knows, so it is not paid again: it will be looked up",
        )
    })
}

fn payment_found(scene: &Scene) -> Option<String> {
    let job = scene.done_gift(CUT_KEY)?;
    let result = job.get("result");
    let order = result.get("order_id").text();
    let waybill = result
        .get("packages")
        .items()
        .first()?
        .get("express_no")
        .text()
        .to_owned();
    Some(format!(
        "{CUT_KEY} was looked up and found paid; vendor order {order} was paid {} time,\n\
         its waybill is {waybill}",
        scene.ledger.get("payments_per_order").get(order).count(),
    ))
}

fn trade_refused(scene: &Scene) -> Option<String> {
    let error = scene.failed(CLOSED_KEY)?.get("error");
    Some(format!(
        "{CLOSED_KEY} failed for good: {} {}\nadvice: {}",
        error.get("code").count(),
        error.get("msg").text(),
        error.get("advice").text(),
    ))
}

fn taobao_shipped(scene: &Scene) -> Option<String> {
    let shipped = scene.ledger.get("shipments_per_trade").members().len() as u64;
    (shipped >= TAOBAO).then(|| format!("{TAOBAO} Taobao shipments are done, a call each"))
}

fn gifts_sent(scene: &Scene) -> Option<String> {
    (scene.done_gifts() == GIFTS).then(|| {
        format!(
            "{GIFTS} gift orders are created, paid and have their waybills; {} looks at the\n\
             vendor's list of packages answered all of them",
            scene.calls("get-package-list"),
        )
    })
}
