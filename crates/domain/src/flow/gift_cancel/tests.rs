use super::super::fixture::{
    ATTEMPTS_MAX, NOW_MS, SETTLE_MS, after, at, blocked, context, delay_ms, failure, hinted, job, not_sent,
    payload, terminal, timed_out, unknown,
};
use super::*;
use crate::payload::Payload;

/// The earliest pass that proves something after a call that ended at `NOW_MS`.
const FIRST_MS: u64 = NOW_MS + SETTLE_MS;

fn cancel() -> GiftCancel {
    let Payload::GiftCancel(cancel) = payload(Kind::GiftCancel) else {
        unreachable!()
    };
    cancel
}

fn at_cancel() -> Job {
    job(Kind::GiftCancel, Step::Cancel)
}

fn decide(job: &Job, event: Event) -> Outcome {
    apply(job, &cancel(), event, &context()).unwrap()
}

/// A job whose call ended so, at `NOW_MS`.
fn at_confirm(refusal: Refusal) -> Job {
    let job = at_cancel();
    after(&job, &decide(&job, Event::Refused(refusal)))
}

/// What is decided when a pass that began at `pass_began_ms` shows the package so.
fn seen(job: &Job, status: i64, pass_began_ms: u64) -> Outcome {
    let event = Event::Seen {
        status: status.into(),
        pass_began_ms,
    };
    apply(job, &cancel(), event, &at(pass_began_ms)).unwrap()
}

#[test]
fn answers_belong_to_cancel_and_observations_to_confirm() {
    let pass_began_ms = NOW_MS;
    let status = VendorStatus::Cancelled;
    let events = [
        (Event::Cancelled, Step::Cancel),
        (Event::Refused(timed_out()), Step::Cancel),
        (
            Event::Seen {
                status,
                pass_began_ms,
            },
            Step::Confirm,
        ),
        (Event::Unseen { pass_began_ms }, Step::Confirm),
        (Event::DepthSpent { pass_began_ms }, Step::Confirm),
        (
            Event::NotWhole {
                pass_began_ms,
                gap: Gap::Unreadable,
            },
            Step::Confirm,
        ),
    ];
    for step in Step::ALL {
        for (event, legal) in &events {
            let answer = apply(
                &job(Kind::GiftCancel, *step),
                &cancel(),
                event.clone(),
                &context(),
            );
            let illegal = IllegalEvent {
                kind: Kind::GiftCancel,
                step: *step,
                event: event.name(),
            };
            assert_eq!(answer.err(), (step != legal).then_some(illegal));
        }
    }
}

#[test]
fn a_confirmed_cancellation_is_done() {
    assert_eq!(decide(&at_cancel(), Event::Cancelled).fate, Fate::Done);
}

#[test]
fn an_unclear_cancellation_waits_for_its_package() {
    for refusal in [timed_out(), unknown(10413)] {
        let outcome = decide(&at_cancel(), Event::Refused(refusal));
        assert_eq!(outcome.step, Step::Confirm);
        assert_eq!(delay_ms(&outcome), SETTLE_MS);
        assert_eq!(outcome.watch, Some(vec!["package:10".to_owned()]));
    }
}

#[test]
fn a_10412_is_terminal_at_once_unless_an_earlier_attempt_was_unclear() {
    let refusal = || Event::Refused(hinted(terminal(10412), Hint::Effected));
    assert_eq!(failure(&decide(&at_cancel(), refusal())).code, Some(10412));
    let job = at_confirm(timed_out());
    let job = after(&job, &seen(&job, 2, FIRST_MS));
    let job = after(&job, &seen(&job, 2, FIRST_MS + SETTLE_MS));
    assert_eq!(job.step, Step::Cancel);
    let outcome = decide(&job, refusal());
    assert_eq!(outcome.step, Step::Confirm);
    let job = after(&job, &outcome);
    assert_eq!(seen(&job, 4, FIRST_MS).fate, Fate::Done);
    let shipped = seen(&job, 3, FIRST_MS);
    assert_eq!(failure(&shipped).code, Some(10412));
    let job = after(&job, &seen(&job, 2, FIRST_MS));
    let neither = seen(&job, 2, FIRST_MS + SETTLE_MS);
    assert_eq!(failure(&neither).code, Some(10412));
    assert_eq!(failure(&neither).class, ErrorClass::Terminal);
}

#[test]
fn status_4_settles_an_unclear_cancellation_and_status_3_ends_it() {
    let job = at_confirm(timed_out());
    assert_eq!(seen(&job, 4, NOW_MS).fate, Fate::Done);
    let outcome = seen(&job, 3, NOW_MS);
    assert_eq!(failure(&outcome).class, ErrorClass::Terminal);
}

