//! `mpaging-orders`: orders by number. A read that costs points.

use parceld_domain::endpoint::Endpoint;
use parceld_domain::id::Id;
use parceld_domain::money::Points;
use parceld_domain::private::Private;
use parceld_domain::verdict::Refusal;
use serde_json::value::RawValue;

use crate::envelope::Envelope;
use crate::fields::{Fields, Value};
use crate::lenient::{Misread, Object, withholding};
use crate::vendor::Vendor;

/// The orders that were found; a number without a row is not found (yet), not an error (trap B12).
#[derive(Debug, Clone)]
pub struct OrdersPage {
    /// Order number and row; the row as the vendor wrote it, so that nothing is lost or rounded.
    pub orders: Vec<(Id, Private<Box<RawValue>>)>,
    /// The points that the call cost, if the reply says so.
    pub withholding: Option<Points>,
}

impl Vendor {
    /// Orders of one owner. `version` is the vendor's `type`: 1 enhanced, 2 normal (trap E2).
    ///
    /// # Errors
    /// Whatever is not an envelope of code 0 with readable rows.
    pub async fn mpaging_orders(
        &self,
        owner_id: &Id,
        version: Option<&Id>,
        order_sns: &[Id],
    ) -> Result<OrdersPage, Refusal> {
        let number = |order_sn: &Id| Value::Text(order_sn.as_str().to_owned());
        let fields = Fields::new()
            .id("owner_id", owner_id)
            .list("order_sns", order_sns.iter().map(number).collect())
            .number_if("type", version);
        self.call(Endpoint::MpagingOrders, Some(owner_id), fields, decode)
            .await
    }
}

fn decode(envelope: &Envelope<'_>) -> Result<OrdersPage, Misread> {
    let (rows, _) = envelope
        .data_object()?
        .listed("content", "total", "data.content")?;
    Ok(OrdersPage {
        orders: rows.into_iter().map(order).collect::<Result<_, _>>()?,
        withholding: withholding(envelope.data()),
    })
}

fn order(raw: &RawValue) -> Result<(Id, Private<Box<RawValue>>), Misread> {
    let row = Object::read(raw).ok_or(Misread("data.content[]"))?;
    let order_sn = row.id("order_sn").ok_or(Misread("data.content[].order_sn"))?;
    Ok((order_sn, Private::new(raw.to_owned())))
}
