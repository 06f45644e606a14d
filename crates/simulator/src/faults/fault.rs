//! One fault: what goes wrong with an answer.

use hyper::header::HeaderValue;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Spelling", into = "Spelling")]
pub(crate) enum Fault {
    /// Another code, message or data in a sound envelope.
    Code {
        code: i64,
        msg: Option<String>,
        data: Option<Value>,
    },
    /// The connection is closed without a byte.
    Cut,
    /// Silence for so long, then a cut.
    Hang { hang_ms: u64 },
    /// The usual answer, late.
    Slow { slow_ms: u64 },
    /// Another HTTP status, with an HTML page or with the usual answer.
    Http { status: u16, html: bool },
    /// Half of the answer, then a cut.
    Truncate,
    /// JSON with the right keys and the wrong types.
    Mistype,
    /// JSON that is no envelope.
    NotEnvelope,
    /// An envelope with so many bytes of data.
    Huge { huge_bytes: u64 },
    /// An answer that never ends.
    Drip,
    /// A success of HTTP without a byte of body.
    Empty,
    /// The usual answer under another content type.
    ContentType { content_type: String },
    /// Sent on to where the call went already.
    Redirect { redirect: u16 },
    /// Only so many items of the call are worked off; the answer names no others, or does not come.
    Partial { partial: usize, cut: bool },
    /// A page that begins so many rows late, or early if negative, as if rows had gone or come meanwhile.
    Shift { shift: i64 },
    /// A page that shows each of its rows twice.
    Duplicate,
}

/// How a fault changes the work itself rather than the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Distortion {
    /// Most items that are worked off; none: all.
    pub(crate) items_max: Option<usize>,
    /// By how many rows a page begins late.
    pub(crate) shift: i64,
    /// Whether each row is shown twice.
    pub(crate) twice: bool,
}

impl Fault {
    /// What it changes about the work; none where only the answer breaks.
    pub(crate) fn distortion(&self) -> Option<Distortion> {
        let straight = Distortion::default();
        match self {
            Self::Partial { partial, .. } => Some(Distortion {
                items_max: Some(*partial),
                ..straight
            }),
            Self::Shift { shift } => Some(Distortion {
                shift: *shift,
                ..straight
            }),
            Self::Duplicate => Some(Distortion {
                twice: true,
                ..straight
            }),
            _ => None,
        }
    }

    /// By this name the ledger counts it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Code { .. } => "code",
            Self::Cut => "cut",
            Self::Hang { .. } => "hang",
            Self::Slow { .. } => "slow",
            Self::Http { .. } => "http",
            Self::Truncate => "truncate",
            Self::Mistype => "mistype",
            Self::NotEnvelope => "not_envelope",
            Self::Huge { .. } => "huge",
            Self::Drip => "drip",
            Self::Empty => "empty",
            Self::ContentType { .. } => "content_type",
            Self::Redirect { .. } => "redirect",
            Self::Partial { .. } => "partial",
            Self::Shift { .. } => "shift",
            Self::Duplicate => "duplicate",
        }
    }
}

/// A fault as it is written: an object whose one telling key names the kind.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Spelling {
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    msg: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
    #[serde(skip_serializing_if = "is_false")]
    cut: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    hang_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    slow_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    http: Option<u16>,
    #[serde(skip_serializing_if = "is_false")]
    html: bool,
    #[serde(skip_serializing_if = "is_false")]
    truncate: bool,
    #[serde(skip_serializing_if = "is_false")]
    mistype: bool,
    #[serde(skip_serializing_if = "is_false")]
    not_envelope: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    huge_bytes: Option<u64>,
    #[serde(skip_serializing_if = "is_false")]
    drip: bool,
    #[serde(skip_serializing_if = "is_false")]
    empty: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    partial: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shift: Option<i64>,
    #[serde(skip_serializing_if = "is_false")]
    duplicate: bool,
}

/// HTTP statuses that may carry a body and end a request.
const STATUSES: std::ops::RangeInclusive<u16> = 200..=599;
/// Those that send a caller elsewhere.
const REDIRECTS: std::ops::RangeInclusive<u16> = 300..=399;

impl TryFrom<Spelling> for Fault {
    type Error = String;

