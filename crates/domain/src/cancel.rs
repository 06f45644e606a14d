//! What becomes of a job that an operator wants to cancel: only what was surely never done can be undone for free.

use serde::Deserialize;

use crate::flow::gift_order::VendorOrder;
use crate::id::Id;
use crate::job::Job;
use crate::kind::Kind;
use crate::outcome::{Attempts, Fate, Outcome};
use crate::state::{State, Step};

/// Why a job is not cancelled, and what to do instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotCancelled(pub String);

/// What every flow remembers of its effects; the rest of its memory is its own.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Effects {
    /// Some attempt had no clear answer.
    unknown: bool,
    /// Gift orders: payments that the vendor confirmed.
    payments: u32,
}

/// Decides whether the job ends as cancelled.
///
/// An unpaid vendor order costs nothing and is never paid by a cancelled job, so the key is given up with it.
///
/// # Errors
/// When something was done already, or may have been; the reason names the way out.
pub fn cancel(job: &Job) -> Result<Outcome, NotCancelled> {
    match job.state {
        State::Running => return refused("a call of this job is under way; try again in a moment"),
        State::Failed if job.kind != Kind::GiftOrder => {
            return refused("the job has failed already; nothing more is sent for it");
        }
        State::Cancelled => return refused("the job is cancelled already"),
        State::Done if job.kind != Kind::GiftOrder => return refused("the job is done"),
        // A gift order that failed before its payment holds its key until it is cancelled.
        State::Done | State::Failed | State::Ready | State::Scheduled | State::Waiting | State::Parked => {}
    }
    let Ok(effects) = effects(job) else {
        return refused(
            "the stored memory of this job cannot be read; whether something was sent is not known",
        );
    };
    if job.kind == Kind::GiftOrder {
        check_gift_order(job, &effects)?;
    } else if effects.unknown {
        return refused(
            "the outcome of an earlier call is not known and is being looked up; wait until the job has ended",
        );
    }
    let outcome = Outcome::new("cancelled", Fate::Cancelled, job.step, Attempts::Keep);
    Ok(match job.kind {
        Kind::GiftOrder => outcome.with_hold(""),
        _ => outcome,
    })
}

fn check_gift_order(job: &Job, effects: &Effects) -> Result<(), NotCancelled> {
    if job.state == State::Done || job.step == Step::Poll || effects.payments > 0 {
        return refused(way_out(job, "is paid"));
    }
    if effects.unknown && job.state == State::Failed {
        return refused(format!(
            "whether its vendor order was created or paid is not known; `parceld jobs retry {}` looks it up first",
            job.id
        ));
    }
    if effects.unknown {
        return refused(match job.step {
            Step::Create | Step::Find => {
                "whether the vendor order was created is not known and is being looked up; \
                                          try again when the look-up has ended"
                    .to_owned()
            }
            _ => way_out(
                job,
                "may be paid, which is looked up before anything more is sent",
            ),
        });
    }
    Ok(())
}

