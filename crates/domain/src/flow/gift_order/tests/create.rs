use super::super::super::fixture::{
    ATTEMPTS_MAX, POLICY, blocked, delay_ms, hinted, not_sent, refusal, terminal, unknown,
};
use super::*;
use crate::errand::Errand;
use crate::outcome::JobError;
use crate::policy::Policy;
use crate::scope::Scope;
use crate::verdict::{Hint, Verdict};

fn preflighted(preflight: Preflight) -> Outcome {
    decide(&job(Kind::GiftOrder, Step::Create), Event::Preflighted(preflight))
}

#[test]
fn a_preflight_that_passes_leads_to_the_call_and_counts_nothing() {
    let outcome = preflighted(Preflight::Go { expected: PRICE });
    assert_eq!(outcome.fate, Fate::Ready { front: false });
    assert_eq!((outcome.step, outcome.attempts), (Step::Create, Attempts::Keep));
}

#[test]
fn a_preflight_without_a_fresh_catalogue_waits_for_one() {
    let outcome = preflighted(Preflight::NeedsFresh);
    assert!(matches!(
        outcome.fate,
        Fate::Waiting {
            errand: Errand::Catalogue,
            delay_ms: 0,
            ..
        }
    ));
    assert_eq!(outcome.step, Step::Create);
}

#[test]
fn a_doomed_order_is_refused_and_gives_its_key_up() {
    let error = JobError {
        code: Some(10402),
        ..JobError::found(ErrorClass::Terminal, "x", "y")
    };
    let outcome = preflighted(Preflight::Refused(error));
    assert_eq!(failure(&outcome).code, Some(10402));
    assert_eq!(hold(&outcome), Some(""));
}

