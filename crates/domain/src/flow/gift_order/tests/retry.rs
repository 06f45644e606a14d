use super::super::super::fixture::{POLICY, delay_ms, terminal};
use super::*;
use crate::policy::Policy;

fn retried(job: &Job, class: ErrorClass) -> Outcome {
    on_retry(job, &order(), Some(class), &at(SECOND_MS))
}

#[test]
fn an_unsettled_create_is_looked_for_before_it_is_repeated() {
    let poisoned = (at_create(), ErrorClass::Poison);
    let lost = (at_find(), ErrorClass::Human);
    for (job, class) in [poisoned, lost] {
        let outcome = retried(&job, class);
        assert_eq!((outcome.step, outcome.attempts), (Step::Find, Attempts::Reset));
        let job = after(&job, &outcome);
        assert_eq!(unseen(&job, SECOND_MS - 1).step, Step::Find);
        let job = after(&job, &unseen(&job, SECOND_MS));
        assert_eq!(job.step, Step::Find, "two looks again");
    }
}

#[test]
fn an_unsettled_payment_is_looked_up_before_it_is_repeated() {
    let outcome = retried(&at_confirm(), ErrorClass::Human);
    assert_eq!((outcome.step, outcome.attempts), (Step::Confirm, Attempts::Reset));
}

#[test]
fn a_failover_is_told_as_the_reason_and_a_retry_leaves_no_stale_one() {
    let lost = on_failover(&at_pay(), &order(), &context());
    assert!(lost.error.unwrap().msg.starts_with("Redis failed over"));
    let job = at_confirm();
    let job = after(&job, &retried(&job, ErrorClass::Human));
    let job = after(&job, &shown(&job, 1, 1, SECOND_MS));
    let outcome = shown(&job, 1, 1, SECOND_MS + SETTLE_MS);
    assert_eq!((outcome.step, outcome.error), (Step::Pay, None));
}

#[test]
fn a_found_order_is_identified_again() {
    assert_eq!(retried(&at_identify(), ErrorClass::Human).step, Step::Identify);
}

#[test]
fn a_plainly_refused_payment_is_paid_at_once() {
    let found = at_identify();
    let identified = after(&found, &shown(&found, 1, 1, NOW_MS));
    for job in [at_pay(), identified] {
        let job = after(&job, &decide(&job, Event::PayRefused(terminal(10406))));
        assert_eq!(retried(&job, ErrorClass::Terminal).step, Step::Pay);
    }
}

#[test]
fn a_parked_payment_is_paid_at_once() {
    let outcome = on_retry(&at_pay(), &order(), None, &context());
    assert_eq!(outcome.fate, Fate::Ready { front: false });
    assert_eq!(outcome.step, Step::Pay);
}

#[test]
fn a_retry_pays_a_higher_price_only_under_a_higher_tolerance() {
    let job = step_on(&at_create(), created(Points(511)));
    let outcome = retried(&job, ErrorClass::Human);
    assert_eq!(outcome.step, Step::Confirm);
    let job = after(&job, &outcome);
    let job = after(&job, &shown(&job, 1, 1, SECOND_MS));
    let last_ms = SECOND_MS + SETTLE_MS;
    assert_eq!(failure(&shown(&job, 1, 1, last_ms)).class, ErrorClass::Human);
    let policy = Policy {
        price_tolerance: 1,
        ..POLICY.clone()
    };
    let ctx = Context {
        policy: &policy,
        ..at(last_ms)
    };
    let outcome = apply(&job, &order(), packages(1, 1, last_ms), &ctx).unwrap();
    assert_eq!(
        (outcome.step, outcome.fate),
        (Step::Pay, Fate::Ready { front: true })
    );
}

#[test]
fn an_order_past_its_deadline_is_polled_on_with_its_deadline_measured_anew() {
    let late_ms = NOW_MS + POLICY.gift_deadline_ms;
    let job = at_poll();
    let job = after(&job, &shown(&job, 2, 2, late_ms));
    let outcome = on_retry(&job, &order(), Some(ErrorClass::Deadline), &at(late_ms));
    assert_eq!((outcome.step, delay_ms(&outcome)), (Step::Poll, 0));
    let job = after(&job, &outcome);
    let outcome = shown(&job, 2, 2, late_ms + 1);
    assert_eq!(delay_ms(&outcome), POLICY.poll_initial_ms);
}
