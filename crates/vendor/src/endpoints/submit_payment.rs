//! `submit-payment`: pays a gift order from the points balance.

use parceld_domain::endpoint::Endpoint;
use parceld_domain::id::Id;
use parceld_domain::verdict::Refusal;

use crate::fields::Fields;
use crate::vendor::Vendor;

impl Vendor {
    /// Pays one order by its `order_id`, not its `order_sn` (trap D3). Moves money; never two in flight (trap J9). The call
    /// does not name a shop; the order's `shop` is what a refusal for want of authorisation blocks (trap H1).
    ///
    /// # Errors
    /// Whatever is not an envelope of code 0 with `data` of no meaning: an empty shape or an object (trap B1).
    pub async fn submit_payment(&self, order_id: &Id, shop: Option<&Id>) -> Result<(), Refusal> {
        let fields = Fields::new().number("order_id", order_id);
        self.call(Endpoint::SubmitPayment, shop, fields, |envelope| {
            envelope.without_result()
        })
        .await
    }
}