#[test]
fn a_created_order_is_known_at_once_and_then_paid() {
    let outcome = decide(&at_create(), created(PRICE));
    assert_eq!(outcome.fate, Fate::Ready { front: false });
    assert_eq!((outcome.step, outcome.attempts), (Step::Pay, Attempts::Reset));
    assert_eq!(hold(&outcome), Some(SN));
    assert_eq!(
        outcome.result.unwrap(),
        format!(r#"{{"order_id":"375","order_sn":"{SN}","total_price":510,"packages":[]}}"#)
    );
}

#[test]
fn a_price_beyond_the_tolerance_goes_to_a_person_unpaid() {
    let outcome = decide(&at_create(), created(Points(511)));
    let error = failure(&outcome);
    assert_eq!(error.class, ErrorClass::Human);
    assert!(
        error.msg.contains("511") && error.msg.contains("510"),
        "{}",
        error.msg
    );
    assert_eq!(hold(&outcome), Some(SN));
    assert_eq!(known(&outcome).order_id, Some(Id::from("375")));
}

#[test]
fn a_price_within_the_tolerance_is_paid() {
    let policy = Policy {
        price_tolerance: 5,
        ..POLICY.clone()
    };
    for (price, step_is_paid) in [(515, true), (516, false), (505, true), (504, false)] {
        let ctx = Context {
            policy: &policy,
            ..context()
        };
        let outcome = apply(&at_create(), &order(), created(Points(price)), &ctx).unwrap();
        assert_eq!(
            matches!(outcome.fate, Fate::Ready { .. }),
            step_is_paid,
            "{price}"
        );
    }
}

#[test]
fn an_order_without_an_expected_price_is_not_paid() {
    let outcome = decide(&job(Kind::GiftOrder, Step::Create), created(PRICE));
    assert_eq!(failure(&outcome).class, ErrorClass::Human);
}

#[test]
fn an_unclear_create_is_looked_for_by_its_remark_and_holds_its_key() {
    for refusal in [timed_out(), unknown(200), unknown(999)] {
        let outcome = decide(&at_create(), Event::CreateRefused(refusal));
        assert_eq!(
            outcome.fate,
            Fate::Waiting {
                errand: Errand::Orders,
                delay_ms: SETTLE_MS,
                since_ms: NOW_MS - TIMEOUT_MS
            }
        );
        assert_eq!((outcome.step, outcome.attempts), (Step::Find, Attempts::Keep));
        assert_eq!(outcome.watch, Some(vec!["remark:ERP-1".to_owned()]));
        assert_eq!(hold(&outcome), Some("unknown"));
    }
}

#[test]
fn a_clean_refusal_fails_and_gives_the_key_up() {
    for code in [100, 10402, 10409] {
        let outcome = decide(&at_create(), Event::CreateRefused(terminal(code)));
        assert_eq!(failure(&outcome).code, Some(code));
        assert_eq!(hold(&outcome), Some(""));
    }
}

#[test]
fn a_refusal_that_may_be_an_echo_is_final_only_when_no_order_is_found() {
    let event = Event::CreateRefused(hinted(terminal(10409), Hint::Effected));
    let job = step_on(&at_create(), event);
    assert_eq!(job.step, Step::Find);
    let job = after(&job, &unseen(&job, FIRST_MS));
    let outcome = unseen(&job, SECOND_MS);
    assert_eq!(failure(&outcome).code, Some(10409));
    assert_eq!(hold(&outcome), Some(""));
}

#[test]
fn a_create_that_was_looked_for_in_vain_is_refused_and_repeated_like_a_first_one() {
    let job = at_find();
    let job = after(&job, &unseen(&job, FIRST_MS));
    let again = unseen(&job, SECOND_MS);
    assert_eq!(hold(&again), Some(""));
    let job = after(&job, &again);
    let outcome = decide(&job, Event::CreateRefused(terminal(10409)));
    assert_eq!(failure(&outcome).code, Some(10409));
    assert_eq!(decide(&job, created(PRICE)).step, Step::Pay);
}

#[test]
fn a_create_that_never_left_is_repeated_until_its_attempts_are_spent() {
    let outcome = decide(&at_create(), Event::CreateRefused(not_sent()));
    assert_eq!((outcome.step, delay_ms(&outcome)), (Step::Create, 1_000));
    let spent = Job {
        attempts: ATTEMPTS_MAX,
        ..at_create()
    };
    let outcome = decide(&spent, Event::CreateRefused(not_sent()));
    assert_eq!(failure(&outcome).class, ErrorClass::Retryable);
    assert_eq!(hold(&outcome), Some(""));
}

#[test]
fn a_blocked_create_is_parked_with_its_scope() {
    let outcome = decide(&at_create(), Event::CreateRefused(blocked()));
    assert!(matches!(
        outcome.fate,
        Fate::Parked {
            scope: Scope::Account,
            need: None,
            ..
        }
    ));
    assert_eq!(
        (outcome.step, outcome.attempts),
        (Step::Create, Attempts::Restore)
    );
}

#[test]
fn a_payment_without_the_points_parks_the_balance_with_what_it_needs() {
    let refusal = refusal(Verdict::Blocked(Scope::Balance), Some(302));
    let outcome = decide(&at_pay(), Event::PayRefused(refusal));
    assert!(matches!(
        outcome.fate,
        Fate::Parked {
            scope: Scope::Balance,
            need: Some(PRICE),
            ..
        }
    ));
    assert_eq!((outcome.step, outcome.attempts), (Step::Pay, Attempts::Restore));
}

#[test]
fn a_dead_create_holds_the_key_and_is_proved_absent_only_after_deadline_and_settle_time() {
    let job = at_create();
    let outcome = on_death(&job, &order(), &context());
    assert_eq!(hold(&outcome), Some("unknown"));
    let job = after(&job, &outcome);
    let early = unseen(&job, NOW_MS + TIMEOUT_MS + SETTLE_MS - 1);
    let early_twice = unseen(&after(&job, &early), NOW_MS + TIMEOUT_MS + SETTLE_MS - 1);
    assert_eq!(early_twice.step, Step::Find);
    let first = unseen(&job, NOW_MS + TIMEOUT_MS + SETTLE_MS);
    assert_eq!(first.step, Step::Find);
    let second = unseen(&after(&job, &first), NOW_MS + TIMEOUT_MS + 2 * SETTLE_MS);
    assert_eq!(second.step, Step::Create);
}
