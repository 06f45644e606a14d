use super::super::super::fixture::{ATTEMPTS_MAX, delay_ms, unknown};
use super::*;
use crate::errand::Errand;

#[test]
fn a_found_order_waits_for_its_packages_to_name_its_id() {
    let outcome = decide(&at_find(), found(vec![seen_order(SN, 1), seen_order(SN, 1)]));
    assert!(matches!(
        outcome.fate,
        Fate::Waiting {
            errand: Errand::Packages,
            delay_ms: 0,
            ..
        }
    ));
    assert_eq!(
        (outcome.step, outcome.attempts),
        (Step::Identify, Attempts::Reset)
    );
    assert_eq!(outcome.watch, Some(vec![format!("sn:{SN}")]));
    assert_eq!(hold(&outcome), Some(SN));
    let order = known(&outcome);
    assert_eq!((order.order_id, order.total_price), (None, Some(PRICE)));
}

#[test]
fn several_orders_of_one_remark_go_to_a_person_with_their_numbers() {
    let outcome = decide(&at_find(), found(vec![seen_order("8", 1), seen_order("9", 2)]));
    assert_eq!(failure(&outcome).class, ErrorClass::Human);
    assert!(
        failure(&outcome).msg.contains("8, 9"),
        "{}",
        failure(&outcome).msg
    );
    assert_eq!(hold(&outcome), Some("8,9"));
}

#[test]
fn a_cancelled_order_of_the_same_remark_does_not_matter_beside_a_living_one() {
    let outcome = decide(&at_find(), found(vec![seen_order("8", 4), seen_order("9", 1)]));
    assert_eq!(outcome.step, Step::Identify);
    assert_eq!(known(&outcome).order_sn, Some(Id::from("9")));
    let outcome = decide(&at_find(), found(vec![seen_order("8", 4)]));
    assert_eq!(known(&outcome).order_sn, Some(Id::from("8")));
}

#[test]
fn a_sweep_that_met_no_row_of_ours_changes_nothing() {
    let outcome = decide(&at_find(), found(Vec::new()));
    assert_eq!((outcome.step, delay_ms(&outcome)), (Step::Find, SETTLE_MS));
}

#[test]
fn only_two_passes_in_vain_settle_time_apart_lead_to_another_create() {
    let job = at_find();
    let early = unseen(&job, FIRST_MS - 1);
    assert_eq!(early.step, Step::Find);
    let job = after(&job, &early);
    let first = unseen(&job, FIRST_MS);
    assert_eq!((first.step, delay_ms(&first)), (Step::Find, SETTLE_MS));
    let job = after(&job, &first);
    let too_soon = unseen(&job, SECOND_MS - 1);
    assert_eq!(too_soon.step, Step::Find);
    let second = unseen(&after(&job, &too_soon), SECOND_MS);
    assert_eq!(second.fate, Fate::Ready { front: false });
    assert_eq!((second.step, second.attempts), (Step::Create, Attempts::Keep));
    assert_eq!(second.watch, Some(Vec::new()), "rows concern it no more");
}

#[test]
fn creates_are_bounded_however_often_they_are_looked_for() {
    let job = Job {
        attempts: ATTEMPTS_MAX,
        ..at_find()
    };
    let job = after(&job, &unseen(&job, FIRST_MS));
    let outcome = unseen(&job, SECOND_MS);
    assert_eq!(failure(&outcome).class, ErrorClass::Retryable);
    assert_eq!(failure(&outcome).code, Some(101));
}

#[test]
fn a_code_in_no_table_is_looked_for_and_then_final() {
    let job = step_on(&at_create(), Event::CreateRefused(unknown(999)));
    let job = after(&job, &unseen(&job, FIRST_MS));
    let outcome = unseen(&job, SECOND_MS);
    assert_eq!(failure(&outcome).code, Some(999));
    assert_eq!(failure(&outcome).class, ErrorClass::Unknown);
}

#[test]
fn a_spent_depth_goes_to_a_person_unless_the_pass_began_too_early() {
    for job in [at_find(), at_identify(), at_confirm()] {
        let spent = |pass_began_ms| decide_at(&job, Event::DepthSpent { pass_began_ms }, pass_began_ms);
        let early = spent(NOW_MS - 1);
        assert_eq!((early.step, early.fate.state()), (job.step, job.state));
        let outcome = spent(FIRST_MS);
        assert_eq!(failure(&outcome).class, ErrorClass::Human, "{}", job.step);
        assert_eq!(outcome.step, job.step);
    }
}

