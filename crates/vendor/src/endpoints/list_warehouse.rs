//! `list-warehouse`: all warehouses, their courier price and the areas they do not serve.

use parceld_domain::catalogue::Forbidden;
use parceld_domain::endpoint::Endpoint;
use parceld_domain::id::Id;
use parceld_domain::money::Points;
use parceld_domain::verdict::Refusal;
use serde_json::value::RawValue;

use crate::envelope::Envelope;
use crate::fields::Fields;
use crate::lenient::{Misread, Object, rows, texts};
use crate::vendor::Vendor;

/// One warehouse of the catalogue.
#[derive(Debug, Clone)]
pub struct Warehouse {
    /// What `order-create` needs.
    pub warehouse_id: Id,
    /// Its name.
    pub name: Option<String>,
    /// The courier's price of one package.
    pub api_price: Option<Points>,
    /// Where it does not ship to, and when.
    pub forbid: Vec<Forbidden>,
}

impl Vendor {
    /// All warehouses.
    ///
    /// # Errors
    /// Whatever is not an envelope of code 0 with readable rows.
    pub async fn list_warehouse(&self) -> Result<Vec<Warehouse>, Refusal> {
        self.call(Endpoint::ListWarehouse, None, Fields::new(), decode)
            .await
    }
}

fn decode(envelope: &Envelope<'_>) -> Result<Vec<Warehouse>, Misread> {
    let rows = rows(envelope.data()).ok_or(Misread("data"))?;
    rows.into_iter().map(warehouse).collect()
}

fn warehouse(raw: &RawValue) -> Result<Warehouse, Misread> {
    let row = Object::read(raw).ok_or(Misread("data[]"))?;
    let bans = rows(row.given("forbidSend")).ok_or(Misread("data[].forbidSend"))?;
    Ok(Warehouse {
        warehouse_id: row.id("warehouse_id").ok_or(Misread("data[].warehouse_id"))?,
        name: row.text("warehouse_name"),
        api_price: row.points("api_price"),
        forbid: bans.into_iter().map(forbidden).collect::<Result<_, _>>()?,
    })
}

fn forbidden(raw: &RawValue) -> Result<Forbidden, Misread> {
    let row = Object::read(raw).ok_or(Misread("data[].forbidSend[]"))?;
    let time = |name| row.text(name).unwrap_or_default();
    Ok(Forbidden {
        districts: row.given("district").map(texts).unwrap_or_default(),
        start: time("startTime"),
        end: time("endTime"),
    })
}
