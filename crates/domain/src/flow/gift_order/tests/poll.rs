use super::super::super::fixture::{POLICY, delay_ms};
use super::*;

/// A poll at `now_ms` that shows these rows.
fn polled(job: &Job, rows: Vec<SeenPackage>, now_ms: u64) -> Outcome {
    let event = Event::Packages {
        rows,
        pass_began_ms: now_ms,
    };
    decide_at(job, event, now_ms)
}

#[test]
fn a_paid_order_is_first_polled_after_the_initial_pause() {
    let outcome = decide(&at_pay(), Event::Paid);
    assert_eq!((outcome.step, outcome.attempts), (Step::Poll, Attempts::Reset));
    assert_eq!(delay_ms(&outcome), POLICY.poll_initial_ms);
    assert_eq!(outcome.watch, Some(vec![format!("sn:{SN}")]));
    assert_eq!(hold(&outcome), Some(SN));
}

#[test]
fn polls_become_rarer_with_the_age_of_the_order() {
    let pauses = [
        (10_000, 30_000),
        (120_000, 60_000),
        (3_600_000, 1_800_000),
        (86_400_000, 1_800_000),
    ];
    for (age_ms, pause_ms) in pauses {
        let outcome = shown(&at_poll(), 2, 2, NOW_MS + age_ms);
        assert_eq!(delay_ms(&outcome), pause_ms, "{age_ms}");
        assert_eq!(outcome.attempts, Attempts::Keep);
    }
}

#[test]
fn the_last_poll_falls_on_the_deadline() {
    let now_ms = NOW_MS + POLICY.gift_deadline_ms - 1_000;
    assert_eq!(delay_ms(&shown(&at_poll(), 2, 2, now_ms)), 1_000);
}

#[test]
fn packages_are_known_as_soon_as_they_are_seen_and_only_once() {
    let job = at_poll();
    let outcome = polled(&job, vec![package("1", 2, "")], FIRST_MS);
    let job = after(&job, &outcome);
    let outcome = polled(&job, vec![package("1", 3, ""), package("2", 2, "")], FIRST_MS);
    let packages = known(&outcome).packages;
    let shown: Vec<(&str, &str)> = packages
        .iter()
        .map(|package| (package.package_id.as_str(), package.status.as_str()))
        .collect();
    assert_eq!(shown, [("1", "3"), ("2", "2")]);
}

#[test]
fn an_order_is_done_when_every_package_has_a_waybill_or_is_cancelled() {
    let outcome = polled(
        &at_poll(),
        vec![package("1", 3, "YT1"), package("2", 4, "")],
        FIRST_MS,
    );
    assert_eq!(outcome.fate, Fate::Done);
    let packages = known(&outcome).packages;
    assert_eq!(packages[0].express_no.as_deref(), Some("YT1"));
    assert_eq!(packages[0].express_company_name.as_deref(), Some("圆通"));
    assert_eq!(packages[1].express_no, None);
}

#[test]
fn an_order_is_not_done_while_a_package_is_unseen_or_shipped_without_a_waybill() {
    let cases = [
        vec![package("1", 3, "YT1")],
        vec![package("1", 3, "YT1"), package("1", 3, "YT1")],
        vec![package("1", 3, "YT1"), package("2", 3, "")],
    ];
    for rows in cases {
        assert_eq!(polled(&at_poll(), rows, FIRST_MS).step, Step::Poll);
    }
}

#[test]
fn waybills_that_come_in_different_sweeps_add_up() {
    let job = at_poll();
    let rows = vec![package("1", 3, "YT1"), package("2", 2, "")];
    let job = after(&job, &polled(&job, rows, FIRST_MS));
    let rows = vec![package("1", 3, ""), package("2", 3, "YT2")];
    let outcome = polled(&job, rows, SECOND_MS);
    assert_eq!(outcome.fate, Fate::Done);
    assert_eq!(
        known(&outcome).packages[0].express_no.as_deref(),
        Some("YT1"),
        "a waybill is never forgotten"
    );
}

