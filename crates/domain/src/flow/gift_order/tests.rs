mod confirm;
mod create;
mod find;
mod legality;
mod poll;
mod repeat;
mod retry;
mod rivals;

use super::super::fixture::{
    NOW_MS, SETTLE_MS, TIMEOUT_MS, after, at, context, failure, job, payload, timed_out,
};
use super::*;
use crate::outcome::{Attempts, Fate};
use crate::payload::Payload;

/// What the order of the tests should cost, and does.
const PRICE: Points = Points(510);
const SN: &str = "202011041511461997011";
/// The earliest pass that proves something after a call that ended at `NOW_MS`.
const FIRST_MS: u64 = NOW_MS + SETTLE_MS;
/// The earliest pass that proves something after a first look in vain at `FIRST_MS`.
const SECOND_MS: u64 = FIRST_MS + SETTLE_MS;

fn order() -> GiftOrder {
    let Payload::GiftOrder(order) = payload(Kind::GiftOrder) else {
        unreachable!()
    };
    order
}

fn decide(job: &Job, event: Event) -> Outcome {
    decide_at(job, event, NOW_MS)
}

fn decide_at(job: &Job, event: Event, now_ms: u64) -> Outcome {
    apply(job, &order(), event, &at(now_ms)).unwrap()
}

fn step_on(job: &Job, event: Event) -> Job {
    after(job, &decide(job, event))
}

/// A job that passed its preflight.
fn at_create() -> Job {
    let job = job(Kind::GiftOrder, Step::Create);
    step_on(&job, Event::Preflighted(Preflight::Go { expected: PRICE }))
}

/// A job whose create timed out.
fn at_find() -> Job {
    step_on(&at_create(), Event::CreateRefused(timed_out()))
}

/// A job whose order was found by its remark.
fn at_identify() -> Job {
    step_on(&at_find(), found(vec![seen_order(SN, 1)]))
}

fn created(total_price: Points) -> Event {
    Event::Created {
        order_id: Id::from("375"),
        order_sn: Id::from(SN),
        total_price,
    }
}

/// A job whose order was created.
fn at_pay() -> Job {
    step_on(&at_create(), created(PRICE))
}

/// A job whose payment timed out.
fn at_confirm() -> Job {
    step_on(&at_pay(), Event::PayRefused(timed_out()))
}

/// A job whose order was paid.
fn at_poll() -> Job {
    step_on(&at_pay(), Event::Paid)
}

fn found(rows: Vec<SeenOrder>) -> Event {
    Event::OrderSeen { rows }
}

fn seen_order(order_sn: &str, status: i64) -> SeenOrder {
    SeenOrder {
        order_sn: Id::from(order_sn),
        order_id: Id::from("466"),
        status: status.into(),
        total_price: Some(PRICE),
    }
}

fn package(package_id: &str, status: i64, express_no: &str) -> SeenPackage {
    SeenPackage {
        package_id: Id::from(package_id),
        order_id: Id::from("375"),
        order_sn: Id::from(SN),
        platform_order_sn: Id::default(),
        status: status.into(),
        express_no: express_no.to_owned(),
        express_company_name: "圆通".to_owned(),
        total: Some(Points(255)),
    }
}

/// Both packages, with these statuses and no waybill.
fn packages(first: i64, second: i64, pass_began_ms: u64) -> Event {
    Event::Packages {
        rows: vec![package("1", first, ""), package("2", second, "")],
        pass_began_ms,
    }
}

/// What is decided when a pass shows both packages so, at the moment it began.
fn shown(job: &Job, first: i64, second: i64, pass_began_ms: u64) -> Outcome {
    decide_at(job, packages(first, second, pass_began_ms), pass_began_ms)
}

fn unseen(job: &Job, pass_began_ms: u64) -> Outcome {
    decide_at(job, Event::Unseen { pass_began_ms }, pass_began_ms)
}

fn hold(outcome: &Outcome) -> Option<&str> {
    outcome.hold.as_deref()
}

fn known(outcome: &Outcome) -> VendorOrder {
    serde_json::from_str(outcome.result.as_ref().unwrap()).unwrap()
}