fn not_whole(job: &Job, gap: Gap, now_ms: u64) -> Outcome {
    let event = Event::NotWhole {
        pass_began_ms: now_ms,
        gap,
    };
    decide_at(job, event, now_ms)
}

#[test]
fn passes_that_are_not_whole_are_repeated_ever_later_and_boundedly() {
    for gaps in [[Gap::Unreadable, Gap::Unreadable], [Gap::Short(1), Gap::Short(2)]] {
        for start in [at_find(), at_identify(), at_confirm()] {
            let early = not_whole(&start, gaps[0], NOW_MS - 1);
            let (mut job, mut now_ms) = (after(&start, &early), FIRST_MS);
            let mut delays = Vec::new();
            for gap in gaps.into_iter().cycle().take(ATTEMPTS_MAX as usize - 1) {
                let outcome = not_whole(&job, gap, now_ms);
                assert_eq!((outcome.step, outcome.fate.state()), (start.step, start.state));
                delays.push(delay_ms(&outcome));
                now_ms += delay_ms(&outcome);
                job = after(&job, &outcome);
            }
            assert!(delays.is_sorted() && delays[0] == 1_000, "{delays:?}");
            let outcome = not_whole(&job, gaps[1], now_ms);
            assert_eq!(failure(&outcome).class, ErrorClass::Human);
            assert_eq!(outcome.step, start.step, "a retry looks again");
        }
    }
}

#[test]
fn a_list_that_falls_short_of_its_total_counts_only_when_it_does_so_again_by_as_much() {
    let (short, third_ms) = (Gap::Short(3), SECOND_MS + SETTLE_MS);
    let pass = |job: &Job, gap, now_ms| after(job, &not_whole(job, gap, now_ms));
    let job = pass(&at_find(), short, FIRST_MS);
    let job = pass(&job, short, SECOND_MS);
    assert_eq!(job.step, Step::Find, "the first of two looks");
    assert_eq!(pass(&job, short, third_ms).step, Step::Create);
    let job = pass(&job, Gap::Short(4), third_ms);
    assert_eq!(job.step, Step::Find);
    let whole = unseen(
        &pass(&job, Gap::Unreadable, third_ms + SETTLE_MS),
        third_ms + 2 * SETTLE_MS,
    );
    assert_eq!(whole.step, Step::Create, "whole passes count as ever");
}

#[test]
fn a_short_list_that_does_not_show_a_payment_is_no_ground_for_another() {
    let mut job = at_confirm();
    for now_ms in [FIRST_MS, SECOND_MS] {
        job = after(&job, &not_whole(&job, Gap::Short(3), now_ms));
        assert_eq!(job.step, Step::Confirm);
    }
    let outcome = not_whole(&job, Gap::Short(3), SECOND_MS + SETTLE_MS);
    assert_eq!(failure(&outcome).class, ErrorClass::Human);
}

#[test]
fn an_identified_unpaid_order_is_paid_with_the_id_of_its_packages() {
    let outcome = shown(&at_identify(), 1, 1, NOW_MS);
    assert_eq!(
        (outcome.step, &outcome.fate),
        (Step::Pay, &Fate::Ready { front: false })
    );
    assert_eq!(known(&outcome).order_id, Some(Id::from("375")));
    let rows_concern_it = |name: &String| name.starts_with("sn:");
    assert!(!outcome.watch.unwrap().iter().any(rows_concern_it));
}

#[test]
fn an_identified_order_is_compared_with_its_expected_price_before_it_is_paid() {
    let dear = SeenOrder {
        total_price: Some(Points(511)),
        ..seen_order(SN, 1)
    };
    let outcome = shown(&step_on(&at_find(), found(vec![dear])), 1, 1, NOW_MS);
    assert_eq!(failure(&outcome).class, ErrorClass::Human);
    let silent = SeenOrder {
        total_price: None,
        ..seen_order(SN, 1)
    };
    let job = step_on(&at_find(), found(vec![silent]));
    assert_eq!(
        known(&shown(&job, 1, 1, NOW_MS)).total_price,
        Some(PRICE),
        "the packages' sum"
    );
    let half = Event::Packages {
        rows: vec![package("1", 1, "")],
        pass_began_ms: NOW_MS,
    };
    assert_eq!(failure(&decide(&job, half)).class, ErrorClass::Human);
}

