//! What a call is about: the facts that the ledger keeps and that fault rules match. No personal data.

use serde::Serialize;
use serde_json::Value;

use crate::endpoint::Endpoint;
use crate::fields::{Fields, as_text};
use crate::state::State;

/// The telling fields of one call.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Facts {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) shop: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) out_sid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) remark: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) order_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) order_sn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) package_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) page: Option<String>,
    /// Douyin pairs, `order_id/waybill_code`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) pairs: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) order_sns: Vec<String>,
}

impl Facts {
    /// Reads the facts of a call. What a gift call names only by id is completed from the order it means,
    /// so that a rule can follow one order by its remark through payment and cancelling.
    pub(crate) fn of(endpoint: Endpoint, fields: &Fields, state: &State) -> Self {
        let filter = fields.object("filter").ok().flatten().unwrap_or_default();
        let mut facts = Self {
            shop: fields.text("shop_id").or_else(|| fields.text("owner_id")),
            tid: fields.text("tid"),
            out_sid: fields.text("out_sid"),
            remark: fields.text("remark"),
            order_id: fields.text("order_id"),
            order_sn: filter.text("order_sn"),
            package_id: fields.text("package_id"),
            status: filter.text("status").or_else(|| fields.text("status")),
            page: page(fields),
            pairs: Vec::new(),
            order_sns: texts(fields.structured("orderSns")),
        };
        match endpoint {
            Endpoint::DyShipFree => facts.pairs = pairs(fields),
            Endpoint::SubmitPayment => facts.complete_from_order(state),
            Endpoint::GetPackageCancel => facts.complete_from_package(state),
            _ => {}
        }
        facts
    }

    /// What a call is about, in one word that is the same whenever it is asked again. The order of a gift
    /// call goes by its remark: ids depend on who came first.
    pub(crate) fn subject(&self) -> String {
        let names = [
            &self.remark,
            &self.tid,
            &self.order_sn,
            &self.package_id,
            &self.order_id,
            &self.page,
        ];
        let one = names.into_iter().flatten().next().cloned().unwrap_or_default();
        [vec![one], self.pairs.clone(), self.order_sns.clone()]
            .concat()
            .join(" ")
    }

    fn complete_from_order(&mut self, state: &State) {
        let id = self.order_id.as_deref().and_then(|id| id.parse().ok());
        if let Some(order) = id.and_then(|id| state.orders.order(id)) {
            self.remark = Some(order.remark.clone());
            self.order_sn = Some(order.order_sn.clone());
        }
    }

    fn complete_from_package(&mut self, state: &State) {
        let id = self.package_id.as_deref().and_then(|id| id.parse().ok());
        if let Some(package) = id.and_then(|id| state.orders.package(id)) {
            self.order_id = Some(package.order_id.to_string());
            self.complete_from_order(state);
        }
    }
}

fn page(fields: &Fields) -> Option<String> {
    match fields.structured("range") {
        Some(range @ Value::Array(_)) => Some(texts(Some(range)).join("/")),
        _ => fields
            .text("page_no")
            .map(|page| format!("{page}/{}", fields.text("page_size").unwrap_or_default())),
    }
}

fn pairs(fields: &Fields) -> Vec<String> {
    let items = match fields.structured("params") {
        Some(Value::Array(items)) => items,
        Some(item @ Value::Object(_)) => vec![item],
        _ => Vec::new(),
    };
    let part = |item: &Value, name: &str| item.get(name).and_then(as_text).unwrap_or_default();
    items
        .iter()
        .map(|item| format!("{}/{}", part(item, "order_id"), part(item, "waybill_code")))
        .collect()
}

fn texts(value: Option<Value>) -> Vec<String> {
    match value {
        Some(Value::Array(items)) => items.iter().filter_map(as_text).collect(),
        _ => Vec::new(),
    }
}
