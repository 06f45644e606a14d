//! The layers of settings, laid over each other key by key; each value keeps where it came from.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::fmt;
use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

use config::{Environment, File, FileFormat, Source, Value, ValueKind};
use parceld_domain::endpoint::Endpoint;

use super::duration;
use super::error::{Origin, SettingsError};
use super::mask::{MASK, cut, key_of, shown_of_nobody, without_password};

/// What holds, by whole key.
pub(super) struct Layers(BTreeMap<String, Entry>);

/// One value.
pub(super) struct Entry {
    value: ValueKind,
    origin: Origin,
}

/// The documentation of the settings is their first layer.
const DEFAULTS: &str = include_str!("../../../../config/parceld.toml");
/// Keys that hold nothing unless they are set.
const OPTIONAL: [&str; 6] = [
    "redis.sentinel.nodes",
    "redis.sentinel.master",
    "redis.sentinel.username",
    "redis.sentinel.password",
    "vendor.access_token",
    "vendor.access_token_file",
];
/// Keys whose value is never shown.
const SECRET: [&str; 2] = ["redis.sentinel.password", "vendor.access_token"];
/// Keys whose value may hold a password.
const ADDRESSES: [&str; 3] = ["redis.url", "redis.sentinel.nodes", "vendor.base_url"];
const ENDPOINTS: &str = "vendor.endpoints.";
/// How alike an unknown key must be to one that exists, to be taken for a slip.
const ALIKE: f64 = 0.75;

impl Layers {
    /// Defaults, then the file, then the environment, then the flags.
    pub(super) fn read(
        file: Option<&Path>,
        variables: impl Iterator<Item = (OsString, OsString)>,
        flags: &[String],
    ) -> Result<Self, SettingsError> {
        let mut layers = Layers(BTreeMap::new());
        let defaults = File::from_str(DEFAULTS, FileFormat::Toml)
            .collect()
            .expect("the compiled-in settings are TOML: a test reads them");
        layers.lay(defaults, |_| Origin::Default);
        let known: Vec<String> = layers.0.keys().cloned().collect();
        if let Some(path) = file {
            let values = File::from(path).format(FileFormat::Toml).collect();
            let values = values.map_err(|error| unreadable(path, &error.to_string()))?;
            layers.lay(values, |_| Origin::File(path.to_owned()));
        }
        // Names and values that are not UTF-8 are none of ours, or refused by their type.
        let variables: HashMap<String, String> = variables
            .filter_map(|(name, value)| {
                Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
            })
            .collect();
        let environment = Environment::with_prefix("PARCELD")
            .prefix_separator("__")
            .separator("__")
            .ignore_empty(true)
            .source(Some(variables))
            .collect()
            .expect("texts are all that this environment holds");
        layers.lay(environment, |key| Origin::Variable(variable(key)));
        for flag in flags {
            let (key, value) = flag
                .split_once('=')
                .ok_or_else(|| SettingsError::Flag(key_of(flag)))?;
            let value = ValueKind::String(value.to_owned());
            layers.put(key.trim().to_owned(), value, Origin::Flag);
        }
        layers.check_keys(&known)?;
        Ok(layers)
    }

    /// A text that is set.
    pub(super) fn text(&self, key: &str) -> Result<String, SettingsError> {
        match &self.entry(key).value {
            ValueKind::String(text) if !text.is_empty() => Ok(text.clone()),
            ValueKind::String(_) => Err(self.refuse(key, "must not be empty")),
            _ => Err(self.refuse(key, "must be text in quotes")),
        }
    }

    /// A text that need not be set.
    pub(super) fn optional_text(&self, key: &str) -> Result<Option<String>, SettingsError> {
        if self.0.contains_key(key) {
            self.text(key).map(Some)
        } else {
            Ok(None)
        }
    }

    /// A list that need not be set: in a file of texts in quotes, and everywhere in one text with commas.
    pub(super) fn optional_texts(&self, key: &str) -> Result<Option<Vec<String>>, SettingsError> {
        let Some(entry) = self.0.get(key) else {
            return Ok(None);
        };
        let wrong = || self.refuse(key, "must be a list of texts, or one text with commas");
        let texts: Vec<String> = match &entry.value {
            ValueKind::String(text) => text.split(',').map(|part| part.trim().to_owned()).collect(),
            ValueKind::Array(values) => {
                let text = |value: &Value| match &value.kind {
                    ValueKind::String(text) => Some(text.trim().to_owned()),
                    _ => None,
                };
                let texts: Option<_> = values.iter().map(text).collect();
                texts.ok_or_else(wrong)?
            }
            _ => return Err(wrong()),
        };
        if texts.is_empty() || texts.iter().any(String::is_empty) {
            return Err(self.refuse(key, "must not be empty, nor any part of it"));
        }
        Ok(Some(texts))
    }

