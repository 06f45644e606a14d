//! A payment that follows an unclear one leaves only under a fresh look that shows the order unpaid.

use super::super::super::fixture::{ATTEMPTS_MAX, blocked, delay_ms, hinted, not_sent, terminal};
use super::*;
use crate::audit::{Fault, JobLook, Payments};
use crate::verdict::Hint;

/// When the second look of `unpaid` showed the order unpaid.
const SEEN_MS: u64 = SECOND_MS;
/// The earliest moment at which that look is stale.
const STALE_MS: u64 = SEEN_MS + SETTLE_MS + 1;

/// A job whose payment had this end, and whose order two looks then showed unpaid.
fn unpaid(unclear: &Job) -> Job {
    let job = after(unclear, &shown(unclear, 1, 1, FIRST_MS));
    let job = after(&job, &shown(&job, 1, 1, SEEN_MS));
    assert_eq!(job.step, Step::Pay);
    job
}

fn look(job: &Job, now_ms: u64) -> Option<Outcome> {
    look_before_payment(job, &order(), &at(now_ms))
}

#[test]
fn a_first_payment_needs_no_look_however_late_it_is() {
    for now_ms in [NOW_MS, NOW_MS + 100 * SETTLE_MS] {
        assert_eq!(look(&at_pay(), now_ms), None);
        let job = job(Kind::GiftOrder, Step::Create);
        assert_eq!(look(&job, now_ms), None, "a create has a look-up of its own");
    }
}

#[test]
fn a_payment_after_an_unclear_one_leaves_at_once_or_after_one_more_look() {
    let lost = at_pay();
    let unclear = [
        at_confirm(),
        after(&lost, &on_failover(&lost, &order(), &at(NOW_MS - TIMEOUT_MS))),
    ];
    for unclear in unclear {
        let job = unpaid(&unclear);
        assert_eq!(look(&job, STALE_MS - 1), None);
        let outcome = look(&job, STALE_MS).unwrap();
        assert_eq!((outcome.step, delay_ms(&outcome)), (Step::Confirm, 0));
        assert_eq!(outcome.attempts, Attempts::Keep);
        let job = after(&job, &outcome);
        assert_eq!(shown(&job, 2, 2, STALE_MS).step, Step::Poll, "it was charged");
        let again = shown(&job, 1, 1, STALE_MS);
        assert_eq!(
            (again.step, again.fate.clone()),
            (Step::Pay, Fate::Ready { front: true }),
            "a long lane must not make this look stale as well"
        );
        assert_eq!(look(&after(&job, &again), STALE_MS), None);
    }
}

#[test]
fn neither_a_parking_nor_a_backoff_nor_a_refusal_makes_the_unclear_payment_forgotten() {
    for refusal in [blocked(), not_sent()] {
        let job = step_on(&unpaid(&at_confirm()), Event::PayRefused(refusal));
        assert_eq!(job.step, Step::Pay);
        assert_eq!(look(&job, STALE_MS).unwrap().step, Step::Confirm);
    }
}

#[test]
fn a_plain_refusal_after_an_unclear_payment_is_final_only_once_the_order_still_shows_unpaid() {
    let job = step_on(&unpaid(&at_confirm()), Event::PayRefused(terminal(10406)));
    assert_eq!(job.step, Step::Confirm);
    assert_eq!(shown(&job, 2, 2, FIRST_MS).step, Step::Poll);
    let job = after(&job, &shown(&job, 1, 1, FIRST_MS));
    let outcome = shown(&job, 1, 1, SECOND_MS);
    assert_eq!(failure(&outcome).code, Some(10406));
    let outcome = on_retry(
        &after(&job, &outcome),
        &order(),
        Some(ErrorClass::Terminal),
        &at(STALE_MS),
    );
    assert_eq!(outcome.step, Step::Confirm);
}

