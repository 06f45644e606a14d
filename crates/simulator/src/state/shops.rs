//! Sellers' shops: which have authorised the software, and which have subscribed to it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::options::LinkShape;
use crate::reply::Reply;

/// How a shop stands with the vendor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Standing {
    /// Every shop, until control says otherwise.
    #[default]
    Authorised,
    Unauthorised,
    Unsubscribed,
}

/// The shops that are not in the usual standing.
#[derive(Default, Serialize)]
#[serde(transparent)]
pub(crate) struct Shops(BTreeMap<String, Standing>);

impl Shops {
    pub(crate) fn set(&mut self, shop: String, standing: Standing) {
        self.0.insert(shop, standing);
    }

    /// The refusal that a call naming this shop gets, if any.
    pub(crate) fn refusal(&self, shop: &str, shape: LinkShape) -> Option<Reply> {
        match self.0.get(shop).copied().unwrap_or_default() {
            Standing::Authorised => None,
            Standing::Unauthorised => Some(Reply::refused(302).with_data(link(shop, shape))),
            Standing::Unsubscribed => Some(Reply::refused(303)),
        }
    }
}

/// The place where the shop's owner authorises. Its shape in `data` is not stated (B2).
fn link(shop: &str, shape: LinkShape) -> Value {
    let link = format!("http://auth.example.com/authorise?shop={shop}");
    match shape {
        LinkShape::Text => json!(link),
        LinkShape::Object => json!({ "url": link }),
        LinkShape::Array => json!([link]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unauthorised_shop_is_refused_with_its_link_until_it_authorises() {
        let mut shops = Shops::default();
        assert_eq!(shops.refusal("7", LinkShape::Text), None);
        shops.set("7".to_owned(), Standing::Unauthorised);
        let refusal = shops
            .refusal("7", LinkShape::Object)
            .expect("an unauthorised shop is refused");
        assert_eq!(refusal.code, 302);
        assert_eq!(
            refusal.data,
            json!({"url": "http://auth.example.com/authorise?shop=7"})
        );
        shops.set("7".to_owned(), Standing::Authorised);
        assert_eq!(shops.refusal("7", LinkShape::Text), None);
    }
}
