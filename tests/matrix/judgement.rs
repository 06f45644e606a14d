//! What must be true when a case has ended, whatever was struck.

use parceld_test_support::judge::{assert_all_done, assert_no_crowd, clean_ledger, sums};
use parceld_test_support::{World, jobs};
use serde_json::{Value, json};

/// Fails unless every job is done, every effect happened exactly once, and Redis counts what is there.
pub(crate) async fn judge(world: &World, load: &[Value]) {
    let ledger = clean_ledger(world).await;
    assert_no_crowd(world).await;
    let of_kind = |kind: &str| load.iter().filter(|job| job["kind"] == kind).count();
    let gifts = of_kind("gift.order");
    let bought = of_kind("gift.cancel");
    let effects = [
        ("shipments_per_trade", of_kind("taobao.ship")),
        ("shipments_per_douyin_pair", of_kind("douyin.ship")),
        ("orders_per_remark", gifts + bought),
        ("paid_orders_per_remark", gifts + bought),
        ("cancels_per_package", bought),
    ];
    for (name, expected) in effects {
        assert_eq!(sums(&ledger, name).len(), expected, "{name}: {ledger:#}");
    }
    assert_all_done(world, load.len());
    // The counters say so; the sets that they count must as well.
    for state in ["scheduled", "running", "waiting", "parked", "failed", "cancelled"] {
        assert_eq!(world.count(state), 0, "{state}");
    }
    let audit = world.ask(&["audit"]);
    assert_eq!(audit["findings"], json!([]), "{audit:#}");
}

/// A job of another shop that comes after the blow, so that there is another claim and another settle.
pub(crate) fn follower() -> Value {
    let mut job = jobs::taobao(9_001);
    job["payload"]["shop_id"] = "1009".into();
    job
}
