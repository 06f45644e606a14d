//! The fields of one JSON object, each taken once by name, so that what is left over is known to be too much.

use std::collections::HashSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::id::Id;
use crate::private::Private;
use crate::validate::{FieldError, shown};

/// An object that is being read; errors name the field from the line down.
pub(super) struct Fields<'a> {
    path: String,
    left: Vec<(String, &'a RawValue)>,
    taken: Vec<&'static str>,
}

/// Text without a letter, as JSON.
const EMPTY: &str = r#""""#;

impl<'a> Fields<'a> {
    /// Begins to read an object at this path; no field may stand in it twice.
    pub(super) fn read(path: &str, raw: &'a RawValue) -> Result<Self, FieldError> {
        let left = match serde_json::from_str::<Pairs<'a>>(raw.get()) {
            Ok(Pairs(left)) if is_object(raw) => left,
            _ => return Err(no_object(path, raw)),
        };
        // A set, because a line has room for thousands of fields.
        let mut names = HashSet::with_capacity(left.len());
        for (name, _) in &left {
            if !names.insert(name) {
                return Err(FieldError::new(join(path, name), "stands there twice"));
            }
        }
        Ok(Fields {
            path: path.to_owned(),
            left,
            taken: Vec::new(),
        })
    }

    /// A text that must be there.
    pub(super) fn text(&mut self, name: &'static str) -> Result<String, FieldError> {
        self.text_unless_null(name)?.ok_or_else(|| self.missing(name))
    }

    /// A text that may be left out or `null`; one without a letter is a text.
    pub(super) fn text_unless_null(&mut self, name: &'static str) -> Result<Option<String>, FieldError> {
        let raw = self.take(name);
        raw.map(|raw| self.as_text(name, raw)).transpose()
    }

    /// A text that may be left out.
    pub(super) fn optional_text(&mut self, name: &'static str) -> Result<Option<String>, FieldError> {
        let raw = self.take_optional(name);
        raw.map(|raw| self.as_text(name, raw)).transpose()
    }

    /// A personal text that must be there; no error shows it.
    pub(super) fn private_text(&mut self, name: &'static str) -> Result<Private<String>, FieldError> {
        let raw = self.take(name).ok_or_else(|| self.missing(name))?;
        self.as_private_text(name, raw)
    }

    /// A personal text that may be left out; no error shows it.
    pub(super) fn optional_private_text(
        &mut self,
        name: &'static str,
    ) -> Result<Option<Private<String>>, FieldError> {
        let raw = self.take_optional(name);
        raw.map(|raw| self.as_private_text(name, raw)).transpose()
    }

    /// An id that must be there.
    pub(super) fn id(&mut self, name: &'static str) -> Result<Id, FieldError> {
        let raw = self.take(name).ok_or_else(|| self.missing(name))?;
        id(raw).map_err(|message| self.error(name, message))
    }

    /// An id that may be left out.
    pub(super) fn optional_id(&mut self, name: &'static str) -> Result<Option<Id>, FieldError> {
        let raw = self.take_optional(name);
        raw.map(|raw| id(raw).map_err(|message| self.error(name, message)))
            .transpose()
    }

    /// A personal id that must be there; no error shows it.
    pub(super) fn private_id(&mut self, name: &'static str) -> Result<Private<Id>, FieldError> {
        let raw = self.take(name).ok_or_else(|| self.missing(name))?;
        id(raw)
            .map(Private::new)
            .map_err(|_| self.wrong(name, "text or a whole number", type_name(raw)))
    }

    /// A list of ids that must be there.
    pub(super) fn ids(&mut self, name: &'static str) -> Result<Vec<Id>, FieldError> {
        let items = self.list(name)?;
        let read = |(index, raw)| {
            id(raw)
                .map_err(|message| FieldError::new(format!("{}[{index}]", join(&self.path, name)), message))
        };
        items.into_iter().enumerate().map(read).collect()
    }

    /// An object that must be there.
    pub(super) fn object(&mut self, name: &'static str) -> Result<Fields<'a>, FieldError> {
        let raw = self.take(name).ok_or_else(|| self.missing(name))?;
        Fields::read(&join(&self.path, name), raw)
    }

    /// A list of objects that must be there.
    pub(super) fn objects(&mut self, name: &'static str) -> Result<Vec<Fields<'a>>, FieldError> {
        let items = self.list(name)?;
        let path = join(&self.path, name);
        let read = |(index, raw)| Fields::read(&format!("{path}[{index}]"), raw);
        items.into_iter().enumerate().map(read).collect()
    }

    /// Ends the object: whatever was not asked for is refused.
    pub(super) fn end(self) -> Result<(), FieldError> {
        match self.left.first() {
            None => Ok(()),
            Some((name, _)) => {
                let message = format!("is not known; allowed: {}", self.taken.join(", "));
                Err(FieldError::new(join(&self.path, name), message))
            }
        }
    }

    fn list(&mut self, name: &'static str) -> Result<Vec<&'a RawValue>, FieldError> {
        let raw = self.take(name).ok_or_else(|| self.missing(name))?;
        serde_json::from_str(raw.get()).map_err(|_| self.wrong(name, "a list", type_name(raw)))
    }

    fn as_text(&self, name: &str, raw: &RawValue) -> Result<String, FieldError> {
        serde_json::from_str(raw.get()).map_err(|_| self.wrong(name, "text", &value(raw)))
    }

    fn as_private_text(&self, name: &str, raw: &RawValue) -> Result<Private<String>, FieldError> {
        let text = serde_json::from_str(raw.get()).map(Private::new);
        text.map_err(|_| self.wrong(name, "text", type_name(raw)))
    }

    /// A field that need not be there: `null` and empty text, as many an ERP writes "none", are the same as none.
    fn take_optional(&mut self, name: &'static str) -> Option<&'a RawValue> {
        self.take(name).filter(|raw| raw.get() != EMPTY)
    }

    fn take(&mut self, name: &'static str) -> Option<&'a RawValue> {
        self.taken.push(name);
        let index = self.left.iter().position(|(given, _)| given == name)?;
        let (_, raw) = self.left.remove(index);
        (raw.get() != "null").then_some(raw)
    }

    fn missing(&self, name: &str) -> FieldError {
        self.error(name, "missing".to_owned())
    }

    fn wrong(&self, name: &str, wanted: &str, given: &str) -> FieldError {
        self.error(name, format!("must be {wanted}, not {given}"))
    }

    fn error(&self, name: &str, message: String) -> FieldError {
        FieldError::new(join(&self.path, name), message)
    }
}

/// The fields of an object in their order, doubles included.
struct Pairs<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(pairs)
            }
        }

        deserializer.deserialize_map(Collect).map(Pairs)
    }
}