#[test]
fn a_retry_after_an_unclear_payment_begins_with_the_look_up_whatever_the_job_failed_with() {
    let spent = Job {
        attempts: ATTEMPTS_MAX,
        ..at_confirm()
    };
    let spent = after(&spent, &shown(&spent, 1, 1, FIRST_MS));
    let spent = after(&spent, &shown(&spent, 1, 1, SEEN_MS));
    assert_eq!(
        (spent.step, spent.state),
        (Step::Pay, crate::state::State::Failed)
    );
    let echoed = step_on(
        &at_pay(),
        Event::PayRefused(hinted(terminal(10416), Hint::Effected)),
    );
    let echoed = after(&echoed, &shown(&echoed, 1, 1, FIRST_MS));
    let echoed = after(&echoed, &shown(&echoed, 1, 1, SEEN_MS));
    let parked = step_on(&unpaid(&at_confirm()), Event::PayRefused(blocked()));
    for (job, class) in [
        (spent, Some(ErrorClass::Retryable)),
        (echoed, Some(ErrorClass::Terminal)),
        (parked, None),
    ] {
        let outcome = on_retry(&job, &order(), class, &at(STALE_MS));
        assert_eq!(outcome.step, Step::Confirm, "{class:?}");
        let job = after(&job, &outcome);
        let first = shown(&job, 1, 1, STALE_MS);
        assert_eq!(first.step, Step::Confirm, "two looks again");
        let last_ms = STALE_MS + SETTLE_MS;
        let job = after(&job, &first);
        let job = after(&job, &shown(&job, 1, 1, last_ms));
        assert_eq!(job.step, Step::Pay);
        assert!(look(&job, last_ms + SETTLE_MS + 1).is_some());
        let parked = step_on(&job, Event::PayRefused(blocked()));
        let outcome = on_retry(&parked, &order(), None, &at(last_ms));
        assert_eq!(outcome.step, Step::Confirm, "however often: {class:?}");
    }
}

#[test]
fn a_job_with_an_unclear_payment_is_not_cancelled_for_free_while_it_waits_to_pay_again() {
    let parked = step_on(&unpaid(&at_confirm()), Event::PayRefused(blocked()));
    assert!(crate::cancel::cancel(&parked).is_err());
    let parked = step_on(&at_pay(), Event::PayRefused(blocked()));
    assert!(crate::cancel::cancel(&parked).is_ok());
}

#[test]
fn a_memory_of_an_earlier_version_is_read_as_before() {
    let job = Job {
        memory: r#"{"expected":510,"since_ms":1,"unknown":false,"look":{"from_ms":0,"left":0},"doubt":false,"payments":0,"poll_since_ms":0}"#.to_owned(),
        ..at_pay()
    };
    assert_eq!(look(&job, STALE_MS), None);
    assert_eq!(decide(&job, Event::Paid).step, Step::Poll);
}

/// What the audit says of the job's payments.
fn audited(job: &Job) -> Vec<Fault> {
    let fields = [("kind", job.kind.as_str()), ("memory", &job.memory)];
    let look = JobLook {
        id: job.id.clone(),
        fields: fields
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        ..JobLook::default()
    };
    let findings = Payments::default().meet(&look);
    findings.iter().map(|finding| finding.fault).collect()
}

#[test]
fn the_audit_finds_a_second_payment_that_the_vendor_confirmed_and_nothing_that_is_only_possible() {
    let unclear = at_confirm();
    let settled = after(&unclear, &shown(&unclear, 2, 2, FIRST_MS));
    let repeated = step_on(&unpaid(&unclear), Event::Paid);
    let shown_unpaid = after(&settled, &shown(&settled, 1, 1, SECOND_MS));
    let shown_paid = after(&shown_unpaid, &shown(&shown_unpaid, 2, 2, SECOND_MS));
    for job in [at_poll(), settled, repeated, shown_paid] {
        assert_eq!((job.step, audited(&job)), (Step::Poll, vec![]));
        // No way leads there: only a defect could pay such a job again.
        let again = Job {
            step: Step::Pay,
            ..job
        };
        assert_eq!(audited(&step_on(&again, Event::Paid)), [Fault::PaidTwice]);
    }
}
