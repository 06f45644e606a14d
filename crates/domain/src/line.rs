//! The job line: one JSON object that asks for one job. Parsed, checked and normalised here for every way in.

mod fields;
mod read;

use serde_json::value::RawValue;

use self::fields::Fields;
use crate::id::Id;
use crate::kind::Kind;
use crate::payload::{Payload, TaobaoShip};
use crate::private::Private;
use crate::validate::{self, FieldError};
use crate::words::UnknownWord;

/// A job that may be taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobLine {
    /// What it asks for.
    pub kind: Kind,
    /// What makes it unique within its kind; empty = every one is new.
    pub key: String,
    /// What to do.
    pub payload: Payload,
    /// The payload as JSON, always the same text for the same content: a repeated key is compared by it.
    pub normalised: Private<String>,
    /// When it is due, Unix milliseconds; `None` = now.
    pub due_ms: Option<u64>,
}

/// Why a line is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", self.field.as_ref().map(|field| format!("{field}: ")).unwrap_or_default())]
pub struct LineError {
    /// The field, by its path from the line down; `None` where the line as a whole is no job line.
    pub field: Option<String>,
    /// What is wrong and what is allowed; no personal data.
    pub message: String,
}

/// Longest line.
pub const LINE_BYTES_MAX: usize = 64 * 1024;
/// Longest key that is given; one made from a payload is as long as its ids.
pub const KEY_BYTES_MAX: usize = 128;

/// Excel and Notepad put it in front of UTF-8.
pub const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// Java's own serialisation puts it in front of every string.
const JDK_PREFIX: &[u8] = b"\xac\xed";

impl JobLine {
    /// Reads one line; a byte order mark and white space around the object are passed over.
    ///
    /// # Errors
    /// The first thing that is wrong, with the field that it stands in.
    pub fn parse(line: &[u8]) -> Result<Self, LineError> {
        let line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
        let raw = json(line)?;
        let mut fields = Fields::read("", raw)?;
        let kind = fields.text("kind")?;
        let kind: Kind = kind
            .parse()
            .map_err(|unknown: UnknownWord| allowed("kind", &unknown))?;
        let key = fields.text_unless_null("key")?;
        let due_ms = fields
            .text_unless_null("run_at")?
            .map(|text| due(&text))
            .transpose()?;
        let payload = read::payload(kind, fields.object("payload")?)?;
        fields.end()?;
        JobLine::new(payload, key, due_ms)
    }

    /// Checks a payload and finds its key.
    ///
    /// # Errors
    /// The first field that cannot be taken as it is.
    pub fn new(mut payload: Payload, key: Option<String>, due_ms: Option<u64>) -> Result<Self, LineError> {
        payload.check().map_err(|error| error.under("payload"))?;
        if let Some(key) = &key {
            check_key(key)?;
        }
        let key = match &mut payload {
            Payload::GiftOrder(order) => {
                let key = gift_key(key, order.remark.as_deref())?;
                // One text for one order, whichever of the two was given.
                order.remark = Some(key.clone());
                key
            }
            other => key.unwrap_or_else(|| derived_key(other)),
        };
        let normalised = payload.encode();
        // A payload that was not read from a line is bounded as well.
        if normalised.expose().len() > LINE_BYTES_MAX {
            return Err(LineError::too_long(normalised.expose().len()));
        }
        Ok(JobLine {
            kind: payload.kind(),
            key,
            payload,
            normalised,
            due_ms,
        })
    }
}

impl LineError {
    /// A line of so many bytes, which is more than allowed.
    #[must_use]
    pub fn too_long(bytes: usize) -> Self {
        let message = format!("is {bytes} bytes long; at most {LINE_BYTES_MAX}");
        FieldError::new("line", message).into()
    }

    fn whole(message: impl Into<String>) -> Self {
        LineError {
            field: None,
            message: message.into(),
        }
    }
}

impl From<FieldError> for LineError {
    fn from(error: FieldError) -> Self {
        LineError {
            field: Some(error.field),
            message: error.message,
        }
    }
}

/// The line as one JSON value, known to be well-formed.
fn json(line: &[u8]) -> Result<&RawValue, LineError> {
    if line.len() > LINE_BYTES_MAX {
        return Err(LineError::too_long(line.len()));
    }
    if line.starts_with(JDK_PREFIX) {
        return Err(LineError::whole(
            "line begins with the prefix of JDK serialisation; push plain text \
             (检测到 JDK 序列化前缀,请改用 StringRedisTemplate)",
        ));
    }
    let text = std::str::from_utf8(line).map_err(|error| {
        let at = error.valid_up_to() + 1;
        LineError::whole(format!(
            "line is not UTF-8 from byte {at} on; save the file as UTF-8 (请将文件另存为 UTF-8 编码)"
        ))
    })?;
    let raw: &RawValue = serde_json::from_str(text).map_err(|error| {
        let what = error.to_string().replace(" at line 1 column ", " at column ");
        LineError::whole(format!("line is not JSON: {what}"))
    })?;
    if holds_json(raw) {
        return Err(LineError::whole(
            "line is a JSON string that holds JSON; encode it only once",
        ));
    }
    Ok(raw)
}

