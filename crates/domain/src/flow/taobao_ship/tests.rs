use super::super::fixture::{
    ATTEMPTS_MAX, POLICY, SETTLE_MS, after, blocked, context, delay_ms, failure, hinted, job, not_sent,
    payload, terminal, timed_out, unknown,
};
use super::*;
use crate::payload::Payload;
use crate::policy::Policy;

const TID: &str = "1692089714634374451";

fn ship() -> TaobaoShip {
    let Payload::TaobaoShip(ship) = payload(Kind::TaobaoShip) else {
        unreachable!()
    };
    ship
}

fn decide(job: &Job, event: Event) -> Outcome {
    apply(job, &ship(), event, &context()).unwrap()
}

fn sent(refusal: Refusal) -> Event {
    Event::Sent(Err(refusal))
}

fn at_send() -> Job {
    job(Kind::TaobaoShip, Step::Send)
}

/// A job whose first `send` timed out.
fn at_verify() -> Job {
    let job = at_send();
    after(&job, &decide(&job, sent(timed_out())))
}

fn row(out_sid: &str, seller_confirm: &str, status: &str) -> Row {
    let field = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    Row {
        out_sid: field(out_sid).map(Id::from),
        seller_confirm: field(seller_confirm),
        status: field(status),
        sub_tids: vec![Id::from(TID)],
    }
}

fn looked(rows: Vec<Row>) -> Event {
    Event::Looked(Ok(rows))
}

#[test]
fn sent_belongs_to_send_and_looked_to_verify_and_nothing_else_is_legal() {
    let shipped = Shipped {
        withholding_money: None,
    };
    let events = [
        (Event::Sent(Ok(shipped)), Step::Send),
        (sent(timed_out()), Step::Send),
        (looked(Vec::new()), Step::Verify),
        (Event::Looked(Err(timed_out())), Step::Verify),
    ];
    for step in Step::ALL {
        for (event, legal) in &events {
            let answer = apply(&job(Kind::TaobaoShip, *step), &ship(), event.clone(), &context());
            assert_eq!(answer.is_ok(), step == legal, "{step} {event:?}");
        }
    }
}

