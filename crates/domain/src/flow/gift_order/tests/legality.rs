use super::super::super::fixture::failure;
use super::*;
use crate::outcome::JobError;
use crate::verdict::ErrorClass;

/// Every event with the steps at which it may happen.
fn events() -> Vec<(Event, &'static [Step])> {
    let pass_began_ms = NOW_MS;
    let looking: &[Step] = &[Step::Find, Step::Identify, Step::Confirm, Step::Poll];
    let following: &[Step] = &[Step::Identify, Step::Confirm, Step::Poll];
    let refused = JobError::found(ErrorClass::Terminal, "x", "x");
    vec![
        (
            Event::Preflighted(Preflight::Go { expected: PRICE }),
            &[Step::Create],
        ),
        (Event::Preflighted(Preflight::NeedsFresh), &[Step::Create]),
        (Event::Preflighted(Preflight::Refused(refused)), &[Step::Create]),
        (created(PRICE), &[Step::Create]),
        (Event::CreateRefused(timed_out()), &[Step::Create]),
        (found(vec![seen_order(SN, 1)]), &[Step::Find]),
        (Event::Unseen { pass_began_ms }, looking),
        (Event::DepthSpent { pass_began_ms }, looking),
        (
            Event::NotWhole {
                pass_began_ms,
                gap: Gap::Unreadable,
            },
            looking,
        ),
        (packages(1, 1, pass_began_ms), following),
        (Event::Paid, &[Step::Pay]),
        (Event::PayRefused(timed_out()), &[Step::Pay]),
    ]
}

#[test]
fn every_pair_of_step_and_event_is_decided_or_illegal_and_says_which() {
    let events = events();
    for step in Step::ALL {
        for (event, legal) in &events {
            let job = Job {
                step: *step,
                ..at_pay()
            };
            let answer = apply(&job, &order(), event.clone(), &context());
            let illegal = IllegalEvent {
                kind: Kind::GiftOrder,
                step: *step,
                event: event.name(),
            };
            assert_eq!(answer.err(), (!legal.contains(step)).then_some(illegal));
        }
    }
}

#[test]
fn only_create_confirm_and_identify_lead_to_a_payment() {
    for step in Step::ALL {
        for (event, _) in events() {
            let job = Job {
                step: *step,
                ..at_pay()
            };
            let Ok(outcome) = apply(&job, &order(), event, &at(SECOND_MS)) else {
                continue;
            };
            let pays = outcome.step == Step::Pay && matches!(outcome.fate, Fate::Ready { .. });
            assert!(
                !pays || matches!(step, Step::Create | Step::Identify | Step::Confirm),
                "{step}"
            );
        }
    }
}

#[test]
fn a_record_that_cannot_be_read_is_never_paid() {
    let torn = [
        Job {
            memory: "{\"expected\":\"x\"}".to_owned(),
            ..at_pay()
        },
        Job {
            result: "[".to_owned(),
            ..at_pay()
        },
    ];
    for job in torn {
        let outcome = decide(&job, Event::Paid);
        assert_eq!(failure(&outcome).class, ErrorClass::Human);
    }
}
