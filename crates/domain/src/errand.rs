//! Errands: reads that everybody shares, at most one of a name in flight.

use std::fmt;
use std::str::FromStr;

use crate::class::Class;
use crate::scope::Scope;
use crate::words::UnknownWord;

/// A shared read; its answers are given to every job that waits for them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Errand {
    /// Pages of gift orders: finds remarks whose creation is unknown.
    Orders,
    /// Pages of gift packages: answers every waiting gift order and cancellation.
    Packages,
    /// Warehouses, then products.
    Catalogue,
    /// One call that tries whether a parked scope has healed.
    Probe(Scope),
}

impl Errand {
    /// The class whose weight the errand's calls share.
    #[must_use]
    pub const fn class(&self) -> Class {
        match self {
            Errand::Orders => Class::Reconcile,
            Errand::Packages => Class::Poll,
            Errand::Catalogue => Class::Create,
            Errand::Probe(_) => Class::Operator,
        }
    }
}

impl fmt::Display for Errand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Errand::Orders => f.write_str("orders"),
            Errand::Packages => f.write_str("packages"),
            Errand::Catalogue => f.write_str("catalogue"),
            Errand::Probe(scope) => write!(f, "probe:{scope}"),
        }
    }
}

impl FromStr for Errand {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "orders" => Ok(Errand::Orders),
            "packages" => Ok(Errand::Packages),
            "catalogue" => Ok(Errand::Catalogue),
            _ => match word.strip_prefix("probe:") {
                Some(scope) => scope.parse().map(Errand::Probe),
                None => Err(UnknownWord {
                    what: "errand",
                    given: word.to_owned(),
                    allowed: "orders, packages, catalogue, probe:<scope>".to_owned(),
                }),
            },
        }
    }
}
