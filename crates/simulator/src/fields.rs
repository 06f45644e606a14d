//! The fields of one request, read leniently: numbers may be text and text may be JSON.

use serde_json::{Map, Value};

/// A field is there, but it cannot be read as what the endpoint wants (code 208).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct WrongType;

/// What came in a request body, whatever its encoding.
#[derive(Default)]
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    pub(crate) fn new(map: Map<String, Value>) -> Self {
        Self(map)
    }

    /// The field as text; an empty one counts as absent. Numbers are taken digit by digit (C2).
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.0.get(name).and_then(as_text)
    }

    /// The field as a whole number.
    pub(crate) fn whole(&self, name: &str) -> Result<Option<u64>, WrongType> {
        self.text(name)
            .map(|text| text.parse().map_err(|_| WrongType))
            .transpose()
    }

    /// The field as an array; text may hold one as JSON, as the samples of `mpaging-orders` do (A8).
    pub(crate) fn list(&self, name: &str) -> Result<Option<Vec<Value>>, WrongType> {
        match self.structured(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Array(items)) => Ok(Some(items)),
            Some(_) => Err(WrongType),
        }
    }

    /// The field as fields of its own. An empty array is refused: some encoders turn `{}` into it (A13).
    pub(crate) fn object(&self, name: &str) -> Result<Option<Fields>, WrongType> {
        match self.structured(name) {
            None => Ok(None),
            Some(Value::Object(map)) => Ok(Some(Self(map))),
            Some(_) => Err(WrongType),
        }
    }

    /// The field with JSON in text unpacked.
    pub(crate) fn structured(&self, name: &str) -> Option<Value> {
        match self.0.get(name)? {
            Value::String(text) if text.starts_with(['[', '{']) => {
                Some(serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.clone())))
            }
            value => Some(value.clone()),
        }
    }

    #[cfg(test)]
    pub(crate) fn of(value: Value) -> Self {
        match value {
            Value::Object(map) => Self(map),
            other => panic!("no object: {other}"),
        }
    }

    #[cfg(test)]
    pub(crate) fn into_value(self) -> Value {
        Value::Object(self.0)
    }
}

/// A scalar as text; nothing for what is empty, null or not a scalar.
pub(crate) fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_nineteen_digit_number_keeps_its_digits() {
        let fields = Fields::of(json!({"tid": 1_692_089_714_634_374_451_u64}));
        assert_eq!(fields.text("tid").as_deref(), Some("1692089714634374451"));
    }

    #[test]
    fn numbers_are_read_from_text_and_words_are_not_numbers() {
        let fields = Fields::of(json!({"a": "262", "b": "many", "c": " "}));
        assert_eq!(fields.whole("a"), Ok(Some(262)));
        assert_eq!(fields.whole("b"), Err(WrongType));
        assert_eq!(fields.whole("c"), Ok(None));
    }

    #[test]
    fn a_list_may_be_json_in_text_and_an_array_is_no_filter() {
        let fields = Fields::of(json!({"orderSns": "[\"x\",\"y\"]", "filter": []}));
        assert_eq!(fields.list("orderSns"), Ok(Some(vec![json!("x"), json!("y")])));
        assert!(fields.object("filter").is_err());
    }
}