/// The path of a field of the object at `path`.
fn join(path: &str, name: &str) -> String {
    let plain = name
        .chars()
        .all(|letter| letter.is_alphanumeric() || "_-.".contains(letter));
    // A name that could be mistaken for something else, or break the line, is quoted.
    let name = if plain && !name.is_empty() && name.len() <= 60 {
        name.to_owned()
    } else {
        shown(name)
    };
    if path.is_empty() {
        name
    } else {
        format!("{path}.{name}")
    }
}

fn is_object(raw: &RawValue) -> bool {
    raw.get().starts_with('{')
}

fn no_object(path: &str, raw: &RawValue) -> FieldError {
    let (field, given) = (if path.is_empty() { "line" } else { path }, type_name(raw));
    let twice =
        serde_json::from_str::<String>(raw.get()).is_ok_and(|inner| inner.trim_start().starts_with('{'));
    let message = if twice {
        "must be an object, not text that holds JSON; encode it only once".to_owned()
    } else {
        format!("must be an object, not {given}")
    };
    FieldError::new(field, message)
}

/// An id, or what is wrong with it.
fn id(raw: &RawValue) -> Result<Id, String> {
    serde_json::from_str(raw.get()).map_err(|_| {
        if type_name(raw) == "a number" {
            format!(
                "must be text or a whole number without sign, point or exponent, not {}",
                value(raw)
            )
        } else {
            format!("must be text or a whole number, not {}", value(raw))
        }
    })
}

/// A small value as it was written, else its type.
fn value(raw: &RawValue) -> String {
    match type_name(raw) {
        "a number" => raw.get().chars().take(60).collect(),
        "true or false" => raw.get().to_owned(),
        other => other.to_owned(),
    }
}

fn type_name(raw: &RawValue) -> &'static str {
    match raw.get().as_bytes().first() {
        Some(b'{') => "an object",
        Some(b'[') => "a list",
        Some(b'"') => "text",
        Some(b't' | b'f') => "true or false",
        Some(b'n') => "null",
        _ => "a number",
    }
}
