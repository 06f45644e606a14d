//! What can be parked: a part of the work that shares one systemic fault.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::endpoint::Endpoint;
use crate::words::UnknownWord;

/// The part of the work that a systemic fault stops.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// The access token: everything.
    Account,
    /// The points balance: payments.
    Balance,
    /// One shop's authorisation or subscription, by `shop_id` or `owner_id`.
    Shop(String),
    /// One endpoint's permission, quota or path.
    Endpoint(Endpoint),
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scope::Account => f.write_str("account"),
            Scope::Balance => f.write_str("balance"),
            Scope::Shop(id) => write!(f, "shop:{id}"),
            Scope::Endpoint(endpoint) => write!(f, "endpoint:{endpoint}"),
        }
    }
}

impl FromStr for Scope {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word.split_once(':') {
            None if word == "account" => Ok(Scope::Account),
            None if word == "balance" => Ok(Scope::Balance),
            Some(("shop", id)) if !id.is_empty() => Ok(Scope::Shop(id.to_owned())),
            Some(("endpoint", name)) => name.parse().map(Scope::Endpoint),
            _ => Err(UnknownWord {
                what: "scope",
                given: word.to_owned(),
                allowed: "account, balance, shop:<id>, endpoint:<name>".to_owned(),
            }),
        }
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        word.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_is_read_back_as_it_is_written() {
        for word in ["account", "balance", "shop:a:b/c", "endpoint:dy-ship-free"] {
            assert_eq!(word.parse::<Scope>().unwrap().to_string(), word);
        }
    }

    #[test]
    fn a_scope_that_names_nothing_is_refused_with_the_allowed_ones() {
        for word in ["", "shop:", "endpoint:nowhere", "shops:1"] {
            assert!(word.parse::<Scope>().is_err(), "{word}");
        }
    }
}
