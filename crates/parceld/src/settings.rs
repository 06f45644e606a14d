//! The settings: read from their layers, typed, checked against each other.

pub(crate) mod duration;
mod error;
mod layers;
mod mask;
mod print;
mod rules;
mod sentinel;
mod token;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use parceld_domain::class::Class;
use parceld_domain::endpoint::Endpoint;
use parceld_domain::policy::Policy;
use parceld_store::StoreSettings;
use parceld_vendor::{EndpointOverride, VendorSettings};
use secrecy::SecretString;

pub(crate) use self::error::SettingsError;
use self::layers::Layers;
pub(crate) use self::print::Shown;

/// All that can be set, ready for those who need it.
pub(crate) struct Settings {
    /// For the store.
    pub(crate) store: StoreSettings,
    /// For the decisions.
    pub(crate) policy: Policy,
    /// For the worker.
    pub(crate) worker: Worker,
    /// For the log.
    pub(crate) log: Log,
    vendor: Vendor,
    layers: Layers,
}

/// `worker.*`, as far as only the worker process needs it.
pub(crate) struct Worker {
    /// Calls at once.
    pub(crate) in_flight: usize,
    /// How long a stop may take.
    pub(crate) shutdown_grace: Duration,
}

/// `log.*`.
pub(crate) struct Log {
    /// Directives of a tracing filter.
    pub(crate) level: String,
    /// One JSON object a line, rather than text.
    pub(crate) json: bool,
}

/// `vendor.*` without the token, which only the worker reads.
struct Vendor {
    base_url: String,
    timeout: Duration,
    reply_bytes_max: usize,
    endpoints: BTreeMap<Endpoint, EndpointOverride>,
}

/// Read if it is there and no other file is named.
const DEFAULT_FILE: &str = "/etc/parceld/parceld.toml";
/// A hundred calls each second would be ten times what the vendor allows.
const PER_SECOND_MAX: u64 = 1_000;
/// The claim's own bound on jobs in one call.
const DOUYIN_SHIP_MAX: u64 = 100;
const IN_FLIGHT_MAX: u64 = 10_000;
const REPLY_BYTES_MAX: u64 = 1 << 30;

impl Settings {
    /// Reads the layers that this process was started with.
    ///
    /// # Errors
    /// The first setting that cannot hold, with where it came from.
    pub(crate) fn load(file: Option<&Path>, flags: &[String]) -> Result<Self, SettingsError> {
        let default = Path::new(DEFAULT_FILE);
        let file = file.or_else(|| default.exists().then_some(default));
        Settings::read(Layers::read(file, std::env::vars_os(), flags)?)
    }

    fn read(layers: Layers) -> Result<Self, SettingsError> {
        let settings = Settings {
            store: store(&layers)?,
            policy: policy(&layers)?,
            worker: Worker {
                in_flight: layers.whole("worker.in_flight", 1..=IN_FLIGHT_MAX)? as usize,
                shutdown_grace: layers.duration("worker.shutdown_grace")?,
            },
            log: Log {
                level: layers.text("log.level")?,
                json: layers.one_of("log.format", &["text", "json"])? == "json",
            },
            vendor: Vendor {
                base_url: layers.text("vendor.base_url")?,
                timeout: layers.duration("vendor.timeout")?,
                reply_bytes_max: layers.whole("vendor.reply_bytes_max", 1024..=REPLY_BYTES_MAX)? as usize,
                endpoints: endpoints(&layers)?,
            },
            layers,
        };
        rules::check(&settings)?;
        Ok(settings)
    }

    /// For the vendor's client; only here the token is read.
    ///
    /// # Errors
    /// When there is no token, or its file cannot be read.
    pub(crate) fn vendor(&self) -> Result<VendorSettings, SettingsError> {
        Ok(self.vendor_with(token::read(&self.layers)?))
    }

    /// What holds and where it came from; secrets are masked.
    pub(crate) fn shown(&self) -> Vec<Shown> {
        print::all(&self.layers)
    }

    /// Whether a worker would find a token.
    pub(crate) fn has_token(&self) -> Result<bool, SettingsError> {
        token::is_set(&self.layers)
    }

