//! The steps that are struck: whose call it is, the points that it passes, and the load that leads to it.

use parceld_test_support::{World, jobs};
use parceld_worker::effect_point::Point;
use serde_json::{Value, json};

/// One call of one step.
#[derive(Debug)]
pub(crate) struct Subject {
    /// What the call is for.
    pub(crate) step: &'static str,
    /// How its lane or errand begins.
    pub(crate) claim: &'static str,
    /// Which of the calls of that lane it is.
    pub(crate) passing: usize,
    pub(crate) endpoint: &'static str,
    life: Life,
    /// The job's kind.
    load: Load,
    /// The endpoint whose first answer gets lost, so that the step is come to.
    unclear: Option<&'static str>,
}

/// Which points a call passes.
#[derive(Debug, Clone, Copy)]
enum Life {
    Job,
    Sweep,
    Warehouses,
    Products,
    Balance,
}

#[derive(Debug, Clone, Copy)]
enum Load {
    Trades,
    Pairs,
    Gift,
    Cancel,
    OrderNumbers,
    Shippings,
}

/// What all cases are run with: an order number a call, so that a sync has two.
pub(crate) const SETTINGS: [(&str, &str); 1] = [("BATCH__ORDERS_SYNC", "1")];

/// The number that the vendor gives to its first package.
const FIRST_PACKAGE: &str = "1671";
const FIRST_ORDER: u64 = 375;

pub(crate) static SUBJECTS: [Subject; 17] = [
    job("send", "ship/send/", "send", Load::Trades),
    job("verify", "reconcile/detail/", "detail", Load::Trades).after_unclear("send"),
    job("ship", "ship/dy-ship-free/", "dy-ship-free", Load::Pairs),
    job("create", "create/order-create/", "order-create", Load::Gift),
    job("pay", "pay/submit-payment/", "submit-payment", Load::Gift),
    job(
        "cancel",
        "cancel/get-package-cancel/",
        "get-package-cancel",
        Load::Cancel,
    ),
    job(
        "fetch order numbers",
        "sync/mpaging-orders/",
        "mpaging-orders",
        Load::OrderNumbers,
    ),
    job(
        "fetch more order numbers",
        "sync/mpaging-orders/",
        "mpaging-orders",
        Load::OrderNumbers,
    )
    .at_passing(2),
    job("fetch shippings", "sync/detail/", "detail", Load::Shippings),
    job("fetch more shippings", "sync/detail/", "detail", Load::Shippings).at_passing(2),
    errand(
        "find",
        "errand/orders/1",
        "get-order-list",
        Life::Sweep,
        Load::Gift,
    )
    .after_unclear("order-create"),
    errand(
        "identify",
        "errand/packages/1",
        "get-package-list",
        Life::Sweep,
        Load::Gift,
    )
    .after_unclear("order-create"),
    errand(
        "confirm a payment",
        "errand/packages/1",
        "get-package-list",
        Life::Sweep,
        Load::Gift,
    )
    .after_unclear("submit-payment"),
    errand(
        "confirm a cancellation",
        "errand/packages/1",
        "get-package-list",
        Life::Sweep,
        Load::Cancel,
    )
    .after_unclear("get-package-cancel"),
    errand(
        "poll",
        "errand/packages/1",
        "get-package-list",
        Life::Sweep,
        Load::Gift,
    ),
    errand(
        "warehouses",
        "errand/catalogue/1",
        "list-warehouse",
        Life::Warehouses,
        Load::Gift,
    ),
    errand(
        "products",
        "errand/catalogue/2",
        "get-product-list",
        Life::Products,
        Load::Gift,
    ),
];

/// The balance is read when a payment was short of points.
pub(crate) static BALANCE: Subject = errand(
    "probe the balance",
    "errand/probe:balance/1",
    "get-user-balance",
    Life::Balance,
    Load::Gift,
);

const fn job(step: &'static str, claim: &'static str, endpoint: &'static str, load: Load) -> Subject {
    errand(step, claim, endpoint, Life::Job, load)
}

const fn errand(
    step: &'static str,
    claim: &'static str,
    endpoint: &'static str,
    life: Life,
    load: Load,
) -> Subject {
    Subject {
        step,
        claim,
        passing: 1,
        endpoint,
        life,
        load,
        unclear: None,
    }
}

impl Subject {
    const fn after_unclear(mut self, endpoint: &'static str) -> Self {
        self.unclear = Some(endpoint);
        self
    }

    const fn at_passing(mut self, passing: usize) -> Self {
        self.passing = passing;
        self
    }

