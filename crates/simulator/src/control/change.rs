//! `POST /sim/state`: changes to the state, each part optional.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::options::Options;
use crate::state::catalogue::{Product, Warehouse};
use crate::state::trades::Shipment;
use crate::state::{douyin, shops, trades};
use crate::world::{Inner, World};

/// What may be changed at once.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Change {
    /// Merged into the present options.
    options: Map<String, Value>,
    balance: Option<u64>,
    shops: BTreeMap<String, shops::Standing>,
    trades: BTreeMap<String, TradeChange>,
    /// Logistics rows that a shop has besides its known trades.
    logistics: BTreeMap<String, u64>,
    douyin_orders: BTreeMap<String, douyin::Standing>,
    /// Waybills that Douyin orders left with already, by order number.
    douyin_shipped: BTreeMap<String, String>,
    /// Replaces all products.
    products: Option<Vec<Product>>,
    /// Replaces all warehouses.
    warehouses: Option<Vec<Warehouse>>,
    packages: BTreeMap<u64, PackageChange>,
}

/// A trade as control seeds it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TradeChange {
    #[serde(default)]
    shop: String,
    #[serde(default)]
    standing: trades::Standing,
    /// Sub-orders of a split trade.
    #[serde(default)]
    split: Vec<String>,
    /// Shipped with this waybill, by somebody else or by us.
    out_sid: Option<String>,
}

/// What the vendor does to a package of its own accord.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PackageChange {
    Ship,
    ShipWithoutWaybill,
    Cancel,
}

/// Applies a change, or says why it cannot be. What cannot be read changes nothing.
pub(super) fn apply(world: &World, body: &[u8]) -> Result<(), String> {
    let change: Change = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let now_ms = world.clock.now_ms();
    let mut inner = world.lock();
    let options = merged(&inner.state.options, &change.options)?;
    apply_packages(&mut inner, &change.packages, now_ms)?;
    let state = &mut inner.state;
    // What control seeds was so all along, and is seen at once however late effects show.
    let seen_ms = now_ms.saturating_sub_unsigned(options.visible_after_ms);
    state.options = options;
    state.balance = change.balance.unwrap_or(state.balance);
    for (shop, standing) in change.shops {
        state.shops.set(shop, standing);
    }
    for (tid, trade) in change.trades {
        state.trades.known.insert(tid, trade.seeded(seen_ms));
    }
    state.trades.seeded_rows.extend(change.logistics);
    state.douyin.standings.extend(change.douyin_orders);
    state.douyin.waybills.extend(change.douyin_shipped);
    if let Some(products) = change.products {
        state.catalogue.products = products;
    }
    if let Some(warehouses) = change.warehouses {
        state.catalogue.warehouses = warehouses;
    }
    Ok(())
}

fn merged(options: &Options, changes: &Map<String, Value>) -> Result<Options, String> {
    let mut whole = serde_json::to_value(options).map_err(|error| error.to_string())?;
    if let Value::Object(map) = &mut whole {
        map.extend(changes.clone());
    }
    serde_json::from_value(whole).map_err(|error| format!("options: {error}"))
}

fn apply_packages(
    inner: &mut Inner,
    changes: &BTreeMap<u64, PackageChange>,
    now_ms: i64,
) -> Result<(), String> {
    for (id, change) in changes {
        let package = inner
            .state
            .orders
            .package_mut(*id)
            .ok_or_else(|| format!("packages: there is no {id}"))?;
        let done = match change {
            PackageChange::Ship => package.ship(now_ms, true),
            PackageChange::ShipWithoutWaybill => package.ship(now_ms, false),
            PackageChange::Cancel => package.cancel(now_ms),
        };
        if !done {
            return Err(format!("packages: the state of {id} does not allow it"));
        }
    }
    Ok(())
}

impl TradeChange {
    fn seeded(self, since_ms: i64) -> trades::Trade {
        let shipment = self.out_sid.map(|out_sid| {
            let company_code = "ZTO".to_owned();
            (
                String::new(),
                Shipment {
                    out_sid,
                    company_code,
                    shipped_ms: since_ms,
                },
            )
        });
        trades::Trade {
            shop: self.shop,
            created_ms: since_ms,
            standing: self.standing,
            parts: self.split,
            shipments: shipment.into_iter().collect(),
        }
    }
}