    fn vendor_with(&self, access_token: SecretString) -> VendorSettings {
        VendorSettings {
            timeout: self.vendor.timeout,
            reply_bytes_max: self.vendor.reply_bytes_max,
            endpoints: self.vendor.endpoints.clone(),
            ..VendorSettings::new(self.vendor.base_url.clone(), access_token)
        }
    }
}

fn store(layers: &Layers) -> Result<StoreSettings, SettingsError> {
    let weight = |class: &Class| {
        let key = format!("rate_limit.weights.{class}");
        Ok((*class, layers.whole(&key, 1..=1_000)? as u32))
    };
    Ok(StoreSettings {
        per_second: layers.whole("rate_limit.per_second", 0..=PER_SECOND_MAX)? as u32,
        weights: Class::ALL
            .iter()
            .map(weight)
            .collect::<Result<_, SettingsError>>()?,
        batch_units: vec![
            (
                Endpoint::DyShipFree,
                layers.whole("batch.douyin_ship", 1..=DOUYIN_SHIP_MAX)? as u32,
            ),
            (
                Endpoint::MpagingOrders,
                layers.whole("batch.orders_sync", 1..=1_000)? as u32,
            ),
        ],
        lease_ms: layers.millis("worker.lease")?,
        // No sweep begins sooner after the last than an order is first looked for after its payment.
        errand_gap_ms: layers.millis("gift_order.poll_initial")?,
        keep_done_ms: layers.millis("keep.done")?,
        keep_failed_ms: layers.millis("keep.failed")?,
        keep_keys_ms: layers.millis("keep.keys")?,
        sentinel: sentinel::read(layers)?,
        connect_timeout: layers.duration("redis.connect_timeout")?,
        response_timeout: layers.duration("redis.response_timeout")?,
        ..StoreSettings::new(layers.text("redis.url")?, layers.text("redis.namespace")?)
    })
}

fn policy(layers: &Layers) -> Result<Policy, SettingsError> {
    Ok(Policy {
        retry_initial_ms: layers.millis("retry.initial")?,
        retry_max_ms: layers.millis("retry.max")?,
        retry_max_attempts: layers.whole("retry.max_attempts", 1..=1_000)? as u32,
        vendor_timeout_ms: layers.millis("vendor.timeout")?,
        settle_time_ms: layers.millis("vendor.settle_time")?,
        poll_initial_ms: layers.millis("gift_order.poll_initial")?,
        poll_max_ms: layers.millis("gift_order.poll_max")?,
        gift_deadline_ms: layers.millis("gift_order.deadline")?,
        price_tolerance: layers.whole("gift_order.price_tolerance", 0..=1_000_000_000)? as i64,
        douyin_ship_units: layers.whole("batch.douyin_ship", 1..=DOUYIN_SHIP_MAX)? as u32,
        orders_sync_units: layers.whole("batch.orders_sync", 1..=1_000)? as u32,
        douyin_repeats: layers.whole("batch.douyin_repeats", 0..=100)? as u32,
        retry_614_once: layers.flag("classify.retry_614_once")?,
    })
}

/// What differs from the table of endpoints; names were checked with the layers.
fn endpoints(layers: &Layers) -> Result<BTreeMap<Endpoint, EndpointOverride>, SettingsError> {
    let mut changed: BTreeMap<Endpoint, EndpointOverride> = BTreeMap::new();
    for (key, endpoint, field) in layers.endpoint_keys() {
        let entry = changed.entry(endpoint).or_default();
        let text = layers.text(&key)?;
        match field.as_str() {
            "path" => entry.path = Some(text),
            "encoding" => {
                let encoding = text
                    .parse()
                    .map_err(|unknown| layers.refuse(&key, &format!("{unknown}")))?;
                entry.encoding = Some(encoding);
            }
            field => {
                let ours = field.trim_start_matches("fields.").to_owned();
                entry.fields.insert(ours, text);
            }
        }
    }
    Ok(changed)
}

#[cfg(test)]
mod tests;
