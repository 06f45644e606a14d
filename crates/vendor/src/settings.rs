//! What a client of the vendor is made from, and what can be wrong with it.

use std::collections::BTreeMap;
use std::time::Duration;

use parceld_domain::endpoint::Endpoint;
use secrecy::SecretString;
use serde::Deserialize;

/// Where the vendor is, who we are to it, and how it is called.
#[derive(Debug, Clone)]
pub struct VendorSettings {
    /// Scheme, host and perhaps a prefix; the endpoints' paths are appended.
    pub base_url: String,
    /// The bearer token; surrounding white space is no part of it.
    pub access_token: SecretString,
    /// The deadline of a whole request, from the name look-up to the last byte of the reply.
    pub timeout: Duration,
    /// The longest reply that is read; a longer one is given up.
    pub reply_bytes_max: usize,
    /// What differs from the table of endpoints.
    pub endpoints: BTreeMap<Endpoint, EndpointOverride>,
}

impl VendorSettings {
    /// The documented defaults for this address and token.
    #[must_use]
    pub fn new(base_url: impl Into<String>, access_token: SecretString) -> Self {
        VendorSettings {
            base_url: base_url.into(),
            access_token,
            timeout: Duration::from_secs(10),
            reply_bytes_max: 8 * 1024 * 1024,
            endpoints: BTreeMap::new(),
        }
    }
}

/// What a setting changes about one endpoint, because the vendor's documents contradict themselves (traps A5 to A8).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EndpointOverride {
    /// Another path, beginning with `/`.
    pub path: Option<String>,
    /// Another encoding of the request.
    pub encoding: Option<Encoding>,
    /// Other names on the wire, by our names; nested ones with a dot, such as `params.order_id`.
    pub fields: BTreeMap<String, String>,
}

/// How a request's fields become its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// One JSON object.
    Json,
    /// `multipart/form-data`, a part a field.
    Multipart,
    /// `application/x-www-form-urlencoded`.
    Form,
}

parceld_domain::words!(Encoding, "encoding", {
    Json => "json",
    Multipart => "multipart",
    Form => "form",
});

/// Why no client can be made from the settings.
#[derive(Debug, thiserror::Error)]
pub enum VendorError {
    /// The base address cannot be called.
    #[error("vendor.base_url {value:?}: {why}; give something like http://api.vv-tool.com")]
    BaseUrl {
        /// The address as given, without credentials.
        value: String,
        /// What is wrong with it.
        why: String,
    },
    /// The token cannot stand in a header.
    #[error("vendor.access_token: {0}")]
    AccessToken(&'static str),
    /// The deadline leaves no time at all.
    #[error("vendor.timeout: must be longer than zero")]
    Timeout,
    /// The bound leaves no room for any reply.
    #[error("vendor.reply_bytes_max: must be at least 1024 bytes, not {0}")]
    ReplyBytesMax(usize),
    /// A path of a setting is no path.
    #[error("vendor.endpoints.{endpoint}.path {path:?}: must begin with one / and have no query")]
    Path {
        /// Whose path.
        endpoint: Endpoint,
        /// The path as given.
        path: String,
    },
    /// A setting renames a field that the endpoint does not have.
    #[error("vendor.endpoints.{endpoint}.fields: {field:?} is no field of this endpoint; allowed: {allowed}")]
    Field {
        /// Whose field.
        endpoint: Endpoint,
        /// The field as given.
        field: String,
        /// The fields that the endpoint has.
        allowed: String,
    },
    /// `https://` was asked for, and nothing can prove who answers.
    #[error("vendor.base_url {0:?}: the system has no root certificates for https; install ca-certificates")]
    Roots(String),
    /// The HTTP client cannot be set up.
    #[error("the HTTP client cannot be set up: {0}")]
    Client(String),
}
