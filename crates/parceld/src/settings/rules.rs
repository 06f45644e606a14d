//! Settings that are each sound and cannot hold together, or cannot mean what they say.

use tracing_subscriber::EnvFilter;
use url::{Host, Url};

use super::{Settings, SettingsError};

/// What a namespace may be made of, besides letters and digits; it stands in every key and in redis-cli commands.
const NAMESPACE_SIGNS: &str = "_-.:{}";

/// Refuses the first impossible combination.
pub(super) fn check(settings: &Settings) -> Result<(), SettingsError> {
    check_redis(settings)?;
    check_base_url(settings)?;
    check_times(settings)?;
    if EnvFilter::try_new(&settings.log.level).is_err() {
        let message =
            "must be error, warn, info, debug or trace, or directives such as \"info,parceld_worker=debug\"";
        return Err(settings.layers.refuse("log.level", message));
    }
    Ok(())
}

fn check_redis(settings: &Settings) -> Result<(), SettingsError> {
    let scheme = Url::parse(&settings.store.url)
        .ok()
        .map(|url| url.scheme().to_owned());
    if !matches!(scheme.as_deref(), Some("redis" | "rediss")) {
        let message =
            "must be an address such as redis://127.0.0.1:6379/0 or rediss://user:password@host:6380/0";
        return Err(settings.layers.refuse("redis.url", message));
    }
    let sound = |letter: char| letter.is_ascii_alphanumeric() || NAMESPACE_SIGNS.contains(letter);
    if !settings.store.namespace.chars().all(sound) {
        let message = format!("must be letters, digits and {NAMESPACE_SIGNS} only");
        return Err(settings.layers.refuse("redis.namespace", &message));
    }
    Ok(())
}

fn check_base_url(settings: &Settings) -> Result<(), SettingsError> {
    let refuse = |message: &str| Err(settings.layers.refuse("vendor.base_url", message));
    let Ok(url) = Url::parse(settings.vendor.base_url.trim()) else {
        return refuse("must be an address such as http://api.vv-tool.com");
    };
    let Some(host) = url.host().filter(|_| matches!(url.scheme(), "http" | "https")) else {
        return refuse("must begin with http:// or https:// and a host");
    };
    if settings.store.per_second == 0 && !is_local(&host) {
        let message = format!(
            "no limit is only for something local, and {} leads to {host}; set 10, the vendor's own limit",
            settings.layers.told("vendor.base_url")
        );
        return Err(settings.layers.refuse("rate_limit.per_second", &message));
    }
    Ok(())
}

/// Addresses that no vendor on the internet has. A name may lead anywhere, so only one counts.
fn is_local(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback() || address.is_private() || address.is_link_local(),
        Host::Ipv6(address) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
    }
}

fn check_times(settings: &Settings) -> Result<(), SettingsError> {
    let policy = &settings.policy;
    let positive = [
        ("vendor.timeout", policy.vendor_timeout_ms),
        ("retry.initial", policy.retry_initial_ms),
        ("gift_order.poll_initial", policy.poll_initial_ms),
        ("gift_order.deadline", policy.gift_deadline_ms),
        ("redis.connect_timeout", millis(settings.store.connect_timeout)),
        ("redis.response_timeout", millis(settings.store.response_timeout)),
    ];
    for (key, ms) in positive {
        if ms == 0 {
            return Err(settings.layers.refuse(key, "must be longer than zero"));
        }
    }
    let at_least = [
        (
            "retry.max",
            policy.retry_max_ms,
            "retry.initial",
            policy.retry_initial_ms,
            1,
        ),
        (
            "gift_order.poll_max",
            policy.poll_max_ms,
            "gift_order.poll_initial",
            policy.poll_initial_ms,
            1,
        ),
        (
            "worker.lease",
            settings.store.lease_ms,
            "vendor.timeout",
            policy.vendor_timeout_ms,
            2,
        ),
    ];
    for (key, ms, other, other_ms, times) in at_least {
        if ms < other_ms * times {
            let factor = if times == 1 {
                String::new()
            } else {
                format!("{times} x ")
            };
            let other = settings.layers.told(other);
            let message = format!("must be at least {factor}{other}");
            return Err(settings.layers.refuse(key, &message));
        }
    }
    Ok(())
}

fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).expect("a duration of a setting is bounded")
}
