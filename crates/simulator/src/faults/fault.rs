//! One fault: what goes wrong with an answer.

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
}

impl Fault {
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
}

/// HTTP statuses that may carry a body and end a request.
const STATUSES: std::ops::RangeInclusive<u16> = 200..=599;

impl TryFrom<Spelling> for Fault {
    type Error = String;

    fn try_from(spelt: Spelling) -> Result<Self, Self::Error> {
        let Spelling { msg, data, html, .. } = spelt;
        let kinds = [
            spelt.code.map(|code| Self::Code { code, msg, data }),
            spelt.cut.then_some(Self::Cut),
            spelt.hang_ms.map(|hang_ms| Self::Hang { hang_ms }),
            spelt.slow_ms.map(|slow_ms| Self::Slow { slow_ms }),
            spelt.http.map(|status| Self::Http { status, html }),
            spelt.truncate.then_some(Self::Truncate),
            spelt.mistype.then_some(Self::Mistype),
            spelt.not_envelope.then_some(Self::NotEnvelope),
            spelt.huge_bytes.map(|huge_bytes| Self::Huge { huge_bytes }),
            spelt.drip.then_some(Self::Drip),
        ];
        let mut named = kinds.into_iter().flatten();
        match (named.next(), named.next()) {
            (Some(Self::Http { status, .. }), None) if !STATUSES.contains(&status) => Err(format!(
                "fault.http: {status} is no status of an answer (200 to 599)"
            )),
            (Some(fault), None) => Ok(fault),
            (None, _) => Err(
                "a fault names one of code, cut, hang_ms, slow_ms, http, truncate, mistype, \
                              not_envelope, huge_bytes, drip"
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
        ] {
            assert!(
                serde_json::from_value::<Fault>(written.clone()).is_err(),
                "{written}"
            );
        }
    }
}
