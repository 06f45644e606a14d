//! How the vendor of a seed behaves, and what it is made to answer.

use fastrand::Rng;
use serde_json::{Value, json};

/// `vendor.timeout` and `vendor.settle_time` of these worlds. A call may take effect up to [`LATE_MS`] after its
/// deadline, and the lists may lag by [`LAG_MS`] thrice: just in time to count as seen.
pub(crate) const TIMEOUT: &str = "1s";
pub(crate) const SETTLE_TIME: &str = "500ms";
const LATE_MS: u64 = 150;
const LAG_MS: u64 = 100;
const TIMEOUT_MS: u64 = 1_000;

/// What its clock may be wrong by, in hours: other time zones among them.
const SKEWS_H: [i64; 5] = [0, 0, -8, 2, 5];
const HOUR_MS: i64 = 3_600_000;
/// Most rows of a page, whatever was asked for; 0 is no bound.
const PAGE_CAPS: [u64; 2] = [0, 10];

/// What the documents leave open, as this seed has it.
pub(crate) fn traits(draw: &mut Rng) -> Value {
    json!({"options": {
        "ship_after_ms": draw.u64(100..2_000),
        "waybill_after_ms": draw.u64(..500),
        "visible_after_ms": draw.u64(..=LAG_MS),
        "packages_lag_ms": draw.u64(..=LAG_MS),
        "changes_lag_ms": draw.u64(..=LAG_MS),
        "clock_skew_ms": SKEWS_H[draw.usize(..SKEWS_H.len())] * HOUR_MS,
        "pay_twice": draw.bool(),
        "douyin_repeat_code": draw.u8(..=1),
        "item_code_as_text": draw.bool(),
        "detail_refuses_unshipped": draw.bool(),
        "page_size_cap": PAGE_CAPS[draw.usize(..PAGE_CAPS.len())],
        "reply_full_width": draw.bool(),
    }})
}

/// The faults that it draws by itself, from this seed.
pub(crate) fn seeded_faults(draw: &mut Rng, seed: u64) -> Value {
    json!({
        "seed": seed, "rate": f64::from(draw.u32(5..30)) / 100.0,
        "hang_ms": TIMEOUT_MS + 300, "slow_ms": draw.u64(100..800),
    })
}

/// One of the answers that the seeded faults do not draw: blocks, refusals, parts of batches, rows shown twice.
pub(crate) fn fault(draw: &mut Rng) -> Value {
    let when = ["before", "after"][draw.usize(..2)];
    let cut = draw.bool();
    let faults = [
        ("*", "before", json!({"code": 401, "msg": "token 已失效"})),
        ("send", "before", json!({"code": 302, "msg": "店铺未授权"})),
        ("send", "before", json!({"code": 614, "msg": "系统异常"})),
        (
            "send",
            "after",
            json!({"code": 614, "msg": "发货异常,请稍等后重试"}),
        ),
        ("submit-payment", when, json!({"code": 202})),
        ("submit-payment", "after", json!({"cut": true})),
        ("order-create", when, json!({"cut": true})),
        ("dy-ship-free", when, json!({"cut": true})),
        (
            "dy-ship-free",
            when,
            json!({"partial": draw.usize(..2), "cut": cut}),
        ),
        ("get-order-list", when, json!({"duplicate": true})),
        ("get-package-list", when, json!({"duplicate": true})),
        ("*", when, json!({"code": 987, "msg": "没有人见过的错误"})),
        ("*", when, json!({"http": 500})),
        ("*", when, json!({"slow_ms": TIMEOUT_MS + LATE_MS})),
    ];
    let (endpoint, when, fault) = faults[draw.usize(..faults.len())].clone();
    json!({"endpoint": endpoint, "when": when, "times": draw.u32(1..4), "fault": fault})
}
