//! One vendor order that two jobs hold for their own is paid by one of them.

use super::*;
use crate::state::State;
use crate::verdict::ErrorClass;

/// Another job of the same order.
fn rival(id: &str, step: Step, state: State) -> Job {
    Job {
        id: id.to_owned(),
        step,
        state,
        ..at_pay()
    }
}

fn beside(rivals: &[Job]) -> Option<Outcome> {
    beside_rivals(&at_pay(), &order(), rivals, &context())
}

#[test]
fn a_job_that_is_about_to_pay_is_found_by_the_number_of_its_order() {
    let outcome = decide(&at_create(), created(PRICE));
    assert_eq!(outcome.watch, Some(vec![format!("order:{SN}")]));
    let names = rival_names(&at_pay(), &order(), &context());
    assert_eq!(names, [format!("order:{SN}"), format!("sn:{SN}")]);
}

#[test]
fn of_two_that_are_about_to_pay_the_first_that_came_in_does() {
    assert_eq!(at_pay().id, "01J");
    for state in [State::Ready, State::Scheduled, State::Parked] {
        assert_eq!(beside(&[rival("01K", Step::Pay, state)]), None, "{state}");
        let outcome = beside(&[rival("01A", Step::Pay, state)]).unwrap();
        assert_eq!(failure(&outcome).class, ErrorClass::Human, "{state}");
    }
    assert_eq!(beside(&[]), None);
}

#[test]
fn a_rival_whose_payment_may_be_under_way_is_waited_for() {
    let outcome = beside(&[rival("01K", Step::Pay, State::Running)]).unwrap();
    assert!(matches!(outcome.fate, Fate::Scheduled { .. }));
    assert_eq!((outcome.step, outcome.attempts), (Step::Pay, Attempts::Keep));
}

#[test]
fn a_job_stands_back_from_an_order_that_another_has_paid_and_retries_with_its_own_remark() {
    for step in [Step::Identify, Step::Confirm, Step::Poll] {
        let outcome = beside(&[rival("01K", step, State::Waiting)]).unwrap();
        let error = failure(&outcome);
        assert_eq!(error.class, ErrorClass::Human, "{step}");
        assert!(error.msg.contains(SN) && error.msg.contains("01K"), "{error:?}");
        assert_eq!(hold(&outcome), Some("unknown"));
        let failed = after(&at_pay(), &outcome);
        let retried = on_retry(&failed, &order(), Some(ErrorClass::Human), &context());
        assert_eq!(retried.step, Step::Find);
        assert_eq!(beside(&[failed]), None, "it is no rival any more");
    }
}

#[test]
fn a_repeated_payment_asks_for_nobody_because_everybody_stands_back_from_it() {
    let job = at_confirm();
    let job = after(&job, &shown(&job, 1, 1, FIRST_MS));
    let job = after(&job, &shown(&job, 1, 1, SECOND_MS));
    assert_eq!((job.step, job.state), (Step::Pay, State::Ready));
    assert_eq!(rival_names(&job, &order(), &context()), Vec::<String>::new());
    let later = Job {
        id: "01K".to_owned(),
        ..job
    };
    let outcome = beside(&[later]).unwrap();
    assert_eq!(failure(&outcome).class, ErrorClass::Human);
}