#[test]
fn an_order_whose_packages_are_all_cancelled_is_done_and_gives_the_key_up() {
    let outcome = shown(&at_poll(), 4, 4, FIRST_MS);
    assert_eq!(outcome.fate, Fate::Done);
    assert_eq!(hold(&outcome), Some(""));
}

#[test]
fn a_paid_order_past_its_deadline_fails_with_all_that_is_known() {
    let late_ms = NOW_MS + POLICY.gift_deadline_ms;
    let rows = vec![package("1", 3, "YT1"), package("2", 2, "")];
    let outcome = polled(&at_poll(), rows, late_ms);
    assert_eq!(failure(&outcome).class, ErrorClass::Deadline);
    assert_eq!(known(&outcome).packages.len(), 2);
    assert_eq!(hold(&outcome), Some(SN));
    let outcome = unseen(&at_poll(), late_ms);
    assert_eq!(failure(&outcome).class, ErrorClass::Deadline);
}

#[test]
fn absence_proves_nothing_about_a_paid_order() {
    for _ in 0..3 {
        let outcome = unseen(&at_poll(), FIRST_MS);
        assert!(matches!(outcome.fate, Fate::Waiting { .. }));
        assert_eq!(outcome.step, Step::Poll);
    }
}

#[test]
fn a_confirmed_payment_that_does_not_show_goes_to_a_person_at_the_second_look() {
    let job = at_poll();
    let early = shown(&job, 1, 1, FIRST_MS - 1);
    assert_eq!(early.step, Step::Poll, "the payment may not show yet");
    let outcome = shown(&after(&job, &early), 1, 1, FIRST_MS);
    assert_eq!(outcome.step, Step::Confirm);
    let job = after(&job, &outcome);
    assert_eq!(shown(&job, 2, 2, SECOND_MS).step, Step::Poll);
    assert_eq!(shown(&job, 1, 1, SECOND_MS - 1).step, Step::Confirm);
    let outcome = shown(&job, 1, 1, SECOND_MS);
    assert_eq!(failure(&outcome).class, ErrorClass::Human);
    assert_eq!(hold(&outcome), Some(SN));
}

#[test]
fn a_partly_seen_order_is_not_called_unpaid() {
    let outcome = polled(&at_poll(), vec![package("1", 1, "")], FIRST_MS);
    assert_eq!(outcome.step, Step::Poll);
    assert_eq!(shown(&at_poll(), 1, 2, FIRST_MS).step, Step::Poll);
}

/// Every way to learn that an order is paid: the answer, and the packages at each look-up.
fn known_as_paid() -> [Job; 3] {
    let found = at_identify();
    let unclear = at_confirm();
    [
        at_poll(),
        after(&found, &shown(&found, 2, 2, NOW_MS)),
        after(&unclear, &shown(&unclear, 2, 2, NOW_MS)),
    ]
}

#[test]
fn an_order_once_known_as_paid_is_never_paid_again_however_often_it_is_retried() {
    for job in known_as_paid() {
        assert_eq!(job.step, Step::Poll);
        let mut job = after(&job, &shown(&job, 1, 1, FIRST_MS));
        let mut now_ms = SECOND_MS;
        for _ in 0..3 {
            let outcome = shown(&job, 1, 1, now_ms);
            assert_eq!(failure(&outcome).class, ErrorClass::Human);
            let failed = after(&job, &outcome);
            let outcome = on_retry(&failed, &order(), Some(ErrorClass::Human), &at(now_ms));
            assert_eq!(outcome.step, Step::Confirm, "a retry begins with the look-up");
            job = after(&failed, &outcome);
            job = after(&job, &shown(&job, 1, 1, now_ms));
            now_ms += SETTLE_MS;
        }
        assert_eq!(
            shown(&job, 2, 2, now_ms).step,
            Step::Poll,
            "paid by hand meanwhile"
        );
    }
}
