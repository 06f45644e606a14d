//! `gift.cancel`: cancel the shipping of one gift package.

use serde::{Deserialize, Serialize};

use crate::id::Id;

/// One package to cancel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GiftCancel {
    /// The package, as `get-package-list` numbers it.
    pub package_id: Id,
}
