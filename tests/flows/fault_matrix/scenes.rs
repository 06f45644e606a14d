//! The rows of the matrix: an endpoint, the job that calls it, and the sum of the ledger that judges its effect.

use parceld_domain::state::State;
use parceld_store::JobRecord;
use parceld_vendor::{OrderFilter, PackageFilter};
use serde_json::{Value, json};

use super::Case;
use crate::lines::{cancel, douyin, gift, gift_order, logistics, sync, taobao};
use crate::world::World;

/// A call of the worker, and what leads to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scene {
    Create,
    Pay,
    Cancel,
    Send,
    ShipDouyin,
    /// The look-up of a create that was cut off.
    FindOrder,
    /// The packages of an order that was found by its remark.
    IdentifyOrder,
    /// The look-up of a payment that was cut off.
    ConfirmPayment,
    /// The look-up of a cancellation that was cut off.
    ConfirmCancel,
    /// The look-up of a shipment that was cut off.
    VerifyShipment,
    Products,
    Warehouses,
    /// The probe of a balance that was too low.
    Balance,
    SyncOrders,
    SyncLogistics,
}

/// Rows that a logistics sync reads.
const LOGISTICS_ROWS: usize = 3;

impl Scene {
    pub(super) const READS: [Scene; 10] = [
        Scene::FindOrder,
        Scene::IdentifyOrder,
        Scene::ConfirmPayment,
        Scene::ConfirmCancel,
        Scene::VerifyShipment,
        Scene::Products,
        Scene::Warehouses,
        Scene::Balance,
        Scene::SyncOrders,
        Scene::SyncLogistics,
    ];

    /// How often in a row the fault strikes.
    pub(super) fn times(self) -> &'static [u32] {
        if Scene::READS.contains(&self) {
            &[1]
        } else {
            &[1, 2]
        }
    }

    const fn endpoint(self) -> &'static str {
        match self {
            Scene::Create => "order-create",
            Scene::Pay => "submit-payment",
            Scene::Cancel => "get-package-cancel",
            Scene::Send => "send",
            Scene::ShipDouyin => "dy-ship-free",
            Scene::FindOrder => "get-order-list",
            Scene::IdentifyOrder | Scene::ConfirmPayment | Scene::ConfirmCancel => "get-package-list",
            Scene::VerifyShipment | Scene::SyncLogistics => "detail",
            Scene::Products => "get-product-list",
            Scene::Warehouses => "list-warehouse",
            Scene::Balance => "get-user-balance",
            Scene::SyncOrders => "mpaging-orders",
        }
    }

    /// The call whose lost answer makes the worker ask this endpoint.
    const fn cut(self) -> Option<&'static str> {
        match self {
            Scene::FindOrder | Scene::IdentifyOrder => Some("order-create"),
            Scene::ConfirmPayment => Some("submit-payment"),
            Scene::ConfirmCancel => Some("get-package-cancel"),
            Scene::VerifyShipment => Some("send"),
            _ => None,
        }
    }

    /// The sum of effects, each of which must be one; none for what only reads.
    const fn sum(self) -> Option<&'static str> {
        match self {
            Scene::Create
            | Scene::Pay
            | Scene::FindOrder
            | Scene::IdentifyOrder
            | Scene::ConfirmPayment
            | Scene::Products
            | Scene::Warehouses
            | Scene::Balance => Some("payments_per_order"),
            Scene::Cancel | Scene::ConfirmCancel => Some("cancels_per_package"),
            Scene::Send | Scene::VerifyShipment => Some("shipments_per_trade"),
            Scene::ShipDouyin => Some("shipments_per_douyin_pair"),
            Scene::SyncOrders | Scene::SyncLogistics => None,
        }
    }

    /// Sets the vendor, the faults, a worker and the job; answers its id.
    pub(super) async fn set(self, world: &World, case: &Case) -> String {
        let balance = if self == Scene::Balance { 0 } else { 1_000_000 };
        let ship_after_ms = match self {
            Scene::Cancel | Scene::ConfirmCancel => 600_000,
            _ => 100,
        };
        world
            .change_vendor(json!({
                "balance": balance,
                "logistics": {"9": LOGISTICS_ROWS},
                // Whoever pays twice is charged twice.
                "options": {"ship_after_ms": ship_after_ms, "pay_twice": true},
            }))
            .await;
        let line = self.line(world).await;
        let cuts = self
            .cut()
            .map(|endpoint| json!({"endpoint": endpoint, "when": "after", "fault": {"cut": true}}));
        let struck = json!({"endpoint": self.endpoint(), "when": case.when, "times": case.times, "fault": case.fault.fault});
        world.inject(cuts.into_iter().chain([struck]).collect()).await;
        world.start_worker().await;
        let id = world.enqueue(&line).await;
        if self == Scene::Balance {
            world.wait_for(&id, State::Parked).await;
            world.change_vendor(json!({"balance": 1_000_000})).await;
        }
        id
    }

    async fn line(self, world: &World) -> Value {
        match self {
            Scene::Cancel | Scene::ConfirmCancel => cancel(&paid_package(world).await),
            Scene::Send | Scene::VerifyShipment => taobao(1),
            Scene::ShipDouyin => douyin("7", 1),
            Scene::SyncOrders => sync("7", &["a".to_owned(), "b".to_owned()]),
            Scene::SyncLogistics => logistics("9"),
            _ => gift("G-1"),
        }
    }

    /// Judges by what the vendor saw, and a read by what it brought.
    pub(super) fn judge(self, job: &JobRecord, ledger: &Value, effects: u64) {
        if let Some(sum) = self.sum() {
            let sum = ledger[sum].as_object().expect("the ledger has this sum");
            assert_eq!(sum.len() as u64, effects, "{ledger}");
            assert!(sum.values().all(|count| *count == 1), "{ledger}");
            return;
        }
        let (rows, wanted) = match self {
            Scene::SyncOrders => ("orders", 2),
            _ => ("shippings", LOGISTICS_ROWS),
        };
        let result: Value = serde_json::from_str(&job.fields["result"]).expect("a result");
        let rows = result[rows].as_array().map_or(0, Vec::len) as u64;
        assert_eq!(rows, effects * wanted as u64, "{result}");
    }
}

/// A package that is paid and not shipped, of an order that no job follows.
async fn paid_package(world: &World) -> String {
    let vendor = world.vendor();
    let order = gift_order(&gift("other"));
    vendor.order_create(&order, "other").await.expect("an order");
    let orders = vendor.get_order_list(1, 10, &OrderFilter::default()).await;
    let order_id = &orders.expect("its row").orders[0].id;
    vendor.submit_payment(order_id, None).await.expect("its payment");
    let packages = vendor.get_package_list(1, 10, &PackageFilter::default()).await;
    packages.expect("its package").packages[0].package_id.to_string()
}
