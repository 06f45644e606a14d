//! Jobs, refusals and a moment for the tests of all kinds.

use std::sync::LazyLock;

use super::Context;
use crate::job::Job;
use crate::kind::Kind;
use crate::outcome::{Fate, JobError, Outcome};
use crate::payload::Payload;
use crate::policy::Policy;
use crate::private::Private;
use crate::scope::Scope;
use crate::state::{State, Step};
use crate::verdict::{ErrorClass, Hint, Refusal, Verdict};

/// The moment of every decision unless a test says otherwise.
pub(super) const NOW_MS: u64 = 1_700_000_000_000;
/// Deadline of a call, settle time and retries of the default policy.
pub(super) const TIMEOUT_MS: u64 = 10_000;
pub(super) const SETTLE_MS: u64 = 30_000;
pub(super) const ATTEMPTS_MAX: u32 = 12;

pub(super) static POLICY: LazyLock<Policy> = LazyLock::new(Policy::default);

pub(super) fn context() -> Context<'static> {
    at(NOW_MS)
}

pub(super) fn at(now_ms: u64) -> Context<'static> {
    Context {
        policy: &POLICY,
        now_ms,
        jitter: 0.5,
    }
}

/// A job of this kind at this step, in its first attempt.
pub(super) fn job(kind: Kind, step: Step) -> Job {
    Job {
        id: "01J".to_owned(),
        kind,
        key: "ERP-1".to_owned(),
        remark: "ERP-1".to_owned(),
        state: State::Running,
        step,
        attempts: 1,
        version: 1,
        deaths: 0,
        max_batch: None,
        created_at_ms: NOW_MS - 60_000,
        payload: Private::new(payload_text(kind).to_owned()),
        memory: String::new(),
        result: String::new(),
    }
}

/// The job after this outcome.
pub(super) fn after(job: &Job, outcome: &Outcome) -> Job {
    let mut job = job.clone();
    job.step = outcome.step;
    job.state = outcome.fate.state();
    if let Some(memory) = &outcome.memory {
        job.memory = memory.clone();
    }
    if let Some(result) = &outcome.result {
        job.result = result.clone();
    }
    job
}

pub(super) fn payload(kind: Kind) -> Payload {
    Payload::decode(kind, payload_text(kind)).unwrap()
}

fn payload_text(kind: Kind) -> &'static str {
    match kind {
        Kind::TaobaoShip => {
            r#"{"shop_id":"7","tid":"1692089714634374451","out_sid":"YT1","company_code":"YTO"}"#
        }
        Kind::DouyinShip => {
            r#"{"shop_id":"7","order_id":"48A","logistics_code":"yto","waybill_code":"YT1","vvtype":1}"#
        }
        Kind::GiftOrder => {
            r#"{"product_id":11,"warehouse_id":23,"source":"taobao","product_number":2,"consignees":[
                {"consignee":"a","mobile":1,"province":"浙江","city":"杭州","district":"余杭区","address":"x"},
                {"consignee":"b","mobile":2,"province":"黑龙江省","city":"伊春市","district":"铁力市","address":"y"}]}"#
        }
        Kind::GiftCancel => r#"{"package_id":10}"#,
        Kind::OrdersSync => r#"{"owner_id":"9","order_sns":["a","b","c"],"type":2}"#,
        Kind::LogisticsSync => r#"{"shop_id":"7"}"#,
    }
}

pub(super) fn refusal(verdict: Verdict, code: Option<i64>) -> Refusal {
    let class = match &verdict {
        Verdict::NotSent | Verdict::Retryable => ErrorClass::Retryable,
        Verdict::Terminal => ErrorClass::Terminal,
        Verdict::Blocked(_) => ErrorClass::Blocked,
        Verdict::Unknown => ErrorClass::Unknown,
    };
    Refusal {
        verdict,
        code,
        msg: "the vendor's words".to_owned(),
        advice: "建议".to_owned(),
        class,
        hint: Hint::None,
        link: None,
    }
}

pub(super) fn hinted(refusal: Refusal, hint: Hint) -> Refusal {
    Refusal { hint, ..refusal }
}

pub(super) fn not_sent() -> Refusal {
    refusal(Verdict::NotSent, None)
}

pub(super) fn timed_out() -> Refusal {
    refusal(Verdict::Retryable, Some(101))
}

pub(super) fn terminal(code: i64) -> Refusal {
    refusal(Verdict::Terminal, Some(code))
}

pub(super) fn unknown(code: i64) -> Refusal {
    refusal(Verdict::Unknown, Some(code))
}

pub(super) fn blocked() -> Refusal {
    refusal(Verdict::Blocked(Scope::Account), Some(401))
}

/// The error of a job that must have failed.
pub(super) fn failure(outcome: &Outcome) -> &JobError {
    match &outcome.fate {
        Fate::Failed { error } => error,
        fate => panic!("not failed but {fate:?}"),
    }
}

/// The delay of a job that must be scheduled or waiting.
pub(super) fn delay_ms(outcome: &Outcome) -> u64 {
    match &outcome.fate {
        Fate::Scheduled { delay_ms } | Fate::Waiting { delay_ms, .. } => *delay_ms,
        fate => panic!("no delay in {fate:?}"),
    }
}
