//! `get-user-balance`: the points that payments are taken from.

use parceld_domain::endpoint::Endpoint;
use parceld_domain::money::Points;
use parceld_domain::verdict::Refusal;

use crate::envelope::Envelope;
use crate::fields::Fields;
use crate::lenient::Misread;
use crate::vendor::Vendor;

impl Vendor {
    /// The balance now.
    ///
    /// # Errors
    /// Whatever is not an envelope of code 0 with a whole number.
    pub async fn get_user_balance(&self) -> Result<Points, Refusal> {
        self.call(Endpoint::GetUserBalance, None, Fields::new(), decode)
            .await
    }
}

fn decode(envelope: &Envelope<'_>) -> Result<Points, Misread> {
    envelope
        .data_object()?
        .points("balance")
        .ok_or(Misread("data.balance"))
}
