//! The fields of a request, in order, and the three ways they become a body.

use std::borrow::Cow;

use parceld_domain::id::Id;
use reqwest::RequestBuilder;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::multipart::Form;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;

use crate::route::Route;
use crate::settings::Encoding;

/// Named values in the order in which they are written. Not `Debug`: they hold personal data.
#[derive(Default)]
pub(crate) struct Fields(Vec<(Cow<'static, str>, Value)>);

/// What a field holds.
pub(crate) enum Value {
    /// Text; a form field, or a JSON string.
    Text(String),
    /// Digits; a JSON number where the vendor's table says int, without the detour of a number type (C2).
    Number(Id),
    /// A list.
    List(Vec<Value>),
    /// Fields of its own.
    Object(Fields),
}

impl Fields {
    /// No fields.
    pub(crate) fn new() -> Self {
        Fields::default()
    }

    /// With a field of text.
    pub(crate) fn text(self, name: &'static str, text: impl Into<String>) -> Self {
        self.with(name, Value::Text(text.into()))
    }

    /// With a field of text if there is any: an absent option is not sent.
    pub(crate) fn text_if(self, name: &'static str, text: Option<impl Into<String>>) -> Self {
        match text {
            Some(text) => self.text(name, text),
            None => self,
        }
    }

    /// With an identifier that the vendor's table calls a string.
    pub(crate) fn id(self, name: &'static str, id: &Id) -> Self {
        self.text(name, id.as_str())
    }

    /// With such an identifier if there is one.
    pub(crate) fn id_if(self, name: &'static str, id: Option<&Id>) -> Self {
        self.text_if(name, id.map(Id::as_str))
    }

    /// With digits that the vendor's table calls a number.
    pub(crate) fn number(self, name: &'static str, digits: &Id) -> Self {
        self.with(name, Value::Number(digits.clone()))
    }

    /// With such digits if there are any.
    pub(crate) fn number_if(self, name: &'static str, digits: Option<&Id>) -> Self {
        match digits {
            Some(digits) => self.number(name, digits),
            None => self,
        }
    }

    /// With a list.
    pub(crate) fn list(self, name: &'static str, values: Vec<Value>) -> Self {
        self.with(name, Value::List(values))
    }

    /// With fields inside a field.
    pub(crate) fn object(self, name: &'static str, fields: Fields) -> Self {
        self.with(name, Value::Object(fields))
    }

    /// With `[page, size]`, which the vendor calls `range` (F1).
    pub(crate) fn range(self, page: u32, size: u32) -> Self {
        let number = |n: u32| Value::Number(Id::from(n.to_string()));
        self.list("range", vec![number(page), number(size)])
    }

    fn with(mut self, name: &'static str, value: Value) -> Self {
        self.0.push((Cow::Borrowed(name), value));
        self
    }

    /// The request with these fields as its body, under the route's names and in its encoding.
    pub(crate) fn into_body(
        self,
        request: RequestBuilder,
        route: &Route,
    ) -> Result<RequestBuilder, serde_json::Error> {
        let fields = self.renamed(route, "");
        Ok(match route.encoding {
            Encoding::Json => request
                .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
                .body(serde_json::to_vec(&fields)?),
            Encoding::Multipart => {
                // The vendor's samples write names as they are, brackets too.
                let mut form = Form::new().percent_encode_noop();
                for (name, value) in fields.0 {
                    form = form.text(name, value.into_form_text()?);
                }
                request.multipart(form)
            }
            Encoding::Form => {
                let mut form = form_urlencoded::Serializer::new(String::new());
                for (name, value) in fields.0 {
                    form.append_pair(&name, &value.into_form_text()?);
                }
                let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
                request.header(CONTENT_TYPE, form_type).body(form.finish())
            }
        })
    }

    fn renamed(self, route: &Route, parent: &str) -> Fields {
        let rename = |(name, value): (Cow<'static, str>, Value)| {
            let path = if parent.is_empty() {
                name.into_owned()
            } else {
                format!("{parent}.{name}")
            };
            let value = value.renamed(route, &path);
            (Cow::Owned(route.wire_name(&path).to_owned()), value)
        };
        Fields(self.0.into_iter().map(rename).collect())
    }
}

impl Value {
    fn renamed(self, route: &Route, path: &str) -> Value {
        match self {
            Value::List(values) => Value::List(
                values
                    .into_iter()
                    .map(|value| value.renamed(route, path))
                    .collect(),
            ),
            Value::Object(fields) => Value::Object(fields.renamed(route, path)),
            plain => plain,
        }
    }

    /// Nested values stand in a form as JSON text (A8).
    fn into_form_text(self) -> Result<String, serde_json::Error> {
        match self {
            Value::Text(text) => Ok(text),
            Value::Number(digits) => Ok(digits.as_str().to_owned()),
            nested => serde_json::to_string(&nested),
        }
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Text(text) => serializer.serialize_str(text),
            Value::Number(digits) => {
                let text = digits.as_str();
                // An id such as `007` or `A1` is no JSON number: it can only go as text.
                match RawValue::from_string(text.to_owned()) {
                    Ok(raw) if text.bytes().all(|byte| byte.is_ascii_digit()) => raw.serialize(serializer),
                    _ => serializer.serialize_str(text),
                }
            }
            Value::List(values) => serializer.collect_seq(values),
            Value::Object(fields) => fields.serialize(serializer),
        }
    }
}
