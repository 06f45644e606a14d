//! `get-package-cancel`: cancels the shipping of one package. A write, despite its name (trap D15).

use parceld_domain::endpoint::Endpoint;
use parceld_domain::id::Id;
use parceld_domain::verdict::Refusal;

use crate::fields::Fields;
use crate::vendor::Vendor;

impl Vendor {
    /// Cancels one package by the id that `get-package-list` gives it. Has an effect.
    ///
    /// # Errors
    /// Whatever is not an envelope of code 0 with `data` of no meaning: an empty shape or an object (trap B1).
    pub async fn get_package_cancel(&self, package_id: &Id) -> Result<(), Refusal> {
        let fields = Fields::new().number("package_id", package_id);
        self.call(Endpoint::GetPackageCancel, None, fields, |envelope| {
            envelope.without_result()
        })
        .await
    }
}
