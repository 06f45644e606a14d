use super::super::super::fixture::{ATTEMPTS_MAX, blocked, delay_ms, hinted, not_sent, terminal, unknown};
use super::*;
use crate::errand::Errand;
use crate::verdict::Hint;

#[test]
fn an_unclear_payment_is_looked_up_and_never_repeated_at_once() {
    for refusal in [timed_out(), unknown(200), unknown(999)] {
        let outcome = decide(&at_pay(), Event::PayRefused(refusal));
        assert_eq!(
            outcome.fate,
            Fate::Waiting {
                errand: Errand::Packages,
                delay_ms: SETTLE_MS,
                since_ms: NOW_MS - TIMEOUT_MS
            }
        );
        assert_eq!((outcome.step, outcome.attempts), (Step::Confirm, Attempts::Keep));
        assert_eq!(hold(&outcome), Some(SN));
    }
}

#[test]
fn a_payment_that_never_left_is_repeated_and_a_blocked_one_parked() {
    let outcome = decide(&at_pay(), Event::PayRefused(not_sent()));
    assert_eq!((outcome.step, delay_ms(&outcome)), (Step::Pay, 1_000));
    let outcome = decide(&at_pay(), Event::PayRefused(blocked()));
    assert!(matches!(outcome.fate, Fate::Parked { need: None, .. }));
}

#[test]
fn a_plain_refusal_of_a_payment_fails_and_keeps_the_key() {
    let outcome = decide(&at_pay(), Event::PayRefused(terminal(10406)));
    assert_eq!(failure(&outcome).code, Some(10406));
    assert_eq!(hold(&outcome), None, "the order is still there");
}

#[test]
fn packages_that_are_paid_settle_an_unclear_payment_whenever_they_were_seen() {
    for began_ms in [NOW_MS - 1, FIRST_MS] {
        let outcome = shown(&at_confirm(), 2, 2, began_ms);
        assert_eq!((outcome.step, outcome.attempts), (Step::Poll, Attempts::Reset));
    }
}

#[test]
fn only_two_looks_that_show_it_unpaid_settle_time_apart_lead_to_another_payment() {
    let job = at_confirm();
    let early = shown(&job, 1, 1, FIRST_MS - 1);
    assert_eq!(
        early.step,
        Step::Confirm,
        "the payment may still have been on its way"
    );
    let job = after(&job, &early);
    let first = shown(&job, 1, 1, FIRST_MS);
    assert_eq!((first.step, delay_ms(&first)), (Step::Confirm, SETTLE_MS));
    let job = after(&job, &first);
    let same_pass = shown(&job, 1, 1, FIRST_MS);
    assert_eq!(same_pass.step, Step::Confirm);
    let second = shown(&after(&job, &same_pass), 1, 1, SECOND_MS);
    assert_eq!(second.fate, Fate::Ready { front: true });
    assert_eq!((second.step, second.attempts), (Step::Pay, Attempts::Keep));
}

/// The job after one more payment without an answer, which two looks showed unpaid.
fn repeated(job: &Job) -> Job {
    let job = step_on(job, Event::PayRefused(timed_out()));
    let late_ms = NOW_MS + 100 * SETTLE_MS;
    let job = after(&job, &shown(&job, 1, 1, late_ms));
    after(&job, &shown(&job, 1, 1, late_ms + SETTLE_MS))
}

#[test]
fn each_further_payment_without_an_answer_is_looked_up_twice_as_late_up_to_a_bound() {
    let later = [(1, 1), (2, 2), (3, 4), (6, 32), (7, 64), (12, 64)];
    for (payments, settle_times) in later {
        // A retry resets the attempts, and no doubt.
        let job = (1..payments).fold(at_pay(), |job, _| repeated(&job));
        let refused = decide(&job, Event::PayRefused(timed_out()));
        let died = on_death(&job, &order(), &context());
        assert_eq!(delay_ms(&refused), settle_times * SETTLE_MS, "{payments}");
        assert_eq!(
            delay_ms(&died),
            TIMEOUT_MS + settle_times * SETTLE_MS,
            "{payments}"
        );
        let job = after(&job, &refused);
        assert_eq!(
            shown(&job, 1, 1, NOW_MS + settle_times * SETTLE_MS - 1).step,
            Step::Confirm
        );
    }
}

#[test]
fn a_look_that_showed_nothing_is_no_ground_for_a_payment() {
    let job = at_confirm();
    let job = after(&job, &unseen(&job, FIRST_MS));
    let outcome = shown(&job, 1, 1, SECOND_MS);
    assert_eq!(failure(&outcome).class, ErrorClass::Human);
}

#[test]
fn what_a_pass_showed_too_early_casts_no_doubt_on_later_looks() {
    let job = at_confirm();
    let job = after(&job, &shown(&job, 1, 2, FIRST_MS - 1));
    let job = after(&job, &shown(&job, 1, 1, FIRST_MS));
    assert_eq!(shown(&job, 1, 1, SECOND_MS).step, Step::Pay);
}

#[test]
fn payments_are_bounded_however_often_they_are_looked_up() {
    let job = Job {
        attempts: ATTEMPTS_MAX,
        ..at_confirm()
    };
    let job = after(&job, &shown(&job, 1, 1, FIRST_MS));
    let outcome = shown(&job, 1, 1, SECOND_MS);
    assert_eq!(failure(&outcome).class, ErrorClass::Retryable);
    assert_eq!(hold(&outcome), Some(SN));
}

