//! A job as it is shown.

use parceld_store::JobRecord;
use serde::Serialize;
use serde_json::value::RawValue;

/// The object of `-o json`; JSON that stands in Redis is passed on as it is, so that long numbers keep their digits.
#[derive(Serialize)]
pub(crate) struct View<'a> {
    pub(crate) id: &'a str,
    pub(crate) kind: Option<&'a str>,
    pub(crate) key: Option<&'a str>,
    pub(crate) state: Option<&'a str>,
    pub(crate) step: Option<&'a str>,
    pub(crate) attempts: u64,
    pub(crate) created_at: Option<&'a str>,
    pub(crate) updated_at: Option<&'a str>,
    pub(crate) run_at: Option<&'a str>,
    pub(crate) payload: Option<Box<RawValue>>,
    pub(crate) result: Option<Box<RawValue>>,
    pub(crate) error: Option<Fault<'a>>,
    pub(crate) scope: Option<&'a str>,
    /// What a gift order's vendor order bears: its key, and from a second job of the key on a number behind it.
    pub(crate) remark: Option<&'a str>,
    pub(crate) replaces: Option<&'a str>,
    pub(crate) replaced_by: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) history: Option<Vec<Box<RawValue>>>,
}

/// Why a job failed, or what its last attempt met.
#[derive(Serialize)]
pub(crate) struct Fault<'a> {
    pub(crate) code: Option<i64>,
    pub(crate) msg: &'a str,
    pub(crate) class: Option<&'a str>,
    pub(crate) advice: &'a str,
}

impl<'a> View<'a> {
    /// Without the history.
    pub(crate) fn new(record: &'a JobRecord) -> Self {
        let text = |field: &str| {
            let value = record.fields.get(field).map(String::as_str);
            value.filter(|value| !value.is_empty())
        };
        let json = |field: &str| text(field).and_then(raw);
        View {
            id: &record.id,
            kind: text("kind"),
            key: text("key"),
            state: text("state"),
            step: text("step"),
            attempts: text("attempts")
                .and_then(|count| count.parse().ok())
                .unwrap_or_default(),
            created_at: text("created_at"),
            updated_at: text("updated_at"),
            run_at: text("run_at"),
            payload: json("payload"),
            result: json("result"),
            error: text("class").map(|class| Fault {
                code: text("code").and_then(|code| code.parse().ok()),
                msg: text("msg").unwrap_or_default(),
                class: Some(class),
                advice: text("advice").unwrap_or_default(),
            }),
            scope: text("scope"),
            remark: text("remark"),
            replaces: text("replaces"),
            replaced_by: text("replaced_by"),
            history: None,
        }
    }

    /// With the history, newest first.
    pub(crate) fn with_history(record: &'a JobRecord) -> Self {
        View {
            history: Some(record.history.iter().filter_map(|line| raw(line)).collect()),
            ..View::new(record)
        }
    }
}

fn raw(text: &str) -> Option<Box<RawValue>> {
    RawValue::from_string(text.to_owned()).ok()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde_json::{Value, json};

    use super::*;

    fn record(fields: &[(&str, &str)]) -> JobRecord {
        let fields: HashMap<String, String> = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        JobRecord {
            id: "01J".to_owned(),
            fields,
            history: vec![r#"{"at":"2026","event":"accepted"}"#.to_owned()],
        }
    }

    #[test]
    fn what_is_empty_is_null_and_every_field_is_there() {
        let record = record(&[
            ("kind", "gift.order"),
            ("key", ""),
            ("state", "ready"),
            ("attempts", "0"),
        ]);
        let view = serde_json::to_value(View::with_history(&record)).unwrap();
        for field in [
            "key",
            "run_at",
            "payload",
            "result",
            "error",
            "scope",
            "remark",
            "created_at",
        ] {
            assert_eq!(view.get(field), Some(&Value::Null), "{field}");
        }
        assert_eq!(view["attempts"], 0);
        assert_eq!(view["history"][0]["event"], "accepted");
        assert!(
            serde_json::to_value(View::new(&record))
                .unwrap()
                .get("history")
                .is_none()
        );
    }

    #[test]
    fn an_error_has_a_number_as_its_code_or_null() {
        let with_code = record(&[
            ("code", "614"),
            ("msg", "x"),
            ("class", "terminal"),
            ("advice", "y"),
        ]);
        let view = serde_json::to_value(View::new(&with_code)).unwrap();
        assert_eq!(
            view["error"],
            json!({"code": 614, "msg": "x", "class": "terminal", "advice": "y"})
        );
        let without = record(&[("code", ""), ("msg", "x"), ("class", "human"), ("advice", "y")]);
        assert_eq!(
            serde_json::to_value(View::new(&without)).unwrap()["error"]["code"],
            Value::Null
        );
    }

    #[test]
    fn numbers_of_a_result_keep_their_digits() {
        let record = record(&[("result", r#"{"order_sn":202011041511461997011}"#)]);
        let text = serde_json::to_string(&View::new(&record)).unwrap();
        assert!(
            text.contains(r#""result":{"order_sn":202011041511461997011}"#),
            "{text}"
        );
    }
}
