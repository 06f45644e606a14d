//! Decoding of a request body: JSON, a multipart form or an urlencoded form, all to the same fields.
//!
//! The documents contradict themselves about encodings (A5), so every endpoint takes every one.

use bytes::Bytes;
use futures::stream;
use serde_json::{Map, Value};

use crate::fields::Fields;

/// The fields of a request, or nothing when the body is not what its content type says.
pub(crate) async fn decode(content_type: &str, body: Bytes) -> Option<Fields> {
    let kind = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    match kind.as_str() {
        "multipart/form-data" => multipart(content_type, body).await,
        "application/x-www-form-urlencoded" => Some(from_pairs(urlencoded(&body))),
        _ => json(&body),
    }
}

fn json(body: &[u8]) -> Option<Fields> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Some(Fields::default());
    }
    match serde_json::from_slice(body).ok()? {
        Value::Object(map) => Some(Fields::new(map)),
        // An empty PHP array stands for an empty object.
        Value::Array(items) if items.is_empty() => Some(Fields::default()),
        _ => None,
    }
}

async fn multipart(content_type: &str, body: Bytes) -> Option<Fields> {
    let boundary = multer::parse_boundary(content_type).ok()?;
    let whole = stream::once(async move { Ok::<_, std::convert::Infallible>(body) });
    let mut parts = multer::Multipart::new(whole, boundary);
    let mut pairs = Vec::new();
    while let Some(part) = parts.next_field().await.ok()? {
        let name = part.name().unwrap_or_default().to_owned();
        pairs.push((name, part.text().await.ok()?));
    }
    Some(from_pairs(pairs))
}

fn urlencoded(body: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(body).into_owned().collect()
}

/// PHP's reading of form names: `a[]` appends to a list, `a[0][b]` and `a[b]` nest.
fn from_pairs(pairs: Vec<(String, String)>) -> Fields {
    let mut root = Map::new();
    for (name, text) in pairs {
        let mut path = name.split(['[', ']']).filter(|part| !part.is_empty());
        let Some(first) = path.next().map(str::to_owned) else {
            continue;
        };
        let mut rest: Vec<&str> = path.collect();
        if name.ends_with("[]") {
            rest.push("");
        }
        put(root.entry(first).or_insert(Value::Null), &rest, text);
    }
    Fields::new(
        root.into_iter()
            .map(|(name, value)| (name, lists(value)))
            .collect(),
    )
}

/// Lays `text` down at `path` below `slot`; an empty step means "the next free index".
fn put(slot: &mut Value, path: &[&str], text: String) {
    let Some((step, rest)) = path.split_first() else {
        *slot = Value::String(text);
        return;
    };
    if !slot.is_object() {
        *slot = Value::Object(Map::new());
    }
    if let Value::Object(map) = slot {
        let key = if step.is_empty() {
            map.len().to_string()
        } else {
            (*step).to_owned()
        };
        put(map.entry(key).or_insert(Value::Null), rest, text);
    }
}

/// Turns objects whose keys are 0, 1, 2 … into arrays, from the leaves up.
fn lists(value: Value) -> Value {
    let Value::Object(map) = value else { return value };
    let mut map: Map<String, Value> = map.into_iter().map(|(key, inner)| (key, lists(inner))).collect();
    if (0..map.len()).all(|index| map.contains_key(&index.to_string())) {
        return (0..map.len())
            .filter_map(|index| map.remove(&index.to_string()))
            .collect();
    }
    Value::Object(map)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    async fn decoded(content_type: &str, body: &str) -> Option<Value> {
        decode(content_type, Bytes::from(body.to_owned()))
            .await
            .map(Fields::into_value)
    }

    #[tokio::test]
    async fn a_multipart_form_and_json_say_the_same() {
        let form = "--b\r\nContent-Disposition: form-data; name=\"tid\"\r\n\r\n1692089714634374451\r\n\
                    --b\r\nContent-Disposition: form-data; name=\"out_sid\"\r\n\r\nYT1\r\n--b--\r\n";
        let from_form = decoded("multipart/form-data; boundary=b", form).await;
        let from_json = decoded(
            "application/json",
            r#"{"tid":"1692089714634374451","out_sid":"YT1"}"#,
        )
        .await;
        assert_eq!(from_form, from_json);
        assert!(from_form.is_some());
    }

    #[tokio::test]
    async fn bracketed_names_nest_as_in_php() {
        let form = "shop_id=7&params[0][order_id]=1A&params[1][order_id]=2&orderSns[]=x&orderSns[]=y&p[a]=1";
        let fields = decoded("application/x-www-form-urlencoded", form).await;
        let wanted = json!({
            "shop_id": "7", "params": [{"order_id": "1A"}, {"order_id": "2"}], "orderSns": ["x", "y"],
            "p": {"a": "1"},
        });
        assert_eq!(fields, Some(wanted));
    }

    #[tokio::test]
    async fn an_empty_body_has_no_fields_and_a_broken_one_is_none() {
        assert_eq!(decoded("application/json", "").await, Some(json!({})));
        assert_eq!(decoded("application/json", "{\"a\":").await, None);
        assert_eq!(decoded("application/json", "[1]").await, None);
        assert_eq!(
            decoded("multipart/form-data; boundary=b", "nothing of the kind").await,
            None
        );
    }
}