    /// One of a few words.
    pub(super) fn one_of(&self, key: &str, allowed: &[&str]) -> Result<String, SettingsError> {
        let text = self.text(key)?;
        if allowed.contains(&text.as_str()) {
            return Ok(text);
        }
        Err(self.refuse(key, &format!("allowed: {}", allowed.join(", "))))
    }

    /// A duration.
    pub(super) fn duration(&self, key: &str) -> Result<Duration, SettingsError> {
        let wrong = || {
            self.refuse(
                key,
                "must be a duration such as \"500ms\", \"10s\", \"5m\", \"2h\" or \"7d\"",
            )
        };
        match &self.entry(key).value {
            ValueKind::String(text) => duration::parse(text).ok_or_else(wrong),
            _ => Err(wrong()),
        }
    }

    /// A duration in milliseconds.
    pub(super) fn millis(&self, key: &str) -> Result<u64, SettingsError> {
        let millis = self.duration(key)?.as_millis();
        Ok(u64::try_from(millis).expect("a duration of a setting is bounded"))
    }

    /// A whole number within bounds.
    pub(super) fn whole(&self, key: &str, bounds: RangeInclusive<u64>) -> Result<u64, SettingsError> {
        let entry = self.entry(key);
        let number = match &entry.value {
            ValueKind::I64(number) => u64::try_from(*number).ok(),
            ValueKind::String(text) if entry.origin.is_text() => text.parse().ok(),
            _ => None,
        };
        number.filter(|number| bounds.contains(number)).ok_or_else(|| {
            let message = format!(
                "must be a whole number from {} to {}",
                bounds.start(),
                bounds.end()
            );
            self.refuse(key, &message)
        })
    }

    /// Yes or no.
    pub(super) fn flag(&self, key: &str) -> Result<bool, SettingsError> {
        let entry = self.entry(key);
        match &entry.value {
            ValueKind::Boolean(flag) => Ok(*flag),
            ValueKind::String(text) if entry.origin.is_text() && text == "true" => Ok(true),
            ValueKind::String(text) if entry.origin.is_text() && text == "false" => Ok(false),
            _ => Err(self.refuse(key, "must be true or false")),
        }
    }

    /// The keys that change an endpoint: the whole key, the endpoint, and what follows its name.
    pub(super) fn endpoint_keys(&self) -> Vec<(String, Endpoint, String)> {
        let split = |key: &String| {
            let (name, field) = key.strip_prefix(ENDPOINTS)?.split_once('.')?;
            Some((key.clone(), name.parse().ok()?, field.to_owned()))
        };
        self.0.keys().filter_map(split).collect()
    }

    /// The error of a key that is set: its value, where it came from, and what is wrong.
    pub(super) fn refuse(&self, key: &str, message: &str) -> SettingsError {
        SettingsError::Setting {
            key: cut(key),
            value: cut(&self.shown(key)),
            origin: match &self.entry(key).origin {
                Origin::Variable(name) => Origin::Variable(cut(name)),
                origin => origin.clone(),
            },
            message: message.to_owned(),
        }
    }

    /// Whether some layer sets the key.
    pub(super) fn is_given(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// A key with its value and where it came from, masked if it is secret.
    pub(super) fn told(&self, key: &str) -> String {
        format!("{key} = {} ({})", cut(&self.shown(key)), self.entry(key).origin)
    }

    /// Every key that is set with its value, secrets masked, and where it came from.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, String, &Origin)> {
        let entries = self.0.iter();
        entries.map(|(key, entry)| (key.as_str(), self.shown(key), &entry.origin))
    }

    fn lay(&mut self, values: config::Map<String, Value>, origin: impl Fn(&str) -> Origin + Copy) {
        for (key, value) in values {
            self.lay_under(key, value, origin);
        }
    }

    fn lay_under(&mut self, key: String, value: Value, origin: impl Fn(&str) -> Origin + Copy) {
        match value.kind {
            ValueKind::Table(values) => {
                for (name, value) in values {
                    self.lay_under(format!("{key}.{name}"), value, origin);
                }
            }
            kind => {
                let origin = origin(&key);
                self.put(key, kind, origin);
            }
        }
    }

