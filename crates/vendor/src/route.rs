//! Where a call goes and how its fields are written: the endpoint's table row with the settings laid over it.

use std::collections::BTreeMap;
use std::fmt;

use reqwest::Url;

use crate::endpoints::EndpointSpec;
use crate::settings::{Encoding, EndpointOverride, VendorError};

/// The address that all paths are appended to.
#[derive(Debug, Clone)]
pub(crate) struct Base(Url);

impl Base {
    /// Reads the setting.
    pub(crate) fn parse(text: &str) -> Result<Self, VendorError> {
        let fault = |value: &str, why: &str| VendorError::BaseUrl {
            value: value.to_owned(),
            why: why.to_owned(),
        };
        let url = Url::parse(text.trim()).map_err(|error| fault(text, &error.to_string()))?;
        if !url.username().is_empty() || url.password().is_some() {
            // Not shown: it would put the password into the log.
            return Err(fault(
                "(hidden)",
                "may hold no user name or password; the token has its own setting",
            ));
        }
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(fault(text, "must begin with http:// or https:// and a host"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(fault(text, "may hold no query and no fragment"));
        }
        Ok(Base(url))
    }

    /// Whether TLS is asked for.
    pub(crate) fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    fn join(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        let prefix = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{prefix}{path}"));
        url
    }
}

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// One endpoint as it is really called.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) url: Url,
    pub(crate) encoding: Encoding,
    names: BTreeMap<String, String>,
}

impl Route {
    /// The table's row, changed by the settings.
    pub(crate) fn new(
        base: &Base,
        spec: &EndpointSpec,
        changed: Option<&EndpointOverride>,
    ) -> Result<Self, VendorError> {
        let none = EndpointOverride::default();
        let changed = changed.unwrap_or(&none);
        let path = changed.path.as_deref().unwrap_or(spec.path);
        if !path.starts_with('/') || path.starts_with("//") || path.contains(['?', '#', ' ']) {
            return Err(VendorError::Path {
                endpoint: spec.endpoint,
                path: path.to_owned(),
            });
        }
        let mut names: BTreeMap<String, String> = spec
            .renamed
            .iter()
            .map(|&(ours, theirs)| (ours.to_owned(), theirs.to_owned()))
            .collect();
        for (ours, theirs) in &changed.fields {
            if !spec.fields.contains(&ours.as_str()) || theirs.is_empty() {
                return Err(VendorError::Field {
                    endpoint: spec.endpoint,
                    field: ours.clone(),
                    allowed: spec.fields.join(", "),
                });
            }
            names.insert(ours.clone(), theirs.clone());
        }
        Ok(Route {
            url: base.join(path),
            encoding: changed.encoding.unwrap_or(spec.encoding),
            names,
        })
    }

    /// The name on the wire of one of our fields, by its dotted path; the last part if nothing renames it.
    pub(crate) fn wire_name<'a>(&'a self, path: &'a str) -> &'a str {
        match self.names.get(path) {
            Some(name) => name,
            None => path.rsplit('.').next().unwrap_or(path),
        }
    }
}
