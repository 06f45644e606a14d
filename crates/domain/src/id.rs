//! Identifiers that come from outside, kept digit by digit.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

/// An identifier of a platform or of the vendor.
///
/// A JSON number is accepted and kept as its digits: a Taobao tid has 19 and a gift `order_sn` 21 of them, more
/// than a double or a 64-bit integer holds (trap C2). A number with sign, point or exponent is refused.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Default)]
#[serde(transparent)]
pub struct Id(String);

impl Id {
    /// The identifier as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nothing was given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<String> for Id {
    fn from(text: String) -> Self {
        Id(text)
    }
}

impl From<&str> for Id {
    fn from(text: &str) -> Self {
        Id(text.to_owned())
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The raw text, because every number type of serde would round or refuse long ids.
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text = raw.get().trim();
        if text.starts_with('"') {
            serde_json::from_str(text)
                .map(Id)
                .map_err(serde::de::Error::custom)
        } else if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Id(text.to_owned()))
        } else {
            Err(serde::de::Error::custom(
                "an id must be a string or a whole number without sign, point or exponent",
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_21_digits_keeps_every_digit() {
        let id: Id = serde_json::from_str("202011041511461997011").unwrap();
        assert_eq!(id.as_str(), "202011041511461997011");
    }

    #[test]
    fn a_number_that_is_not_made_of_digits_alone_is_refused() {
        for text in ["-1", "1.0", "1e3", "null", "true", "[]"] {
            assert!(serde_json::from_str::<Id>(text).is_err(), "{text}");
        }
    }
}
