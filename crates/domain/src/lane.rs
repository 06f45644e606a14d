//! Lanes: ready jobs that one call could serve together.

use std::fmt;
use std::str::FromStr;

use crate::class::Class;
use crate::endpoint::Endpoint;
use crate::words::UnknownWord;

/// The unit of batching, and of fairness between shops.
///
/// Written `<class>/<endpoint>/<variant>/<shop>`: the shop stands last because it may hold any character.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Lane {
    /// Whose weight the lane shares.
    pub class: Class,
    /// Where its calls go.
    pub endpoint: Endpoint,
    /// What else jobs of one call must have in common (a version number), or `-`.
    pub variant: String,
    /// The shop or owner whose authorisation the calls need; empty if none.
    pub shop: String,
}

impl Lane {
    /// A lane whose jobs have nothing but endpoint and shop in common.
    #[must_use]
    pub fn new(class: Class, endpoint: Endpoint, shop: &str) -> Self {
        Lane {
            class,
            endpoint,
            variant: "-".to_owned(),
            shop: shop.to_owned(),
        }
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}/{}/{}/{}",
            self.class, self.endpoint, self.variant, self.shop
        )
    }
}

impl FromStr for Lane {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let mut parts = word.splitn(4, '/');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(class), Some(endpoint), Some(variant), Some(shop)) => Ok(Lane {
                class: class.parse()?,
                endpoint: endpoint.parse()?,
                variant: variant.to_owned(),
                shop: shop.to_owned(),
            }),
            _ => Err(UnknownWord {
                what: "lane",
                given: word.to_owned(),
                allowed: "<class>/<endpoint>/<variant>/<shop>".to_owned(),
            }),
        }
    }
}
