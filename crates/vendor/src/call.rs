//! One call, from its fields to its reply: the only road to the vendor.

use std::time::Instant;

use parceld_domain::endpoint::Endpoint;
use parceld_domain::id::Id;
use parceld_domain::verdict::Refusal;

use crate::classify::classify;
use crate::envelope::{Envelope, SUCCESS};
use crate::exchange::{Answer, exchange, not_sent};
use crate::fields::Fields;
use crate::leave;
use crate::lenient::Misread;
use crate::vendor::Vendor;

impl Vendor {
    /// Sends the fields and reads the reply with `decode`. `shop` is what a refusal for want of authorisation blocks.
    pub(crate) async fn call<T>(
        &self,
        endpoint: Endpoint,
        shop: Option<&Id>,
        fields: Fields,
        decode: impl FnOnce(&Envelope<'_>) -> Result<T, Misread>,
    ) -> Result<T, Refusal> {
        let started = Instant::now();
        let answer = self.exchange(endpoint, fields).await;
        let result = answer.and_then(|answer| {
            let envelope = Envelope::read(endpoint, &answer)?;
            if envelope.code != SUCCESS {
                return Err(classify(endpoint, envelope.code, &envelope.msg, shop, || {
                    envelope.link()
                }));
            }
            decode(&envelope).map_err(|missing| envelope.misread(endpoint, missing))
        });
        let code = result
            .as_ref()
            .map_or_else(|refusal| refusal.code, |_| Some(SUCCESS));
        let elapsed_ms = started.elapsed().as_millis();
        tracing::debug!(%endpoint, code, elapsed_ms, "vendor call");
        result
    }

    async fn exchange(&self, endpoint: Endpoint, fields: Fields) -> Result<Answer, Refusal> {
        let route = self.route(endpoint);
        let request = self.client().post(route.url.clone());
        let request = fields
            .into_body(request, route)
            .map_err(not_sent)?
            .build()
            .map_err(not_sent)?;
        let request = leave::checked(request, self.dials()).map_err(not_sent)?;
        exchange(self.client(), request, self.timeout(), self.reply_bytes_max()).await
    }
}
