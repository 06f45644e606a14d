//! `gift.cancel`: cancel the shipping of one gift package.

use serde::{Deserialize, Serialize};

use crate::id::Id;
use crate::validate::{self, FieldError};

/// One package to cancel.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GiftCancel {
    /// The package, as `get-package-list` numbers it.
    pub package_id: Id,
}

impl GiftCancel {
    /// Refuses what the vendor would refuse, before it costs a call; the field is named from the payload down.
    pub(crate) fn check(&self) -> Result<(), FieldError> {
        validate::digits("package_id", &self.package_id)
    }
}