/// How the packages of a paid order are cancelled, one by one.
fn way_out(job: &Job, paid: &str) -> String {
    let order = VendorOrder::of(job).unwrap_or_default();
    let number = order.order_sn.as_ref().map_or("of this job", Id::as_str);
    let lines: Vec<String> = order
        .packages
        .iter()
        .map(|package| {
            let payload = serde_json::json!({"package_id": package.package_id});
            format!(r#"{{"kind":"gift.cancel","payload":{payload}}}"#)
        })
        .collect();
    if lines.is_empty() {
        return format!(
            "vendor order {number} {paid}; cancel its packages with gift.cancel as soon as `parceld jobs show {}` \
             names them in result.packages",
            job.id
        );
    }
    format!(
        "vendor order {number} {paid}; cancel its packages instead, by enqueueing: {}",
        lines.join(" ")
    )
}

fn effects(job: &Job) -> Result<Effects, serde_json::Error> {
    if job.memory.is_empty() {
        return Ok(Effects::default());
    }
    serde_json::from_str(&job.memory)
}

fn refused<T>(reason: impl Into<String>) -> Result<T, NotCancelled> {
    Err(NotCancelled(reason.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::private::Private;

    fn job(kind: Kind, state: State, step: Step, memory: &str) -> Job {
        Job {
            id: "01J".to_owned(),
            kind,
            key: "k".to_owned(),
            remark: String::new(),
            state,
            step,
            attempts: 1,
            version: 3,
            deaths: 0,
            max_batch: None,
            created_at_ms: 0,
            payload: Private::new(String::new()),
            memory: memory.to_owned(),
            result: String::new(),
        }
    }

    #[test]
    fn what_was_never_sent_is_cancelled_wherever_it_waits() {
        for state in [State::Ready, State::Scheduled, State::Parked, State::Waiting] {
            for (kind, step) in [
                (Kind::TaobaoShip, Step::Send),
                (Kind::DouyinShip, Step::Ship),
                (Kind::GiftOrder, Step::Create),
                (Kind::GiftCancel, Step::Cancel),
                (Kind::OrdersSync, Step::Fetch),
            ] {
                let outcome = cancel(&job(kind, state, step, "")).unwrap();
                assert_eq!((outcome.fate, outcome.step), (Fate::Cancelled, step));
            }
        }
    }

    #[test]
    fn an_unknown_outcome_is_never_cancelled() {
        for (kind, step) in [
            (Kind::TaobaoShip, Step::Verify),
            (Kind::DouyinShip, Step::Ship),
            (Kind::GiftOrder, Step::Find),
            (Kind::GiftOrder, Step::Identify),
            (Kind::GiftOrder, Step::Confirm),
            (Kind::GiftCancel, Step::Confirm),
        ] {
            let job = job(kind, State::Waiting, step, r#"{"unknown":true,"other":1}"#);
            assert!(cancel(&job).is_err(), "{kind} {step}");
        }
    }

    #[test]
    fn what_has_ended_or_is_under_way_is_not_cancelled() {
        for state in [State::Running, State::Done, State::Failed, State::Cancelled] {
            let refusal = cancel(&job(Kind::TaobaoShip, state, Step::Send, "")).unwrap_err();
            assert!(!refusal.to_string().is_empty());
        }
    }

    #[test]
    fn an_unpaid_vendor_order_is_cancelled_and_gives_its_key_up() {
        let outcome = cancel(&job(
            Kind::GiftOrder,
            State::Parked,
            Step::Pay,
            r#"{"payments":0}"#,
        ))
        .unwrap();
        assert_eq!(outcome.hold.as_deref(), Some(""));
    }

    #[test]
    fn a_paid_order_is_refused_with_the_lines_that_cancel_its_packages() {
        let mut job = job(Kind::GiftOrder, State::Waiting, Step::Poll, r#"{"payments":1}"#);
        let refusal = cancel(&job).unwrap_err().to_string();
        assert!(refusal.contains("parceld jobs show 01J"), "{refusal}");
        job.result = r#"{"order_sn":"2020","packages":[
            {"package_id":"243","platform_order_sn":null,"status":"2","express_no":null,"express_company_name":null}]}"#
            .to_owned();
        let refusal = cancel(&job).unwrap_err().to_string();
        assert!(
            refusal.contains(r#"{"kind":"gift.cancel","payload":{"package_id":"243"}}"#),
            "{refusal}"
        );
        assert!(refusal.contains("2020"), "{refusal}");
    }

    #[test]
    fn a_failed_gift_order_is_cancelled_only_if_it_was_surely_not_paid() {
        let failed = |memory| cancel(&job(Kind::GiftOrder, State::Failed, Step::Pay, memory));
        assert_eq!(failed(r#"{"payments":0}"#).unwrap().hold.as_deref(), Some(""));
        let paid = failed(r#"{"payments":1}"#).unwrap_err().to_string();
        assert!(paid.contains("gift.cancel"), "{paid}");
        let unknown = failed(r#"{"unknown":true}"#).unwrap_err().to_string();
        assert!(unknown.contains("jobs retry"), "{unknown}");
    }

    #[test]
    fn a_payment_that_was_confirmed_but_does_not_show_is_not_cancelled() {
        let job = job(Kind::GiftOrder, State::Ready, Step::Pay, r#"{"payments":1}"#);
        assert!(cancel(&job).is_err());
    }

    #[test]
    fn a_memory_that_cannot_be_read_forbids_to_cancel() {
        assert!(cancel(&job(Kind::DouyinShip, State::Ready, Step::Ship, "{")).is_err());
    }
}