    fn try_from(spelt: Spelling) -> Result<Self, Self::Error> {
        let Spelling {
            msg, data, html, cut, ..
        } = spelt;
        let kinds = [
            spelt.code.map(|code| Self::Code { code, msg, data }),
            // Beside a part it says that the answer does not come.
            (cut && spelt.partial.is_none()).then_some(Self::Cut),
            spelt.hang_ms.map(|hang_ms| Self::Hang { hang_ms }),
            spelt.slow_ms.map(|slow_ms| Self::Slow { slow_ms }),
            spelt.http.map(|status| Self::Http { status, html }),
            spelt.truncate.then_some(Self::Truncate),
            spelt.mistype.then_some(Self::Mistype),
            spelt.not_envelope.then_some(Self::NotEnvelope),
            spelt.huge_bytes.map(|huge_bytes| Self::Huge { huge_bytes }),
            spelt.drip.then_some(Self::Drip),
            spelt.empty.then_some(Self::Empty),
            spelt
                .content_type
                .map(|content_type| Self::ContentType { content_type }),
            spelt.redirect.map(|redirect| Self::Redirect { redirect }),
            spelt.partial.map(|partial| Self::Partial { partial, cut }),
            spelt.shift.map(|shift| Self::Shift { shift }),
            spelt.duplicate.then_some(Self::Duplicate),
        ];
        let mut named = kinds.into_iter().flatten();
        match (named.next(), named.next()) {
            (Some(Self::Http { status, .. }), None) if !STATUSES.contains(&status) => Err(format!(
                "fault.http: {status} is no status of an answer (200 to 599)"
            )),
            (Some(Self::Redirect { redirect }), None) if !REDIRECTS.contains(&redirect) => Err(format!(
                "fault.redirect: {redirect} sends nobody elsewhere (300 to 399)"
            )),
            (Some(Self::ContentType { content_type }), None)
                if HeaderValue::from_str(&content_type).is_err() =>
            {
                Err("fault.content_type: no header can hold it".to_owned())
            }
            (Some(fault), None) => Ok(fault),
            (None, _) => Err(
                "a fault names one of code, cut, hang_ms, slow_ms, http, truncate, mistype, not_envelope, \
                 huge_bytes, drip, empty, content_type, redirect, partial, shift, duplicate"
                    .to_owned(),
            ),
            (Some(first), Some(second)) => Err(format!(
                "a fault is of one kind, not {} and {}",
                first.name(),
                second.name()
            )),
        }
    }
}

impl From<Fault> for Spelling {
    fn from(fault: Fault) -> Self {
        let spelt = Self::default();
        match fault {
            Fault::Code { code, msg, data } => Self {
                code: Some(code),
                msg,
                data,
                ..spelt
            },
            Fault::Cut => Self { cut: true, ..spelt },
            Fault::Hang { hang_ms } => Self {
                hang_ms: Some(hang_ms),
                ..spelt
            },
            Fault::Slow { slow_ms } => Self {
                slow_ms: Some(slow_ms),
                ..spelt
            },
            Fault::Http { status, html } => Self {
                http: Some(status),
                html,
                ..spelt
            },
            Fault::Truncate => Self {
                truncate: true,
                ..spelt
            },
            Fault::Mistype => Self {
                mistype: true,
                ..spelt
            },
            Fault::NotEnvelope => Self {
                not_envelope: true,
                ..spelt
            },
            Fault::Huge { huge_bytes } => Self {
                huge_bytes: Some(huge_bytes),
                ..spelt
            },
            Fault::Drip => Self { drip: true, ..spelt },
            Fault::Empty => Self { empty: true, ..spelt },
            Fault::ContentType { content_type } => Self {
                content_type: Some(content_type),
                ..spelt
            },
            Fault::Redirect { redirect } => Self {
                redirect: Some(redirect),
                ..spelt
            },
            Fault::Partial { partial, cut } => Self {
                partial: Some(partial),
                cut,
                ..spelt
            },
            Fault::Shift { shift } => Self {
                shift: Some(shift),
                ..spelt
            },
            Fault::Duplicate => Self {
                duplicate: true,
                ..spelt
            },
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_kind_reads_back_as_it_was_written() {
        let spelt = [
            json!({"code": 204, "msg": "请求异常:无该接口权限", "data": []}),
            json!({"cut": true}),
            json!({"hang_ms": 100}),
            json!({"slow_ms": 100}),
            json!({"http": 502, "html": true}),
            json!({"truncate": true}),
            json!({"mistype": true}),
            json!({"not_envelope": true}),
            json!({"huge_bytes": 1_000}),
            json!({"drip": true}),
            json!({"empty": true}),
            json!({"content_type": "text/html"}),
            json!({"redirect": 307}),
            json!({"partial": 2}),
            json!({"partial": 2, "cut": true}),
            json!({"shift": -1}),
            json!({"duplicate": true}),
        ];
        for written in spelt {
            let fault: Fault = serde_json::from_value(written.clone()).expect("a valid fault");
            assert_eq!(
                serde_json::to_value(fault).expect("a fault is plain JSON"),
                written
            );
        }
    }

    #[test]
    fn a_fault_of_two_kinds_or_of_none_is_refused() {
        for written in [
            json!({"cut": true, "drip": true}),
            json!({}),
            json!({"htp": 502}),
            json!({"http": 99}),
            json!({"redirect": 200}),
            json!({"content_type": "a\nb"}),
        ] {
            assert!(
                serde_json::from_value::<Fault>(written.clone()).is_err(),
                "{written}"
            );
        }
    }
}
