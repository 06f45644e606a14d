use super::fixture::{self, NOW_MS, SETTLE_MS, TIMEOUT_MS, context, delay_ms, failure, job, payload};
use super::*;

/// Each kind with the steps that make calls and the lane of each.
const CALLS: [(Kind, Step, &str); 8] = [
    (Kind::TaobaoShip, Step::Send, "ship/send/-/7"),
    (Kind::TaobaoShip, Step::Verify, "reconcile/detail/-/7"),
    (Kind::DouyinShip, Step::Ship, "ship/dy-ship-free/1/7"),
    (Kind::GiftOrder, Step::Create, "create/order-create/-/"),
    (Kind::GiftOrder, Step::Pay, "pay/submit-payment/-/"),
    (Kind::GiftCancel, Step::Cancel, "cancel/get-package-cancel/-/"),
    (Kind::OrdersSync, Step::Fetch, "sync/mpaging-orders/2/9"),
    (Kind::LogisticsSync, Step::Fetch, "sync/detail/-/7"),
];

#[test]
fn every_step_that_makes_a_call_has_its_lane_and_no_other_step_has_one() {
    for kind in Kind::ALL {
        for step in Step::ALL {
            let expected = CALLS
                .iter()
                .find(|(k, s, _)| k == kind && s == step)
                .map(|(_, _, lane)| (*lane).to_owned());
            let lane = lane(&payload(*kind), *step).map(|lane| lane.to_string());
            assert_eq!(lane, expected, "{kind} {step}");
        }
    }
}

#[test]
fn a_job_starts_at_its_first_step_with_all_its_units() {
    for kind in Kind::ALL {
        let start = start(&payload(*kind));
        let (_, step, lane) = CALLS.iter().find(|(k, _, _)| k == kind).unwrap();
        assert_eq!((start.step, start.lane.to_string().as_str()), (*step, *lane));
        assert_eq!(start.units, if *kind == Kind::OrdersSync { 3 } else { 1 });
        assert_eq!(start.memory, "");
    }
}

#[test]
fn a_gift_order_of_a_shop_is_stopped_when_that_shop_is_parked() {
    let Payload::GiftOrder(mut order) = payload(Kind::GiftOrder) else {
        unreachable!()
    };
    order.shop_id = Some(Id::from("77"));
    let payload = Payload::GiftOrder(order);
    assert_eq!(lane(&payload, Step::Create).unwrap().shop, "77");
    assert_eq!(lane(&payload, Step::Pay).unwrap().shop, "77");
}

#[test]
fn a_dead_workers_effect_is_looked_up_no_sooner_than_deadline_and_settle_time_after_begin() {
    let expected = [
        (Kind::TaobaoShip, Step::Send, Step::Verify),
        (Kind::DouyinShip, Step::Ship, Step::Ship),
        (Kind::GiftOrder, Step::Create, Step::Find),
        (Kind::GiftOrder, Step::Pay, Step::Confirm),
        (Kind::GiftCancel, Step::Cancel, Step::Confirm),
    ];
    for (kind, step, look_up) in expected {
        let outcome = on_death(&job(kind, step), &payload(kind), &context());
        assert_eq!(outcome.step, look_up, "{kind} {step}");
        assert_eq!(delay_ms(&outcome), TIMEOUT_MS + SETTLE_MS, "{kind} {step}");
        assert_eq!(outcome.attempts, Attempts::Keep, "{kind} {step}");
    }
}

#[test]
fn a_dead_workers_read_goes_back_to_the_head_of_its_lane() {
    let reads = [
        (Kind::TaobaoShip, Step::Verify),
        (Kind::OrdersSync, Step::Fetch),
        (Kind::LogisticsSync, Step::Fetch),
    ];
    for (kind, step) in reads {
        let outcome = on_death(&job(kind, step), &payload(kind), &context());
        assert_eq!(
            (outcome.fate, outcome.step),
            (Fate::Ready { front: true }, step),
            "{kind}"
        );
    }
}

#[test]
fn after_a_failover_a_create_or_payment_is_looked_up_and_everything_else_just_begins_again() {
    for (kind, step, _) in CALLS {
        let outcome = on_failover(&job(kind, step), &payload(kind), &context());
        let expected = match step {
            Step::Create => Step::Find,
            Step::Pay => Step::Confirm,
            step => step,
        };
        assert_eq!(outcome.step, expected, "{kind}");
        let waits = matches!(outcome.fate, Fate::Waiting { .. });
        assert_eq!(waits, matches!(step, Step::Create | Step::Pay), "{kind} {step}");
    }
}

