//! `send`, and `detail` after an unclear one.

use parceld_domain::flow::IllegalEvent;
use parceld_domain::flow::taobao_ship::{Event, Row, Shipped, apply};
use parceld_domain::id::Id;
use parceld_domain::job::Job;
use parceld_domain::outcome::Outcome;
use parceld_domain::payload::TaobaoShip;
use parceld_domain::state::Step;
use parceld_domain::verdict::Refusal;
use parceld_vendor::{DetailPage, DetailQuery};

use super::refusal_of;
use crate::run::Shared;

pub(super) async fn make(
    shared: &Shared,
    job: &Job,
    ship: &TaobaoShip,
) -> (Result<Outcome, IllegalEvent>, Option<Refusal>) {
    let (event, refusal) = if job.step == Step::Verify {
        let query = DetailQuery::look_up(ship.shop_id.clone(), ship.tid.clone());
        let answer = shared.vendor.detail(&query).await;
        let refusal = refusal_of(&answer);
        (Event::Looked(answer.map(|page| rows(page, &ship.tid))), refusal)
    } else {
        let answer = shared.vendor.send(ship).await;
        let refusal = refusal_of(&answer);
        let shipped = answer.map(|sent| Shipped {
            withholding_money: sent.withholding.map(|points| points.0),
        });
        (Event::Sent(shipped), refusal)
    };
    (apply(job, ship, event, &shared.context()), refusal)
}

/// Those of this trade: whether the vendor heeds the filter is not proven (trap F3).
fn rows(page: DetailPage, tid: &Id) -> Vec<Row> {
    page.rows
        .into_iter()
        .filter(|row| row.tid.as_ref().is_none_or(|of| of == tid))
        .map(|row| Row {
            out_sid: row.out_sid,
            seller_confirm: row.seller_confirm,
            status: row.status,
            sub_tids: row.sub_tids,
        })
        .collect()
}