/// A package for this platform order, and one that names none.
fn bound_for(platform_order_sn: &str) -> Event {
    let row = SeenPackage {
        platform_order_sn: Id::from(platform_order_sn),
        ..package("1", 1, "")
    };
    Event::Packages {
        rows: vec![row, package("2", 1, "")],
        pass_began_ms: NOW_MS,
    }
}

#[test]
fn a_found_order_of_another_price_is_not_ours_whether_it_is_paid_or_not() {
    for (price, status) in [(509, 1), (511, 1), (509, 2), (511, 3)] {
        let strange = SeenOrder {
            total_price: Some(Points(price)),
            ..seen_order(SN, status)
        };
        let outcome = shown(&step_on(&at_find(), found(vec![strange])), status, status, NOW_MS);
        assert_eq!(failure(&outcome).class, ErrorClass::Human, "{price} {status}");
        assert_eq!(hold(&outcome), Some(SN));
        assert_eq!(outcome.step, Step::Identify, "a retry looks again");
    }
}

#[test]
fn a_found_order_bound_for_another_platform_order_is_not_ours() {
    let mut order = order();
    let decided = |order: &GiftOrder, event| apply(&at_identify(), order, event, &context()).unwrap();
    order.consignees[0].platform_order_sn = Some(Id::from("P-1"));
    assert_eq!(
        decided(&order, bound_for("P-2")).step,
        Step::Pay,
        "one of ours was sent without"
    );
    order.consignees[1].platform_order_sn = Some(Id::from("P-3"));
    assert_eq!(decided(&order, bound_for("P-1")).step, Step::Pay);
    let outcome = decided(&order, bound_for("P-2"));
    assert_eq!(failure(&outcome).class, ErrorClass::Human);
    assert!(
        !failure(&outcome).msg.contains("P-2"),
        "{}",
        failure(&outcome).msg
    );
}

#[test]
fn a_package_that_is_listed_twice_counts_once_in_the_price() {
    let silent = SeenOrder {
        total_price: None,
        ..seen_order(SN, 1)
    };
    let rows = ["1", "2", "1"].map(|id| package(id, 1, "")).to_vec();
    let event = Event::Packages {
        rows,
        pass_began_ms: NOW_MS,
    };
    let outcome = decide(&step_on(&at_find(), found(vec![silent])), event);
    assert_eq!(known(&outcome).total_price, Some(PRICE));
}

#[test]
fn an_order_found_paid_is_followed_and_never_paid_again() {
    for (first, second) in [(2, 2), (2, 3), (3, 4)] {
        let outcome = shown(&at_identify(), first, second, NOW_MS);
        assert_eq!(outcome.step, Step::Poll, "{first} {second}");
    }
}

#[test]
fn an_order_found_cancelled_fails_and_gives_the_key_up() {
    let outcome = shown(&at_identify(), 4, 4, NOW_MS);
    assert_eq!(failure(&outcome).class, ErrorClass::Terminal);
    assert_eq!(hold(&outcome), Some(""));
}

#[test]
fn packages_that_contradict_each_other_go_to_a_person_at_the_second_look() {
    for (first, second) in [(1, 2), (1, 4), (1, 9), (9, 9)] {
        for job in [at_identify(), at_confirm()] {
            let once = shown(&job, first, second, FIRST_MS);
            assert_eq!(once.step, job.step, "{first} {second}");
            let twice = shown(&after(&job, &once), first, second, SECOND_MS);
            assert_eq!(failure(&twice).class, ErrorClass::Human);
            assert_eq!(hold(&twice), Some(SN));
        }
    }
}

#[test]
fn a_found_order_whose_packages_are_not_listed_goes_to_a_person() {
    let job = at_identify();
    let job = after(&job, &unseen(&job, FIRST_MS));
    let outcome = unseen(&job, SECOND_MS);
    assert_eq!(failure(&outcome).class, ErrorClass::Human);
}
