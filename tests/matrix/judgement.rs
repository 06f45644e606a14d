//! What must be true when a case has ended, whatever was struck.

use parceld_test_support::judge::{assert_all_done, clean_ledger, sums};
use parceld_test_support::{Arrivals, World, jobs};
use serde_json::Value;

/// Fails unless every job is done, every effect happened exactly once, no call for one was repeated but where
/// the case had it refused, and Redis counts what is there;
/// answers when the calls arrived.
pub(crate) async fn judge(world: &World, load: &[Value], refusals_of: impl Fn(&str) -> usize) -> Arrivals {
    let ledger = clean_ledger(world).await;
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
    // Whatever arrives here has its effect, if late and unheard, but for what the case has refused: a blow before that
    // leaves nothing to repeat, and one after it leaves an effect that the look-ups find. With each effect there, so
    // many calls in all leave none for a second payment of an order or a second sending of a trade.
    let calls = [
        ("order-create", gifts + bought),
        ("submit-payment", gifts + bought),
        ("send", of_kind("taobao.ship")),
        ("get-package-cancel", bought),
    ];
    let by_endpoint = sums(&ledger, "by_endpoint");
    for (endpoint, effects) in calls {
        let seen = by_endpoint.get(endpoint).and_then(Value::as_u64).unwrap_or(0);
        let expected = effects + refusals_of(endpoint);
        assert_eq!(seen, expected as u64, "{endpoint}: {ledger:#}");
    }
    assert_all_done(world, load.len());
    // The counters say so; the sets that they count must as well.
    for state in ["scheduled", "running", "waiting", "parked", "failed", "cancelled"] {
        assert_eq!(world.count(state), 0, "{state}");
    }
    world.judge_end()
}

/// A job of another shop that comes after the blow, so that there is another claim and another settle.
pub(crate) fn follower() -> Value {
    let mut job = jobs::taobao(9_001);
    job["payload"]["shop_id"] = "1009".into();
    job
}
