use super::super::fixture::{after, blocked, context, failure, job, payload, terminal, timed_out};
use super::*;
use crate::payload::Payload;

fn sync() -> OrdersSync {
    let Payload::OrdersSync(sync) = payload(Kind::OrdersSync) else {
        unreachable!()
    };
    sync
}

fn at_fetch() -> Job {
    job(Kind::OrdersSync, Step::Fetch)
}

fn row(order_sn: &str, raw: &str) -> OrderRow {
    OrderRow {
        order_sn: Id::from(order_sn),
        raw: Private::new(RawValue::from_string(raw.to_owned()).unwrap()),
    }
}

fn page(asked: usize, rows: Vec<OrderRow>) -> Event {
    Event::Page { asked, rows }
}

fn decide(job: &Job, event: Event) -> Outcome {
    apply(job, &sync(), event, &context()).unwrap()
}

fn refused(refusal: Refusal, batch_units: u32) -> Event {
    Event::Refused { refusal, batch_units }
}

#[test]
fn every_event_belongs_to_fetch_and_to_no_other_step() {
    for step in Step::ALL {
        for event in [page(1, Vec::new()), refused(timed_out(), 1)] {
            let answer = apply(&job(Kind::OrdersSync, *step), &sync(), event, &context());
            assert_eq!(answer.is_ok(), *step == Step::Fetch, "{step}");
        }
    }
}

#[test]
fn a_page_of_numbers_that_are_not_pending_is_illegal() {
    for asked in [0, 4] {
        assert!(apply(&at_fetch(), &sync(), page(asked, Vec::new()), &context()).is_err());
    }
}

#[test]
fn rows_are_gathered_digit_by_digit_and_numbers_without_one_are_missing() {
    let long = r#"{"order_sn":"a","n":202011041511461997011,"f":1.10}"#;
    let job = at_fetch();
    let first = decide(&job, page(2, vec![row("z", "{}"), row("a", long)]));
    assert_eq!(first.fate, Fate::Ready { front: true });
    assert_eq!(first.attempts, Attempts::Reset);
    let job = after(&job, &first);
    assert_eq!(pending(&sync(), &job.memory), [Id::from("c")]);
    assert_eq!(units(&sync(), &job.memory), 1);
    let last = decide(&job, page(1, vec![row("c", "{}")]));
    assert_eq!(last.fate, Fate::Done);
    assert_eq!(
        last.result.unwrap(),
        format!(r#"{{"orders":[{long},{{}}],"missing":["b"]}}"#)
    );
}

#[test]
fn a_number_given_twice_is_reported_once() {
    let twice = OrdersSync {
        order_sns: vec![Id::from("a"), Id::from("a"), Id::from("b"), Id::from("b")],
        ..sync()
    };
    let outcome = apply(&at_fetch(), &twice, page(4, vec![row("a", "{}")]), &context()).unwrap();
    assert_eq!(outcome.result.unwrap(), r#"{"orders":[{}],"missing":["b"]}"#);
}

#[test]
fn a_refused_batch_is_halved_down_to_the_number_that_is_to_blame() {
    let outcome = decide(&at_fetch(), refused(terminal(100), 7));
    assert_eq!(outcome.fate, Fate::Ready { front: true });
    assert_eq!(
        (outcome.max_batch, outcome.attempts),
        (Some(3), Attempts::Restore)
    );
    let outcome = decide(&at_fetch(), refused(terminal(100), 1));
    assert!(
        failure(&outcome).msg.starts_with("order number a: "),
        "{}",
        failure(&outcome).msg
    );
}

#[test]
fn what_may_pass_is_retried_and_what_is_blocked_is_parked() {
    let outcome = decide(&at_fetch(), refused(timed_out(), 7));
    assert!(matches!(outcome.fate, Fate::Scheduled { .. }));
    assert_eq!(outcome.max_batch, None);
    let outcome = decide(&at_fetch(), refused(blocked(), 7));
    assert!(matches!(outcome.fate, Fate::Parked { .. }));
}

#[test]
fn a_result_beyond_its_bound_goes_to_a_person() {
    let big = format!("\"{}\"", "x".repeat(RESULT_BYTES_MAX));
    let outcome = decide(&at_fetch(), page(1, vec![row("a", &big)]));
    assert_eq!(failure(&outcome).class, ErrorClass::Human);
    assert_eq!(outcome.result, None, "what was gathered before is kept");
}
