use super::super::fixture::{
    ATTEMPTS_MAX, POLICY, after, blocked, context, delay_ms, failure, job, not_sent, payload, terminal,
    timed_out, unknown,
};
use super::*;
use crate::payload::Payload;

fn ship() -> DouyinShip {
    let Payload::DouyinShip(ship) = payload(Kind::DouyinShip) else {
        unreachable!()
    };
    ship
}

fn at_ship() -> Job {
    job(Kind::DouyinShip, Step::Ship)
}

fn decide(job: &Job, event: Event) -> Outcome {
    apply(job, &ship(), event, &context()).unwrap()
}

fn refused(refusal: Refusal, batch_units: u32) -> Event {
    Event::Refused { refusal, batch_units }
}

fn item_refused(msg: &str) -> Event {
    Event::Item(Item::Refused { msg: msg.to_owned() })
}

/// A job whose first call timed out.
fn after_unclear() -> Job {
    let job = at_ship();
    after(&job, &decide(&job, refused(timed_out(), 1)))
}

#[test]
fn every_event_belongs_to_ship_and_to_no_other_step() {
    let events = [
        Event::Item(Item::Shipped),
        item_refused("x"),
        Event::Item(Item::Absent),
        refused(timed_out(), 1),
    ];
    for step in Step::ALL {
        for event in &events {
            let answer = apply(&job(Kind::DouyinShip, *step), &ship(), event.clone(), &context());
            assert_eq!(answer.is_ok(), *step == Step::Ship, "{step} {event:?}");
        }
    }
}

#[test]
fn item_code_1_is_success_and_says_so_when_only_a_repeat_settled_it() {
    let outcome = decide(&at_ship(), Event::Item(Item::Shipped));
    assert_eq!(outcome.fate, Fate::Done);
    assert_eq!(outcome.result.unwrap(), r#"{"waybill_code":"YT1"}"#);
    let outcome = decide(&after_unclear(), Event::Item(Item::Shipped));
    assert_eq!(
        outcome.result.unwrap(),
        r#"{"settled_by":"repeat","waybill_code":"YT1"}"#
    );
}

#[test]
fn an_already_shipped_item_is_success_only_after_an_unclear_attempt() {
    for msg in ["该订单已 发货!", "请勿重复发货"] {
        let outcome = decide(&after_unclear(), item_refused(msg));
        assert_eq!(outcome.fate, Fate::Done, "{msg}");
        let outcome = decide(&at_ship(), item_refused(msg));
        assert_eq!(failure(&outcome).class, ErrorClass::Terminal, "{msg}");
    }
}

#[test]
fn any_other_refused_item_is_terminal_and_after_an_unclear_attempt_for_a_person() {
    let outcome = decide(&at_ship(), item_refused("未查询到订单"));
    assert_eq!(failure(&outcome).class, ErrorClass::Terminal);
    assert_eq!(failure(&outcome).msg, "未查询到订单");
    let outcome = decide(&after_unclear(), item_refused("未查询到订单"));
    assert_eq!(failure(&outcome).class, ErrorClass::Human);
}

#[test]
fn an_unclear_outcome_repeats_the_identical_pair() {
    let unclear = [
        refused(timed_out(), 50),
        refused(unknown(999), 50),
        Event::Item(Item::Absent),
    ];
    for event in unclear {
        let outcome = decide(&at_ship(), event.clone());
        assert_eq!(outcome.step, Step::Ship, "{event:?}");
        let settled_ms = POLICY.vendor_timeout_ms + POLICY.settle_time_ms;
        assert_eq!(delay_ms(&outcome), settled_ms + 1_000);
        assert_eq!(outcome.attempts, Attempts::Keep);
        assert_eq!(outcome.max_batch, None, "an unclear batch is not bisected");
    }
}

#[test]
fn repeats_are_bounded_and_then_a_person_decides() {
    let mut job = at_ship();
    for _ in 0..POLICY.douyin_repeats {
        let outcome = decide(&job, refused(timed_out(), 1));
        assert!(matches!(outcome.fate, Fate::Scheduled { .. }));
        job = after(&job, &outcome);
    }
    let outcome = decide(&job, refused(timed_out(), 1));
    assert_eq!(failure(&outcome).class, ErrorClass::Human);
    assert_eq!(failure(&outcome).code, Some(101));
    assert!(failure(&outcome).msg.contains("5 repeats"));
}

#[test]
fn deaths_count_among_the_repeats() {
    let mut job = at_ship();
    for _ in 0..POLICY.douyin_repeats {
        job = after(&job, &on_death(&job, &context()));
    }
    let outcome = decide(&job, refused(timed_out(), 1));
    assert_eq!(failure(&outcome).class, ErrorClass::Human);
}

#[test]
fn a_refused_batch_is_halved_down_to_the_single_unit_that_fails() {
    for (batch, half) in [(50, 25), (3, 1), (2, 1)] {
        let outcome = decide(&at_ship(), refused(terminal(100), batch));
        assert_eq!(outcome.fate, Fate::Ready { front: true });
        assert_eq!(outcome.max_batch, Some(half));
        assert_eq!(outcome.attempts, Attempts::Restore);
    }
    let outcome = decide(&at_ship(), refused(terminal(100), 1));
    assert_eq!(failure(&outcome).class, ErrorClass::Terminal);
    let outcome = decide(&after_unclear(), refused(terminal(100), 1));
    assert_eq!(failure(&outcome).class, ErrorClass::Human);
}

#[test]
fn a_blocked_batch_is_parked_and_counts_nothing() {
    let outcome = decide(&at_ship(), refused(blocked(), 50));
    assert!(matches!(outcome.fate, Fate::Parked { .. }));
    assert_eq!(outcome.attempts, Attempts::Restore);
}

#[test]
fn a_call_that_never_left_costs_no_repeat() {
    let outcome = decide(&at_ship(), refused(not_sent(), 50));
    assert_eq!(outcome.memory, None);
    let spent = Job {
        attempts: ATTEMPTS_MAX,
        ..at_ship()
    };
    let outcome = decide(&spent, refused(not_sent(), 50));
    assert_eq!(failure(&outcome).class, ErrorClass::Retryable);
    let spent = Job {
        attempts: ATTEMPTS_MAX,
        ..after_unclear()
    };
    let outcome = decide(&spent, refused(not_sent(), 50));
    assert_eq!(failure(&outcome).class, ErrorClass::Human);
}

#[test]
fn a_retry_grants_all_repeats_anew_but_remembers_the_unclear_attempt() {
    let mut job = at_ship();
    for _ in 0..=POLICY.douyin_repeats {
        job = after(&job, &decide(&job, refused(timed_out(), 1)));
    }
    let job = after(&job, &on_retry(&job));
    assert!(matches!(
        decide(&job, refused(timed_out(), 1)).fate,
        Fate::Scheduled { .. }
    ));
    assert_eq!(decide(&job, item_refused("已发货")).fate, Fate::Done);
}

#[test]
fn a_memory_that_cannot_be_read_goes_to_a_person() {
    let job = Job {
        memory: "7".to_owned(),
        ..at_ship()
    };
    let outcome = decide(&job, Event::Item(Item::Shipped));
    assert_eq!(failure(&outcome).class, ErrorClass::Human);
}