    /// The points that its call passes.
    pub(crate) fn points(&self) -> Vec<Point> {
        let own: &[Point] = match self.life {
            Life::Job => &[Point::Prepared, Point::Begun],
            Life::Sweep => &[Point::Observed, Point::Parked],
            Life::Warehouses | Life::Balance => &[Point::Parked],
            Life::Products => &[Point::Published, Point::Released, Point::Parked],
        };
        let common = [
            Point::Claimed,
            Point::Taken,
            Point::Slot,
            Point::Sent,
            Point::Applied,
            Point::Replied,
            Point::Settled,
            Point::Seen,
            Point::Healed,
            Point::HandedBack,
        ];
        let mut points = [own, &common].concat();
        points.sort_unstable();
        points
    }

    /// Which passing of the point is its call's: a second call of a lane passes most points only the second time.
    pub(crate) const fn passing_of(&self, point: Point) -> usize {
        match point {
            Point::Parked | Point::Healed | Point::HandedBack => 1,
            _ => self.passing,
        }
    }

    /// Where a pause makes the call miss its slot.
    pub(crate) const fn before_its_slot(&self) -> Point {
        match self.life {
            Life::Job => Point::Begun,
            _ => Point::Taken,
        }
    }

    /// The answer by which the vendor has the call's scope parked; one that another call heals.
    fn block(&self, point: Point) -> Option<Value> {
        let code = match (point, self.life) {
            (Point::Parked, Life::Balance) => 401,
            // Its success is what heals.
            (Point::Healed, Life::Balance) => return None,
            (Point::Parked | Point::Healed, _) => 203,
            _ => return None,
        };
        let skip = self.passing - 1;
        Some(json!({"endpoint": self.endpoint, "skip": skip, "fault": {"code": code}}))
    }

    /// How many calls of this endpoint the vendor refuses before the case is over.
    pub(crate) fn refusals_of(&self, endpoint: &str, point: Point) -> usize {
        let blocks = self.endpoint == endpoint && self.block(point).is_some();
        let is_short = matches!(self.life, Life::Balance) && endpoint == "submit-payment";
        usize::from(blocks) + usize::from(is_short)
    }

    /// Prepares the vendor, so that the load comes to this point of this step.
    pub(crate) async fn set_up(&self, world: &World, point: Point) {
        let is_cancel = matches!(self.load, Load::Cancel);
        // Only what has not left yet can be cancelled.
        let ship_after_ms = if is_cancel { 600_000 } else { 100 };
        let shippings = json!({"4004": 150});
        let state = json!({"options": {"ship_after_ms": ship_after_ms}, "logistics": shippings});
        world.change_vendor(&state).await;
        if is_cancel {
            buy_a_package(world).await;
        }
        let mut faults = Vec::new();
        if let Some(endpoint) = self.unclear {
            faults.push(json!({"endpoint": endpoint, "when": "after", "fault": {"cut": true}}));
        }
        if matches!(self.life, Life::Balance) {
            let short = json!({"code": 302, "msg": "点券余额不足"});
            faults.push(json!({"endpoint": "submit-payment", "fault": short}));
        }
        let slow = match point {
            Point::Sent => Some("before"),
            Point::Applied => Some("after"),
            _ => None,
        };
        if let Some(when) = slow {
            let skip = self.passing - 1;
            let fault = json!({"slow_ms": 700});
            faults.push(json!({"endpoint": self.endpoint, "when": when, "skip": skip, "fault": fault}));
        }
        faults.extend(self.block(point));
        world.simulator.inject(&Value::Array(faults)).await;
    }

    /// The jobs that lead to the call.
    pub(crate) fn load(&self) -> Vec<Value> {
        match self.load {
            Load::Trades => (0..2).map(jobs::taobao).collect(),
            Load::Pairs => (0..3).map(|number| jobs::douyin("2002", number)).collect(),
            Load::Gift => vec![jobs::gift("G-1")],
            Load::Cancel => vec![jobs::gift_cancel(FIRST_PACKAGE)],
            Load::OrderNumbers => vec![jobs::orders_sync("3003", 1)],
            Load::Shippings => vec![jobs::logistics_sync("4004")],
        }
    }
}

/// Somebody else buys [`FIRST_PACKAGE`], so that it is there to be cancelled.
async fn buy_a_package(world: &World) {
    let mut order = jobs::gift("bought")["payload"].take();
    order["remark"] = json!("bought");
    let created = world.simulator.post("/shop/apis/order-create", &order).await;
    assert_eq!(created["code"], 0, "{created:#}");
    let payment = json!({"order_id": FIRST_ORDER});
    let paid = world.simulator.post("/shop/apis/submit-payment", &payment).await;
    assert_eq!(paid["code"], 0, "{paid:#}");
}
