//! `redis.sentinel.*`: who says which Redis is the master, if anybody does.

use std::collections::BTreeSet;

use parceld_store::SentinelSettings;
use url::Url;

use super::SettingsError;
use super::layers::Layers;

const NODES: &str = "redis.sentinel.nodes";
const MASTER: &str = "redis.sentinel.master";
const USERNAME: &str = "redis.sentinel.username";
const PASSWORD: &str = "redis.sentinel.password";
/// Where a Sentinel listens unless it is told otherwise.
const PORT: u16 = 26_379;

/// The settings of the Sentinels; `None` when `redis.url` is the only server.
pub(super) fn read(layers: &Layers) -> Result<Option<SentinelSettings>, SettingsError> {
    let master = layers.optional_text(MASTER)?;
    let username = layers.optional_text(USERNAME)?;
    let password = layers.optional_text(PASSWORD)?;
    let Some(nodes) = layers.optional_texts(NODES)? else {
        let alone = [(MASTER, &master), (USERNAME, &username), (PASSWORD, &password)];
        return match alone.into_iter().find(|(_, value)| value.is_some()) {
            Some((key, _)) => Err(layers.refuse(
                key,
                "means nothing without redis.sentinel.nodes, which is not set; such as \"10.0.0.1:26379,10.0.0.2:26379,10.0.0.3:26379\"",
            )),
            None => Ok(None),
        };
    };
    let Some(master) = master else {
        let message = "needs redis.sentinel.master as well, which is not set: the name that stands behind `sentinel monitor`";
        return Err(layers.refuse(NODES, message));
    };
    if username.is_some() && password.is_none() {
        return Err(layers.refuse(
            USERNAME,
            "needs redis.sentinel.password as well, which is not set",
        ));
    }
    Ok(Some(SentinelSettings {
        nodes: addresses(layers, &nodes)?,
        master,
        username,
        password: password.map(Into::into),
    }))
}

/// Each node's host and port. One that stands twice would have two votes.
fn addresses(layers: &Layers, nodes: &[String]) -> Result<Vec<(String, u16)>, SettingsError> {
    let mut seen = BTreeSet::new();
    for node in nodes {
        let Some(address) = address(node) else {
            let message =
                "must be hosts, each with its port, such as \"10.0.0.1:26379,10.0.0.2:26379,[::1]:26379\"";
            return Err(layers.refuse(NODES, message));
        };
        if !seen.insert(address) {
            return Err(layers.refuse(
                NODES,
                &format!("must name each Sentinel once; {node} stands there twice"),
            ));
        }
    }
    Ok(seen.into_iter().collect())
}

/// `host`, `host:port` or `[address]:port`.
fn address(node: &str) -> Option<(String, u16)> {
    // An address of another form would come out as a path, an account or a scheme of its own.
    if node.contains(['/', '@', '?', '#']) {
        return None;
    }
    let url = Url::parse(&format!("redis://{node}")).ok()?;
    let host = url.host_str().filter(|host| !host.is_empty())?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    Some((host.to_owned(), url.port().unwrap_or(PORT)))
}