#[test]
fn a_create_lost_in_a_failover_is_looked_for_since_the_job_came_in() {
    let job = job(Kind::GiftOrder, Step::Create);
    let outcome = on_failover(&job, &payload(Kind::GiftOrder), &context());
    let Fate::Waiting { since_ms, .. } = outcome.fate else {
        panic!("{outcome:?}")
    };
    assert_eq!(since_ms, NOW_MS - 60_000);
    assert_eq!(outcome.hold.as_deref(), Some("unknown"));
}

#[test]
fn a_plain_failure_is_retried_at_its_own_call_with_its_attempts_reset() {
    for (kind, step, _) in CALLS {
        if matches!(step, Step::Verify | Step::Pay) {
            continue;
        }
        let outcome = on_retry(
            &job(kind, step),
            &payload(kind),
            Some(ErrorClass::Terminal),
            &context(),
        );
        assert_eq!(outcome.fate, Fate::Ready { front: false }, "{kind}");
        assert_eq!(
            (outcome.step, outcome.attempts),
            (step, Attempts::Reset),
            "{kind}"
        );
    }
}

#[test]
fn a_job_that_a_person_had_to_judge_or_that_ended_its_workers_is_retried_with_the_look_up() {
    let expected = [
        (Kind::TaobaoShip, Step::Send, Step::Verify),
        (Kind::GiftOrder, Step::Create, Step::Find),
        (Kind::GiftOrder, Step::Pay, Step::Confirm),
        (Kind::GiftCancel, Step::Cancel, Step::Confirm),
    ];
    for class in [ErrorClass::Human, ErrorClass::Unknown, ErrorClass::Poison] {
        for (kind, step, look_up) in expected {
            let outcome = on_retry(&job(kind, step), &payload(kind), Some(class), &context());
            assert_eq!(outcome.step, look_up, "{kind} {step} {class}");
            assert_eq!(outcome.attempts, Attempts::Reset, "{kind} {step} {class}");
        }
    }
}

#[test]
fn what_cannot_be_read_sends_nothing_and_goes_to_a_person() {
    for (kind, step, _) in CALLS {
        if matches!(kind, Kind::OrdersSync | Kind::LogisticsSync) || step == Step::Verify {
            continue;
        }
        let job = Job {
            memory: "{".to_owned(),
            ..job(kind, step)
        };
        for outcome in [
            on_death(&job, &payload(kind), &context()),
            on_retry(&job, &payload(kind), None, &context()),
        ] {
            assert_eq!(failure(&outcome).class, ErrorClass::Human, "{kind}");
        }
    }
}

#[test]
fn an_illegal_event_names_kind_step_and_event() {
    let illegal = IllegalEvent {
        kind: Kind::GiftOrder,
        step: Step::Poll,
        event: "created",
    };
    let outcome = on_illegal(&illegal);
    assert_eq!(outcome.step, Step::Poll);
    assert_eq!(
        failure(&outcome).msg,
        "gift.order: the event created is illegal at step poll"
    );
}

#[test]
fn a_refused_read_is_retried_parked_or_failed_by_its_verdict() {
    let job = job(Kind::LogisticsSync, Step::Fetch);
    for refusal in [fixture::not_sent(), fixture::timed_out(), fixture::unknown(999)] {
        let outcome = refused::read(&job, &refusal, &context());
        assert_eq!(
            delay_ms(&outcome),
            1_000,
            "half of the first delay, by the jitter"
        );
        assert_eq!(outcome.attempts, Attempts::Keep);
        assert!(outcome.error.is_some());
    }
    let outcome = refused::read(&job, &fixture::blocked(), &context());
    assert!(matches!(outcome.fate, Fate::Parked { .. }));
    assert_eq!(outcome.attempts, Attempts::Restore);
    let outcome = refused::read(&job, &fixture::terminal(100), &context());
    assert_eq!(failure(&outcome).code, Some(100));
}

#[test]
fn a_read_whose_attempts_are_spent_fails_with_the_last_code() {
    let spent = Job {
        attempts: fixture::ATTEMPTS_MAX,
        ..job(Kind::LogisticsSync, Step::Fetch)
    };
    let classes = [
        (fixture::timed_out(), ErrorClass::Retryable),
        (fixture::unknown(999), ErrorClass::Unknown),
    ];
    for (refusal, class) in classes {
        let outcome = refused::read(&spent, &refusal, &context());
        assert_eq!(failure(&outcome).class, class);
        assert_eq!(failure(&outcome).code, refusal.code);
        assert_eq!(failure(&outcome).advice, "建议");
    }
    let almost = Job {
        attempts: fixture::ATTEMPTS_MAX - 1,
        ..spent
    };
    let outcome = refused::read(&almost, &fixture::timed_out(), &context());
    assert!(matches!(outcome.fate, Fate::Scheduled { .. }));
}
