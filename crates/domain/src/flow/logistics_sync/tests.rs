use super::super::fixture::{after, blocked, context, failure, job, payload, terminal, timed_out};
use super::*;
use crate::id::Id;
use crate::payload::Payload;

fn sync() -> LogisticsSync {
    let Payload::LogisticsSync(sync) = payload(Kind::LogisticsSync) else {
        unreachable!()
    };
    sync
}

fn at_fetch() -> Job {
    job(Kind::LogisticsSync, Step::Fetch)
}

/// The rows numbered `from..to`.
fn rows(from: usize, to: usize) -> Vec<Private<Box<RawValue>>> {
    (from..to)
        .map(|number| Private::new(RawValue::from_string(number.to_string()).unwrap()))
        .collect()
}

fn decide(job: &Job, rows: Vec<Private<Box<RawValue>>>, total: Option<u64>) -> Outcome {
    apply(job, &sync(), Event::Page { rows, total }, &context()).unwrap()
}

fn count(outcome: &Outcome) -> usize {
    read::<Known>(outcome.result.as_ref().unwrap())
        .unwrap()
        .shippings
        .len()
}

#[test]
fn every_event_belongs_to_fetch_and_to_no_other_step() {
    for step in Step::ALL {
        let page = Event::Page {
            rows: Vec::new(),
            total: None,
        };
        for event in [page, Event::Refused(timed_out())] {
            let answer = apply(&job(Kind::LogisticsSync, *step), &sync(), event, &context());
            assert_eq!(answer.is_ok(), *step == Step::Fetch, "{step}");
        }
    }
}

#[test]
fn full_pages_go_on_and_a_short_page_is_the_last() {
    let job = at_fetch();
    assert_eq!(next_page(&job.memory), 1);
    let first = decide(&job, rows(0, 100), None);
    assert_eq!(first.fate, Fate::Ready { front: true });
    assert_eq!(first.attempts, Attempts::Reset);
    let job = after(&job, &first);
    assert_eq!(next_page(&job.memory), 2);
    let last = decide(&job, rows(100, 103), None);
    assert_eq!(last.fate, Fate::Done);
    assert_eq!(count(&last), 103);
}

#[test]
fn an_empty_page_is_the_last() {
    let outcome = decide(&at_fetch(), Vec::new(), None);
    assert_eq!(outcome.fate, Fate::Done);
    assert_eq!(outcome.result.unwrap(), r#"{"shippings":[]}"#);
}

#[test]
fn a_page_of_the_vendors_own_size_is_no_proof_of_the_end() {
    assert_eq!(
        decide(&at_fetch(), rows(0, 40), None).fate,
        Fate::Ready { front: true }
    );
}

#[test]
fn a_short_page_is_not_the_end_while_the_total_says_that_there_is_more() {
    let outcome = decide(&job(Kind::LogisticsSync, Step::Fetch), rows(0, 20), Some(60));
    assert_eq!(outcome.fate, Fate::Ready { front: true });
}

#[test]
fn a_total_that_is_reached_is_the_end() {
    assert_eq!(decide(&at_fetch(), rows(0, 100), Some(100)).fate, Fate::Done);
    assert_eq!(
        decide(&at_fetch(), rows(0, 100), Some(101)).fate,
        Fate::Ready { front: true }
    );
}

#[test]
fn a_page_that_only_repeats_is_the_end_and_shifted_rows_are_kept_once() {
    let job = at_fetch();
    let job = after(&job, &decide(&job, rows(0, 100), None));
    let repeated = decide(&job, rows(0, 100), None);
    assert_eq!((&repeated.fate, count(&repeated)), (&Fate::Done, 100));
    let shifted = decide(&job, rows(99, 199), None);
    assert_eq!(
        (&shifted.fate, count(&shifted)),
        (&Fate::Ready { front: true }, 199)
    );
}

#[test]
fn a_single_trade_has_one_page() {
    let trade = LogisticsSync {
        tid: Some(Id::from("1")),
        ..sync()
    };
    let event = Event::Page {
        rows: rows(0, 100),
        total: None,
    };
    let outcome = apply(&at_fetch(), &trade, event, &context()).unwrap();
    assert_eq!(outcome.fate, Fate::Done);
}

#[test]
fn too_many_pages_or_bytes_go_to_a_person() {
    let last_page = Job {
        memory: format!(r#"{{"pages":{}}}"#, PAGES_MAX - 1),
        ..at_fetch()
    };
    let outcome = decide(&last_page, rows(0, 100), None);
    assert_eq!(failure(&outcome).class, ErrorClass::Human);
    let big = RawValue::from_string(format!("\"{}\"", "x".repeat(RESULT_BYTES_MAX))).unwrap();
    let outcome = decide(&at_fetch(), vec![Private::new(big)], None);
    assert_eq!(failure(&outcome).class, ErrorClass::Human);
}

#[test]
fn a_refusal_is_retried_parked_or_terminal() {
    let refused = |refusal| apply(&at_fetch(), &sync(), Event::Refused(refusal), &context()).unwrap();
    assert!(matches!(refused(timed_out()).fate, Fate::Scheduled { .. }));
    assert!(matches!(refused(blocked()).fate, Fate::Parked { .. }));
    assert_eq!(failure(&refused(terminal(614))).code, Some(614));
}
