//! The handle through which the vendor is called; the calls themselves stand in `endpoints`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use parceld_domain::endpoint::Endpoint;

use crate::client;
use crate::dial::Dials;
use crate::endpoints::ENDPOINTS;
use crate::route::{Base, Route};
use crate::settings::{VendorError, VendorSettings};

/// A client of the vendor's API; clones share its connections.
#[derive(Debug, Clone)]
pub struct Vendor(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    client: reqwest::Client,
    dials: Dials,
    routes: BTreeMap<Endpoint, Route>,
    timeout: Duration,
    reply_bytes_max: usize,
}

/// Less than the shortest envelope with room to spare is surely a slip of the unit.
const REPLY_BYTES_LEAST: usize = 1024;

impl Vendor {
    /// A client made from these settings; nothing is sent yet.
    ///
    /// # Errors
    /// When a setting cannot be used; the message names it.
    pub fn new(settings: VendorSettings) -> Result<Self, VendorError> {
        if settings.timeout.is_zero() {
            return Err(VendorError::Timeout);
        }
        if settings.reply_bytes_max < REPLY_BYTES_LEAST {
            return Err(VendorError::ReplyBytesMax(settings.reply_bytes_max));
        }
        let base = Base::parse(&settings.base_url)?;
        let mut routes = BTreeMap::new();
        for spec in &ENDPOINTS {
            let changed = settings.endpoints.get(&spec.endpoint);
            routes.insert(spec.endpoint, Route::new(&base, spec, changed)?);
        }
        let dials = Dials::default();
        Ok(Vendor(Arc::new(Inner {
            client: client::build(&base, &settings.access_token, settings.timeout, dials.clone())?,
            dials,
            routes,
            timeout: settings.timeout,
            reply_bytes_max: settings.reply_bytes_max,
        })))
    }

    /// How long the next call may take until a connection has it.
    #[must_use]
    pub fn dial_allowance(&self) -> Duration {
        self.0.dials.allowance()
    }

    pub(crate) fn dials(&self) -> &Dials {
        &self.0.dials
    }

    pub(crate) fn client(&self) -> &reqwest::Client {
        &self.0.client
    }

    pub(crate) fn route(&self, endpoint: Endpoint) -> &Route {
        self.0
            .routes
            .get(&endpoint)
            .expect("the table holds every endpoint: a test counts them")
    }

    pub(crate) fn timeout(&self) -> Duration {
        self.0.timeout
    }

    pub(crate) fn reply_bytes_max(&self) -> usize {
        self.0.reply_bytes_max
    }
}