#[test]
fn a_confirmed_shipment_is_done_with_what_it_cost() {
    let shipped = Shipped {
        withholding_money: Some(1),
    };
    let outcome = decide(&at_send(), Event::Sent(Ok(shipped)));
    assert_eq!(outcome.fate, Fate::Done);
    assert_eq!(outcome.result.as_deref(), Some(r#"{"withholding_money":1}"#));
}

#[test]
fn a_send_that_never_left_is_simply_sent_again() {
    let outcome = decide(&at_send(), sent(not_sent()));
    assert_eq!(outcome.step, Step::Send);
    assert_eq!(delay_ms(&outcome), 1_000);
}

#[test]
fn a_blocked_send_is_parked_and_counts_nothing() {
    let outcome = decide(&at_send(), sent(blocked()));
    assert!(matches!(outcome.fate, Fate::Parked { .. }));
    assert_eq!((outcome.step, outcome.attempts), (Step::Send, Attempts::Restore));
}

#[test]
fn an_unclear_send_is_looked_up_after_the_settle_time() {
    for refusal in [timed_out(), unknown(200), unknown(999)] {
        let outcome = decide(&at_send(), sent(refusal));
        assert_eq!(outcome.step, Step::Verify);
        assert_eq!(delay_ms(&outcome), SETTLE_MS);
        assert_eq!(outcome.attempts, Attempts::Keep);
    }
}

#[test]
fn our_waybill_on_a_shipped_trade_is_success() {
    for row in [
        row("YT1", "yes", "SENDING"),
        row("YT1", "", "ACCEPTED_BY_RECEIVER"),
    ] {
        let outcome = decide(&at_verify(), looked(vec![row]));
        assert_eq!(outcome.fate, Fate::Done);
        let result = outcome.result.unwrap();
        assert_eq!(result, r#"{"settled_by":"look-up","withholding_money":null}"#);
    }
}

#[test]
fn another_waybill_on_a_shipped_trade_is_terminal_and_named() {
    let outcome = decide(&at_verify(), looked(vec![row("ZT9", "yes", "SENDING")]));
    let error = failure(&outcome);
    assert_eq!(error.class, ErrorClass::Terminal);
    assert!(
        error.msg.contains("ZT9") && error.msg.contains("YT1"),
        "{}",
        error.msg
    );
}

#[test]
fn a_closed_logistics_order_is_terminal() {
    for status in ["CLOSED", "CANCELLED"] {
        let outcome = decide(&at_verify(), looked(vec![row("", "no", status)]));
        assert_eq!(failure(&outcome).class, ErrorClass::Terminal);
        assert!(failure(&outcome).msg.contains(status));
    }
}

#[test]
fn only_two_looks_in_vain_lead_back_to_send_and_they_count_nothing() {
    let vain = [
        looked(Vec::new()),
        looked(vec![row("", "no", "CREATED")]),
        looked(vec![row("YT1", "no", "RECREATED")]),
        Event::Looked(Err(terminal(614))),
    ];
    for event in vain {
        let job = at_verify();
        let first = decide(&job, event.clone());
        assert_eq!(first.step, Step::Verify, "{event:?}");
        assert_eq!(delay_ms(&first), SETTLE_MS);
        assert_eq!(first.attempts, Attempts::Restore);
        let second = decide(&after(&job, &first), event);
        assert_eq!(second.fate, Fate::Ready { front: false });
        assert_eq!((second.step, second.attempts), (Step::Send, Attempts::Restore));
    }
}

#[test]
fn a_waybill_that_is_neither_shipped_nor_not_shipped_goes_to_a_person_and_is_not_sent_again() {
    let undecided = [
        row("YT1", "", "SENDING"),
        row("YT1", "", "PICK_UP"),
        row("YT1", "", ""),
        row("ZT9", "", "ACCEPTED"),
        row("YT1", "maybe", ""),
    ];
    for row in undecided {
        for (first, second) in [
            (vec![row.clone()], vec![row.clone()]),
            (vec![row.clone()], Vec::new()),
            (Vec::new(), vec![row.clone()]),
        ] {
            let job = at_verify();
            let job = after(&job, &decide(&job, looked(first)));
            assert_eq!(job.step, Step::Verify, "{row:?}");
            let outcome = decide(&job, looked(second));
            let waybill = row.out_sid.as_ref().unwrap();
            assert_eq!(failure(&outcome).class, ErrorClass::Human, "{row:?}");
            assert!(failure(&outcome).msg.contains(waybill.as_str()));
            assert_eq!(outcome.step, Step::Verify, "a retry looks again");
        }
        let job = at_verify();
        let job = after(&job, &decide(&job, looked(vec![row])));
        let shipped = decide(&job, looked(vec![self::row("YT1", "yes", "SENDING")]));
        assert_eq!(shipped.fate, Fate::Done);
        let retried = on_retry(&job, Some(ErrorClass::Human), &context());
        let job = after(&job, &retried);
        let job = after(&job, &decide(&job, looked(Vec::new())));
        assert_eq!(
            decide(&job, looked(Vec::new())).step,
            Step::Send,
            "a person has decided"
        );
    }
}

#[test]
fn sends_are_bounded_however_often_they_are_looked_up() {
    let job = Job {
        attempts: ATTEMPTS_MAX,
        ..at_send()
    };
    let job = after(&job, &decide(&job, sent(timed_out())));
    let job = after(&job, &decide(&job, looked(Vec::new())));
    let outcome = decide(&job, looked(Vec::new()));
    assert_eq!(failure(&outcome).class, ErrorClass::Retryable);
    assert_eq!(failure(&outcome).code, Some(101));
}

#[test]
fn an_attempt_that_ended_its_worker_counts_among_the_sends() {
    let job = Job {
        attempts: ATTEMPTS_MAX - 1,
        ..at_send()
    };
    let job = after(&job, &on_death(&job, &context()));
    let job = after(&job, &decide(&job, looked(Vec::new())));
    let outcome = decide(&job, looked(Vec::new()));
    assert_eq!(failure(&outcome).class, ErrorClass::Retryable);
}

#[test]
fn a_code_in_no_table_is_looked_up_and_then_final() {
    let job = at_send();
    let job = after(&job, &decide(&job, sent(unknown(999))));
    let job = after(&job, &decide(&job, looked(Vec::new())));
    let outcome = decide(&job, looked(Vec::new()));
    assert_eq!(failure(&outcome).class, ErrorClass::Unknown);
    assert_eq!(failure(&outcome).code, Some(999));
}

#[test]
fn a_look_up_that_is_not_answered_is_repeated_until_a_person_must_look() {
    let mut job = at_verify();
    for _ in 1..ATTEMPTS_MAX {
        let outcome = decide(&job, Event::Looked(Err(timed_out())));
        assert!(matches!(outcome.fate, Fate::Scheduled { .. }));
        assert_eq!(
            (outcome.step, outcome.attempts),
            (Step::Verify, Attempts::Restore)
        );
        job = after(&job, &outcome);
    }
    let outcome = decide(&job, Event::Looked(Err(timed_out())));
    assert_eq!(failure(&outcome).class, ErrorClass::Human);
}

#[test]
fn a_look_up_that_is_refused_goes_to_a_person_and_a_blocked_one_is_parked() {
    let outcome = decide(&at_verify(), Event::Looked(Err(terminal(100))));
    assert_eq!(failure(&outcome).class, ErrorClass::Human);
    let outcome = decide(&at_verify(), Event::Looked(Err(blocked())));
    assert!(matches!(outcome.fate, Fate::Parked { .. }));
    assert_eq!(outcome.step, Step::Verify);
}

#[test]
fn a_614_on_a_first_attempt_is_terminal_at_once_whatever_it_hints() {
    for hint in [Hint::None, Hint::Effected] {
        let outcome = decide(&at_send(), sent(hinted(terminal(614), hint)));
        assert_eq!(failure(&outcome).code, Some(614));
        assert_eq!(failure(&outcome).class, ErrorClass::Terminal);
    }
}

/// A job that is sent a second time after an unclear first attempt.
fn at_second_send() -> Job {
    let job = at_verify();
    let job = after(&job, &decide(&job, looked(Vec::new())));
    after(&job, &decide(&job, looked(Vec::new())))
}

#[test]
fn a_614_that_may_be_our_own_echo_is_settled_by_the_trade() {
    let job = at_second_send();
    let outcome = decide(&job, sent(hinted(terminal(614), Hint::Effected)));
    assert_eq!(outcome.step, Step::Verify);
    let job = after(&job, &outcome);
    let ours = decide(&job, looked(vec![row("YT1", "yes", "")]));
    assert_eq!(ours.fate, Fate::Done);
    let job = after(&job, &decide(&job, looked(Vec::new())));
    let neither = decide(&job, looked(Vec::new()));
    assert_eq!(failure(&neither).code, Some(614));
    assert_eq!(failure(&neither).class, ErrorClass::Terminal);
}

#[test]
fn a_614_without_a_hint_is_terminal_even_after_an_unclear_attempt() {
    let outcome = decide(&at_second_send(), sent(terminal(614)));
    assert_eq!(failure(&outcome).code, Some(614));
}

#[test]
fn the_one_advised_retry_of_a_614_comes_after_one_look_and_only_once() {
    let refusal = || sent(hinted(terminal(614), Hint::TryOnceMore));
    let job = at_send();
    let outcome = decide(&job, refusal());
    assert_eq!((outcome.step, delay_ms(&outcome)), (Step::Verify, SETTLE_MS));
    let job = after(&job, &outcome);
    let outcome = decide(&job, looked(Vec::new()));
    assert_eq!(
        (outcome.step, &outcome.fate),
        (Step::Send, &Fate::Ready { front: false })
    );
    let outcome = decide(&after(&job, &outcome), refusal());
    assert_eq!(failure(&outcome).code, Some(614));
}

#[test]
fn the_advised_retry_can_be_switched_off() {
    let policy = Policy {
        retry_614_once: false,
        ..POLICY.clone()
    };
    let ctx = Context {
        policy: &policy,
        ..context()
    };
    let event = sent(hinted(terminal(614), Hint::TryOnceMore));
    let outcome = apply(&at_send(), &ship(), event, &ctx).unwrap();
    assert_eq!(failure(&outcome).code, Some(614));
}

fn split() -> TaobaoShip {
    TaobaoShip {
        is_split: Some(Id::from("1")),
        sub_tid: Some(Id::from("12, 11")),
        ..ship()
    }
}

#[test]
fn a_part_of_a_split_trade_is_settled_only_by_the_row_of_exactly_its_sub_orders() {
    let ours = Row {
        sub_tids: vec![Id::from("11"), Id::from("12")],
        ..row("YT1", "yes", "")
    };
    let other = Row {
        sub_tids: vec![Id::from("13")],
        ..row("YT1", "yes", "")
    };
    let outcome = apply(&at_verify(), &split(), looked(vec![ours]), &context()).unwrap();
    assert_eq!(outcome.fate, Fate::Done);
    let outcome = apply(&at_verify(), &split(), looked(vec![other]), &context()).unwrap();
    assert_eq!(failure(&outcome).class, ErrorClass::Human);
}

#[test]
fn an_unclear_job_is_retried_with_the_look_up_and_both_its_looks() {
    let job = at_verify();
    let job = after(&job, &decide(&job, looked(vec![row("ZT9", "yes", "")])));
    let outcome = on_retry(&job, Some(ErrorClass::Terminal), &context());
    assert_eq!((outcome.step, outcome.attempts), (Step::Verify, Attempts::Reset));
    let job = after(&job, &outcome);
    assert_eq!(decide(&job, looked(Vec::new())).step, Step::Verify);
}

#[test]
fn a_memory_that_cannot_be_read_goes_to_a_person() {
    let job = Job {
        memory: "[]?".to_owned(),
        ..at_send()
    };
    assert_eq!(failure(&decide(&job, sent(timed_out()))).class, ErrorClass::Human);
}
