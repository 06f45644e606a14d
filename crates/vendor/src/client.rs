//! The HTTP client: nothing that could repeat, redirect or remember a call.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use rustls::RootCertStore;
use secrecy::{ExposeSecret, SecretString};

use crate::route::Base;
use crate::settings::VendorError;

/// Below the minute or more after which servers and middle boxes usually drop a silent connection.
const POOL_IDLE: Duration = Duration::from_secs(50);

/// The client for this address: no redirects (A3), no cookies (A2), no proxy, no repeats, no decompression.
///
/// A request is put on another connection only when hyper found its pooled one closed before it took the
/// request: then nothing has left.
pub(crate) fn build(
    base: &Base,
    access_token: &SecretString,
    timeout: Duration,
) -> Result<reqwest::Client, VendorError> {
    reqwest::Client::builder()
        .default_headers(headers(access_token)?)
        .user_agent(concat!("parceld/", env!("CARGO_PKG_VERSION")))
        .tls_backend_preconfigured(tls(base)?)
        .http1_only()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .referer(false)
        .tcp_nodelay(true)
        .pool_idle_timeout(POOL_IDLE)
        // A connection that does not come about within half the deadline is given up while it is still certain
        // that nothing was sent; after the whole deadline that could no longer be told.
        .connect_timeout(timeout / 2)
        .build()
        .map_err(|error| VendorError::Client(error.to_string()))
}

fn headers(access_token: &SecretString) -> Result<HeaderMap, VendorError> {
    let token = access_token.expose_secret().trim();
    if token.is_empty() {
        return Err(VendorError::AccessToken(
            "empty; set it, or vendor.access_token_file",
        ));
    }
    let mut bearer = HeaderValue::try_from(format!("Bearer {token}"))
        .map_err(|_| VendorError::AccessToken("holds a character that no header may hold"))?;
    bearer.set_sensitive(true);
    Ok(HeaderMap::from_iter([(AUTHORIZATION, bearer)]))
}

/// The system's certificates for `https://`, none for `http://`: a machine without any still calls that.
fn tls(base: &Base) -> Result<rustls::ClientConfig, VendorError> {
    let fault = |why: String| VendorError::Tls {
        base_url: base.to_string(),
        why,
    };
    let mut roots = RootCertStore::empty();
    if base.is_https() {
        let found = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(found.certs);
        if roots.is_empty() {
            return Err(fault(
                "the system has no root certificates; install ca-certificates".to_owned(),
            ));
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| fault(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth())
}