    fn put(&mut self, key: String, value: ValueKind, origin: Origin) {
        self.0.insert(key, Entry { value, origin });
    }

    fn check_keys(&self, known: &[String]) -> Result<(), SettingsError> {
        let is_known =
            |key: &str| known.iter().any(|own| own == key) || OPTIONAL.contains(&key) || is_endpoint_key(key);
        match self.0.keys().find(|key| !is_known(key)) {
            None => Ok(()),
            Some(key) => Err(SettingsError::Setting {
                key: cut(key),
                value: cut(&shown_of_nobody(key, &self.entry(key).value)),
                origin: self.entry(key).origin.clone(),
                message: not_known(key, known),
            }),
        }
    }

    /// Every key that is asked for has a default, or was seen to be set.
    fn entry(&self, key: &str) -> &Entry {
        self.0
            .get(key)
            .expect("a key that is asked for stands in config/parceld.toml: a test asks for all")
    }

    fn shown(&self, key: &str) -> String {
        if SECRET.contains(&key) {
            return format!("{MASK:?}");
        }
        written(key, &self.entry(key).value)
    }
}

impl Origin {
    /// Whether this layer holds nothing but texts, so that numbers are read from them.
    fn is_text(&self) -> bool {
        matches!(self, Origin::Variable(_) | Origin::Flag)
    }
}

fn is_endpoint_key(key: &str) -> bool {
    let Some((name, field)) = key.strip_prefix(ENDPOINTS).and_then(|rest| rest.split_once('.')) else {
        return false;
    };
    name.parse::<Endpoint>().is_ok()
        && (matches!(field, "path" | "encoding")
            || field.strip_prefix("fields.").is_some_and(|own| !own.is_empty()))
}

/// The variable that sets a key.
fn variable(key: &str) -> String {
    format!("PARCELD__{}", key.to_uppercase().replace('.', "__"))
}

/// What an unknown key may have meant.
fn not_known(key: &str, known: &[String]) -> String {
    if key.starts_with(ENDPOINTS) {
        let names: Vec<&str> = Endpoint::ALL.iter().map(|endpoint| endpoint.as_str()).collect();
        return format!(
            "is not known; allowed: {ENDPOINTS}<name>.path, .encoding and .fields.<field>, where <name> is one of {}",
            names.join(", ")
        );
    }
    let all = || known.iter().map(String::as_str).chain(OPTIONAL);
    let nearest = all()
        .map(|own| (strsim::jaro_winkler(own, key), own))
        .filter(|(likeness, _)| *likeness > ALIKE)
        .max_by(|(one, _), (other, _)| one.total_cmp(other));
    let section = key.split('.').next().unwrap_or(key);
    let siblings: Vec<&str> = all()
        .filter(|own| own.split('.').next() == Some(section))
        .collect();
    // A whole section that is unknown is answered with the sections.
    let allowed: Vec<&str> = if siblings.is_empty() {
        let mut sections: Vec<&str> = all().filter_map(|own| own.split('.').next()).collect();
        sections.sort_unstable();
        sections.dedup();
        sections
    } else {
        siblings
    };
    match nearest {
        Some((_, own)) => format!(
            "is not known; did you mean {own}? allowed: {}",
            allowed.join(", ")
        ),
        None => format!("is not known; allowed: {}", allowed.join(", ")),
    }
}

/// A value as it would stand in a settings file, without passwords.
fn written(key: &str, value: &ValueKind) -> String {
    match value {
        ValueKind::String(text) if ADDRESSES.contains(&key) => format!("{:?}", without_password(text)),
        ValueKind::String(text) => format!("{text:?}"),
        ValueKind::Array(values) => {
            let values: Vec<String> = values.iter().map(|value| written(key, &value.kind)).collect();
            format!("[{}]", values.join(", "))
        }
        // An address in the shape of anything else may hold a password all the same.
        _ if ADDRESSES.contains(&key) => format!("{MASK:?}"),
        other => other.to_string(),
    }
}

/// The parser quotes the line it fails at, which may hold a secret: quoted lines are left out.
fn unreadable(path: &Path, error: &(impl fmt::Display + ?Sized)) -> SettingsError {
    let text = error.to_string();
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.contains('|'))
        .collect();
    SettingsError::File {
        file: path.display().to_string(),
        message: format!("the settings cannot be read: {}", lines.join(": ")),
    }
}