/// Encoded twice: a string whose content is an object.
fn holds_json(raw: &RawValue) -> bool {
    serde_json::from_str::<String>(raw.get()).is_ok_and(|inner| inner.trim_start().starts_with('{'))
}

fn allowed(field: &str, unknown: &UnknownWord) -> FieldError {
    let given = validate::shown(&unknown.given);
    FieldError::new(
        field,
        format!("{given} is not known; allowed: {}", unknown.allowed),
    )
}

/// A moment in the past is due now.
fn due(text: &str) -> Result<u64, FieldError> {
    let refused =
        |message: &str| FieldError::new("run_at", format!("{message}, not {}", validate::shown(text)));
    if !is_rfc_3339(text) {
        return Err(refused(
            "must be a time with its zone such as 2026-11-21T20:13:05+08:00",
        ));
    }
    let moment: jiff::Timestamp = text
        .parse()
        .map_err(|_| refused("must be a moment of the calendar before 9999-12-30"))?;
    Ok(u64::try_from(moment.as_millisecond()).unwrap_or_default())
}

/// Whether it has the form of RFC 3339, of which the calendar's library takes more than that.
fn is_rfc_3339(text: &str) -> bool {
    let like = |text: &str, form: &str| {
        let fits = |(given, wanted): (u8, u8)| match wanted {
            b'0' => given.is_ascii_digit(),
            _ => given.eq_ignore_ascii_case(&wanted),
        };
        text.len() == form.len() && text.bytes().zip(form.bytes()).all(fits)
    };
    let Some((moment, zone)) = text.split_at_checked("0000-00-00T00:00:00".len()) else {
        return false;
    };
    let zone = match zone.strip_prefix('.') {
        Some(fraction) if fraction.starts_with(|c: char| c.is_ascii_digit()) => {
            fraction.trim_start_matches(|c: char| c.is_ascii_digit())
        }
        _ => zone,
    };
    like(moment, "0000-00-00T00:00:00") && ["Z", "+00:00", "-00:00"].iter().any(|form| like(zone, form))
}

fn check_key(key: &str) -> Result<(), FieldError> {
    validate::text("key", key)?;
    validate::at_most_bytes("key", key, KEY_BYTES_MAX)
}

/// The key of a gift order is the remark by which it is found again at the vendor.
fn gift_key(key: Option<String>, remark: Option<&str>) -> Result<String, FieldError> {
    let (field, key) = match (key, remark) {
        (None, None) => {
            let message =
                "missing; a gift order needs key or payload.remark, to be found again at the vendor";
            return Err(FieldError::new("key", message));
        }
        (Some(key), Some(remark)) if key != remark => {
            let message = format!(
                "must equal key {}, because the remark sent is the key, or be left out",
                validate::shown(&key)
            );
            return Err(FieldError::new("payload.remark", message));
        }
        (Some(key), _) => ("key", key),
        (None, Some(remark)) => {
            validate::at_most_bytes("payload.remark", remark, KEY_BYTES_MAX)?;
            ("payload.remark", remark.to_owned())
        }
    };
    if is_replacement(&key) {
        let message =
            "must not end in # and a number from 2: so end the remarks of orders that replace failed ones";
        return Err(FieldError::new(field, message));
    }
    Ok(key)
}

/// `<key>#2` and so on is what the replacement of order `<key>` is found by.
fn is_replacement(key: &str) -> bool {
    key_of_remark(key).len() < key.len()
}

/// The key of the gift order that bears this remark: the remark itself, or what stands before the number of a
/// replacement.
#[must_use]
pub fn key_of_remark(remark: &str) -> &str {
    match remark.rsplit_once('#') {
        // The first order of a key bears none, and no number begins with 0.
        Some((key, number))
            if number != "1"
                && number.starts_with(|c| ('1'..='9').contains(&c))
                && number.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            key
        }
        _ => remark,
    }
}

/// What identifies the work; empty where every job is new.
fn derived_key(payload: &Payload) -> String {
    match payload {
        Payload::TaobaoShip(TaobaoShip {
            shop_id,
            tid,
            sub_tid,
            ..
        }) => match sub_tid {
            None => format!("{shop_id}/{tid}"),
            Some(sub_tid) => format!("{shop_id}/{tid}/{sub_tid}"),
        },
        Payload::DouyinShip(ship) => format!("{}/{}/{}", ship.shop_id, ship.order_id, ship.waybill_code),
        Payload::GiftOrder(order) => order.remark.clone().unwrap_or_default(),
        Payload::GiftCancel(cancel) => cancel.package_id.to_string(),
        Payload::OrdersSync(_) | Payload::LogisticsSync(_) => Id::default().to_string(),
    }
}

#[cfg(test)]
mod tests;