#[test]
fn a_refusal_that_may_be_an_echo_is_settled_by_the_packages_and_never_paid_again() {
    for (code, class) in [
        (10407, ErrorClass::Human),
        (10408, ErrorClass::Human),
        (10410, ErrorClass::Terminal),
        (10416, ErrorClass::Terminal),
    ] {
        for refusal in [terminal(code), unknown(code)] {
            let event = Event::PayRefused(hinted(refusal, Hint::Effected));
            let job = step_on(&at_pay(), event);
            assert_eq!(job.step, Step::Confirm);
            assert_eq!(shown(&job, 2, 2, FIRST_MS).step, Step::Poll);
            let job = after(&job, &shown(&job, 1, 1, FIRST_MS));
            let outcome = shown(&job, 1, 1, SECOND_MS);
            assert_eq!(failure(&outcome).code, Some(code));
            assert_eq!(failure(&outcome).class, class, "{code}");
            assert_eq!(hold(&outcome), Some(SN));
        }
    }
}

#[test]
fn an_order_that_awaits_no_payment_by_the_vendors_word_is_paid_by_no_retry() {
    for code in [10407, 10408] {
        let refused = Event::PayRefused(hinted(unknown(code), Hint::Effected));
        let mut job = Job {
            attempts: ATTEMPTS_MAX,
            ..step_on(&at_pay(), refused)
        };
        let mut now_ms = FIRST_MS;
        for _ in 0..3 {
            let first = shown(&job, 1, 1, now_ms);
            now_ms += SETTLE_MS;
            let outcome = shown(&after(&job, &first), 1, 1, now_ms);
            let error = failure(&outcome);
            assert_eq!((error.code, error.class), (Some(code), ErrorClass::Human));
            for found in [SN, "1 has status 1, 2 has status 1"] {
                assert!(error.msg.contains(found), "{error:?}");
            }
            let failed = after(&job, &outcome);
            let retried = on_retry(&failed, &order(), Some(ErrorClass::Human), &at(now_ms));
            assert_eq!(retried.step, Step::Confirm);
            job = after(&failed, &retried);
        }
        assert_eq!(
            shown(&job, 2, 2, FIRST_MS).step,
            Step::Poll,
            "paid by another hand"
        );
        let cancelled = shown(&job, 4, 4, FIRST_MS);
        assert_eq!(
            (hold(&cancelled), failure(&cancelled).class),
            (Some(""), ErrorClass::Terminal)
        );
    }
}

#[test]
fn a_code_in_no_table_is_looked_up_and_then_final() {
    let job = step_on(&at_pay(), Event::PayRefused(unknown(999)));
    let job = after(&job, &shown(&job, 1, 1, FIRST_MS));
    let outcome = shown(&job, 1, 1, SECOND_MS);
    assert_eq!(failure(&outcome).code, Some(999));
}

#[test]
fn a_dead_payment_is_proved_absent_only_after_deadline_and_settle_time() {
    let job = at_pay();
    let job = after(&job, &on_death(&job, &order(), &context()));
    let early = NOW_MS + TIMEOUT_MS + SETTLE_MS - 1;
    let job = after(&job, &shown(&job, 1, 1, early));
    let job = after(&job, &shown(&job, 1, 1, early));
    assert_eq!(job.step, Step::Confirm);
    let job = after(&job, &shown(&job, 1, 1, early + 1));
    assert_eq!(shown(&job, 1, 1, early + 1 + SETTLE_MS).step, Step::Pay);
}

#[test]
fn some_packages_cancelled_and_the_rest_unseen_is_not_a_cancelled_order() {
    let event = Event::Packages {
        rows: vec![package("1", 4, "")],
        pass_began_ms: FIRST_MS,
    };
    let outcome = decide_at(&at_confirm(), event, FIRST_MS);
    assert_eq!(outcome.step, Step::Confirm);
    assert!(matches!(outcome.fate, Fate::Waiting { .. }));
}

#[test]
fn a_cancelled_order_that_may_have_been_paid_goes_to_a_person_and_keeps_the_key() {
    let paid = at_poll();
    let shown_unpaid = after(&paid, &shown(&paid, 1, 1, FIRST_MS));
    let lost = at_pay();
    let cases = [
        (shown_unpaid, "was paid"),
        (at_confirm(), "may have been paid"),
        (
            after(&lost, &on_death(&lost, &order(), &context())),
            "may have been paid",
        ),
        (
            after(&lost, &on_failover(&lost, &order(), &context())),
            "may have been paid",
        ),
    ];
    for (job, paid) in cases {
        assert_eq!(job.step, Step::Confirm);
        let outcome = shown(&job, 4, 4, SECOND_MS);
        let error = failure(&outcome);
        assert_eq!(error.class, ErrorClass::Human);
        assert!(error.msg.contains(paid), "{error:?}");
        assert_eq!(hold(&outcome), Some(SN));
        let retried = on_retry(
            &after(&job, &outcome),
            &order(),
            Some(ErrorClass::Human),
            &at(SECOND_MS),
        );
        let job = after(&job, &retried);
        assert_eq!(hold(&shown(&job, 4, 4, SECOND_MS)), Some(SN), "nor does a retry");
    }
}

#[test]
fn a_cancelled_order_whose_payment_was_only_refused_gives_the_key_up() {
    let refused = Event::PayRefused(hinted(terminal(10407), Hint::Effected));
    let outcome = shown(&step_on(&at_pay(), refused), 4, 4, FIRST_MS);
    assert_eq!(failure(&outcome).class, ErrorClass::Terminal);
    assert_eq!(hold(&outcome), Some(""));
}