#[test]
fn only_two_looks_settle_time_apart_lead_to_another_cancellation() {
    for status in [1, 2] {
        let job = at_confirm(timed_out());
        let early = seen(&job, status, FIRST_MS - 1);
        assert_eq!(early.step, Step::Confirm);
        let job = after(&job, &early);
        let first = seen(&job, status, FIRST_MS);
        assert_eq!((first.step, delay_ms(&first)), (Step::Confirm, SETTLE_MS));
        let job = after(&job, &first);
        let same_pass = seen(&job, status, FIRST_MS);
        assert_eq!(same_pass.step, Step::Confirm);
        let second = seen(&after(&job, &same_pass), status, FIRST_MS + SETTLE_MS);
        assert_eq!(second.fate, Fate::Ready { front: false });
        assert_eq!((second.step, second.attempts), (Step::Cancel, Attempts::Keep));
    }
}

#[test]
fn a_refusal_without_a_clear_meaning_is_final_once_the_package_stands_unchanged() {
    let job = at_confirm(unknown(10413));
    let job = after(&job, &seen(&job, 2, FIRST_MS));
    let outcome = seen(&job, 2, FIRST_MS + SETTLE_MS);
    assert_eq!(failure(&outcome).code, Some(10413));
}

#[test]
fn cancellations_are_bounded() {
    let job = Job {
        attempts: ATTEMPTS_MAX,
        ..at_confirm(timed_out())
    };
    let job = after(&job, &seen(&job, 2, FIRST_MS));
    let outcome = seen(&job, 2, FIRST_MS + SETTLE_MS);
    assert_eq!(failure(&outcome).class, ErrorClass::Retryable);
}

#[test]
fn a_package_that_is_not_listed_goes_to_a_person() {
    let job = at_confirm(timed_out());
    let unseen = |job: &Job, pass_began_ms| {
        let event = Event::Unseen { pass_began_ms };
        apply(job, &cancel(), event, &at(pass_began_ms)).unwrap()
    };
    let first = unseen(&job, FIRST_MS);
    assert_eq!(first.step, Step::Confirm);
    let second = unseen(&after(&job, &first), FIRST_MS + SETTLE_MS);
    assert_eq!(failure(&second).class, ErrorClass::Human);
}

#[test]
fn a_spent_depth_goes_to_a_person_unless_the_pass_began_too_early() {
    let job = at_confirm(timed_out());
    let spent = |pass_began_ms| {
        let event = Event::DepthSpent { pass_began_ms };
        apply(&job, &cancel(), event, &at(pass_began_ms)).unwrap()
    };
    assert!(matches!(spent(FIRST_MS - 1).fate, Fate::Waiting { .. }));
    assert_eq!(failure(&spent(FIRST_MS)).class, ErrorClass::Human);
}

#[test]
fn passes_that_are_not_whole_are_repeated_boundedly_and_then_a_person_is_asked() {
    let mut job = at_confirm(timed_out());
    let not_whole = |job: &Job, pass_began_ms| {
        let gap = Gap::Unreadable;
        let event = Event::NotWhole { pass_began_ms, gap };
        apply(job, &cancel(), event, &at(pass_began_ms)).unwrap()
    };
    let mut now_ms = FIRST_MS;
    for _ in 1..ATTEMPTS_MAX {
        let outcome = not_whole(&job, now_ms);
        now_ms += delay_ms(&outcome);
        job = after(&job, &outcome);
        assert_eq!(job.step, Step::Confirm);
    }
    let error = failure(&not_whole(&job, now_ms)).clone();
    assert_eq!(error.class, ErrorClass::Human);
    assert!(error.msg.contains("could never be read"), "{error:?}");
}

#[test]
fn a_call_that_never_left_is_repeated_and_a_blocked_one_parked() {
    let outcome = decide(&at_cancel(), Event::Refused(not_sent()));
    assert!(matches!(outcome.fate, Fate::Scheduled { .. }));
    let outcome = decide(&at_cancel(), Event::Refused(blocked()));
    assert!(matches!(outcome.fate, Fate::Parked { .. }));
    assert_eq!(outcome.step, Step::Cancel);
}

#[test]
fn a_package_found_uncancelled_by_a_person_can_be_retried_from_the_look_up() {
    let job = at_confirm(timed_out());
    let outcome = on_retry(&job, &cancel(), Some(ErrorClass::Human), &at(FIRST_MS));
    assert_eq!((outcome.step, delay_ms(&outcome)), (Step::Confirm, 0));
    assert_eq!(outcome.attempts, Attempts::Reset);
}
