//! What a job may still have failed of when it was tried again without any fault: only what the vendor's own ledger
//! shows was done to this very job.

use parceld_test_support::World;
use serde_json::Value;

/// Statuses of a package that cannot be cancelled (any more).
const SHIPPED: u64 = 3;
const CANCELLED: u64 = 4;
/// The fault whose answer counts as a success, of a call that may have had no effect.
const LIE: &str = "mistype";
/// By which the vendor refuses a shipment as made already.
const ALREADY: [&str; 5] = ["不为新建状态", "已发货", "重复发货", "已生成发货单", "状态不对"];

/// What the vendor saw and is.
pub(crate) struct Evidence {
    pub(crate) ledger: Value,
    calls: Vec<Value>,
    orders: Vec<Value>,
    /// Whether Redis lost acknowledged writes.
    loses: bool,
}

impl Evidence {
    pub(crate) async fn gather(world: &World, ledger: Value, loses: bool) -> Self {
        let state = world.simulator.state().await;
        Evidence {
            ledger,
            calls: world.calls().await,
            orders: state["orders"].as_array().expect("an array of orders").clone(),
            loses,
        }
    }

    /// Why this failed job is no defect; `None` is one.
    pub(crate) fn excuse(&self, job: &Value) -> Option<&'static str> {
        let class = text(&job["error"]["class"]);
        let msg = text(&job["error"]["msg"]);
        match (text(&job["kind"]), class) {
            ("gift.order", "human" | "terminal") if self.lost_a_package(job) => {
                Some("a package of it was cancelled")
            }
            ("gift.order", "human") if self.was_paid_in_vain(job) => {
                Some("the vendor confirmed a payment and took none")
            }
            ("gift.cancel", "terminal") if self.is_beyond_cancel(job) => {
                Some("the package was shipped or cancelled before")
            }
            ("taobao.ship" | "douyin.ship", "terminal" | "human")
                if self.loses && ALREADY.iter().any(|words| msg.contains(words)) =>
            {
                Some("Redis lost the record of the shipment")
            }
            _ => None,
        }
    }

    /// Whether the vendor said without an effect that it cancelled this package.
    pub(crate) fn was_cancelled_in_vain(&self, package_id: &str) -> bool {
        self.lied("get-package-cancel", "package_id", package_id)
    }

    fn lost_a_package(&self, job: &Value) -> bool {
        let own = self.orders.iter().filter(|order| order["remark"] == job["key"]);
        own.flat_map(packages)
            .any(|package| package["status"] == CANCELLED)
    }

    fn was_paid_in_vain(&self, job: &Value) -> bool {
        let remark = text(&job["key"]);
        self.ledger["paid_orders_per_remark"][remark].is_null()
            && self.lied("submit-payment", "remark", remark)
    }

    fn is_beyond_cancel(&self, job: &Value) -> bool {
        let mut packages = self.orders.iter().flat_map(packages);
        packages.any(|package| {
            package["package_id"] == job["payload"]["package_id"]
                && (package["status"] == SHIPPED || package["status"] == CANCELLED)
        })
    }

    fn lied(&self, endpoint: &str, fact: &str, value: &str) -> bool {
        self.calls.iter().any(|call| {
            call["endpoint"] == endpoint
                && call["facts"][fact] == value
                && call["fault"] == LIE
                && call["effect"] == false
        })
    }
}

fn packages(order: &Value) -> impl Iterator<Item = &Value> {
    order["packages"].as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
