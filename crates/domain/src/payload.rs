//! What a job asks for, kind by kind, in the vendor's own field names.

mod douyin_ship;
mod gift_cancel;
mod gift_order;
mod logistics_sync;
mod orders_sync;
mod taobao_ship;

pub use douyin_ship::DouyinShip;
pub use gift_cancel::GiftCancel;
pub use gift_order::{Consignee, GiftOrder};
pub use logistics_sync::LogisticsSync;
pub use orders_sync::OrdersSync;
pub use taobao_ship::TaobaoShip;

use crate::kind::Kind;
use crate::private::Private;
use crate::validate::FieldError;

/// The payload of a job, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payload {
    /// `taobao.ship`.
    TaobaoShip(TaobaoShip),
    /// `douyin.ship`.
    DouyinShip(DouyinShip),
    /// `gift.order`.
    GiftOrder(GiftOrder),
    /// `gift.cancel`.
    GiftCancel(GiftCancel),
    /// `orders.sync`.
    OrdersSync(OrdersSync),
    /// `logistics.sync`.
    LogisticsSync(LogisticsSync),
}

impl Payload {
    /// Decodes the payload of a job of this kind; the error names the field.
    ///
    /// # Errors
    /// When the text is not JSON, lacks a required field, has an unknown one, or a wrong type.
    pub fn decode(kind: Kind, text: &str) -> Result<Self, serde_json::Error> {
        Ok(match kind {
            Kind::TaobaoShip => Payload::TaobaoShip(serde_json::from_str(text)?),
            Kind::DouyinShip => Payload::DouyinShip(serde_json::from_str(text)?),
            Kind::GiftOrder => Payload::GiftOrder(serde_json::from_str(text)?),
            Kind::GiftCancel => Payload::GiftCancel(serde_json::from_str(text)?),
            Kind::OrdersSync => Payload::OrdersSync(serde_json::from_str(text)?),
            Kind::LogisticsSync => Payload::LogisticsSync(serde_json::from_str(text)?),
        })
    }

    /// Refuses what the vendor would refuse, before it costs a call; the field is named from the payload down.
    ///
    /// # Errors
    /// The first field that cannot be taken as it is.
    pub fn check(&self) -> Result<(), FieldError> {
        match self {
            Payload::TaobaoShip(ship) => ship.check(),
            Payload::DouyinShip(ship) => ship.check(),
            Payload::GiftOrder(order) => order.check(),
            Payload::GiftCancel(cancel) => cancel.check(),
            Payload::OrdersSync(sync) => sync.check(),
            Payload::LogisticsSync(sync) => sync.check(),
        }
    }

    /// The payload as JSON, always the same text for the same content: what a repeated enqueue is compared by.
    #[must_use]
    pub fn encode(&self) -> Private<String> {
        let text = match self {
            Payload::TaobaoShip(ship) => serde_json::to_string(ship),
            Payload::DouyinShip(ship) => serde_json::to_string(ship),
            Payload::GiftOrder(order) => serde_json::to_string(order),
            Payload::GiftCancel(cancel) => serde_json::to_string(cancel),
            Payload::OrdersSync(sync) => serde_json::to_string(sync),
            Payload::LogisticsSync(sync) => serde_json::to_string(sync),
        };
        Private::new(text.expect("payloads are structs of texts and lists of texts"))
    }

    /// The kind whose payload this is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Payload::TaobaoShip(_) => Kind::TaobaoShip,
            Payload::DouyinShip(_) => Kind::DouyinShip,
            Payload::GiftOrder(_) => Kind::GiftOrder,
            Payload::GiftCancel(_) => Kind::GiftCancel,
            Payload::OrdersSync(_) => Kind::OrdersSync,
            Payload::LogisticsSync(_) => Kind::LogisticsSync,
        }
    }
}
