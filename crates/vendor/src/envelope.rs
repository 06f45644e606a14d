//! The frame of every reply, `{code, msg, msec, time, data}`, and what does not fit into it.

use parceld_domain::endpoint::Endpoint;
use parceld_domain::scope::Scope;
use parceld_domain::verdict::{ErrorClass, Hint, Refusal, Verdict};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::exchange::{Answer, no_reply};
use crate::lenient::{Misread, Object};

/// The envelope's code of a success; nothing else is one, 200 least of all (H5).
pub(crate) const SUCCESS: i64 = 0;

/// An intelligible reply; `data` is looked at only after `code` (B1, B2).
#[derive(Debug)]
pub(crate) struct Envelope<'a> {
    pub(crate) code: i64,
    pub(crate) msg: String,
    pub(crate) fields: Object<'a>,
}

impl<'a> Envelope<'a> {
    /// Reads a reply, whatever its status and content type (A18).
    pub(crate) fn read(endpoint: Endpoint, answer: &'a Answer) -> Result<Self, Refusal> {
        Self::parse(&answer.body)
            .and_then(|envelope| envelope.believed(answer.status))
            .map_err(|why| not_understood(endpoint, answer.status, why))
    }

    /// Other programs on the way say `code` too, and 0 of an error that has none: a success is the vendor's only under a
    /// status of success and with some part of its frame.
    fn believed(self, status: u16) -> Result<Self, &'static str> {
        if self.code != SUCCESS {
            Ok(self)
        } else if !(200..300).contains(&status) {
            Err("says code 0 under a status of failure")
        } else if !self.fields.has("msg") && !self.fields.has("data") {
            Err("says code 0 and has neither msg nor data")
        } else {
            Ok(self)
        }
    }

    fn parse(body: &'a [u8]) -> Result<Self, &'static str> {
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        let raw: &RawValue = serde_json::from_slice(body).map_err(|_| "is not JSON")?;
        let fields = Object::read(raw).ok_or("is not a JSON object")?;
        let code = fields.whole("code").ok_or("has no numeric code")?;
        let msg = fields.message("msg").unwrap_or_default();
        Ok(Envelope { code, msg, fields })
    }

    /// What the endpoint answers, in its own shape.
    pub(crate) fn data(&self) -> Option<&'a RawValue> {
        self.fields.given("data")
    }

    /// `data` where the endpoint answers an object.
    pub(crate) fn data_object(&self) -> Result<Object<'a>, Misread> {
        Object::read_or_empty(self.data()).ok_or(Misread("data"))
    }

    /// The reply of an endpoint that has nothing to tell but its code: text or a number in `data` is another's answer.
    pub(crate) fn without_result(&self) -> Result<(), Misread> {
        self.data_object().map(|_| ())
    }

    /// A link anywhere in `data`, `url` or `msg`: where a shop authorises (B2, B7).
    pub(crate) fn link(&self) -> Option<String> {
        let parts = ["data", "url", "msg"]
            .into_iter()
            .filter_map(|name| self.fields.given(name));
        parts
            .filter_map(|raw| serde_json::from_str(raw.get()).ok())
            .find_map(|value: Value| find_link(&value))
    }

    /// The refusal of a success that does not hold what proves it: after a call with an effect its outcome is
    /// unknown, a read is as good as not answered.
    pub(crate) fn misread(&self, endpoint: Endpoint, missing: Misread) -> Refusal {
        let why = format!(
            "{endpoint} answered success, but {} is missing or unreadable",
            missing.0
        );
        if !endpoint.has_effect() {
            return no_reply(why);
        }
        Refusal {
            verdict: Verdict::Unknown,
            code: Some(self.code),
            msg: why,
            advice:
                "对方答复成功，但缺少成功的凭据，结果未知。程序会先查询实际结果；若持续出现，请联系对方客服。"
                    .to_owned(),
            class: ErrorClass::Unknown,
            hint: Hint::None,
            link: None,
        }
    }
}

/// A wrong path is answered by the web server, not by the vendor's program: our configuration (A7). Of a call whose effect
/// can be looked up that is not believed: something on the way may have answered in the vendor's place.
fn not_understood(endpoint: Endpoint, status: u16, why: &str) -> Refusal {
    let refusal = no_reply(format!(
        "the reply (HTTP {status}) {why}: no answer of the vendor"
    ));
    if status != 404 {
        return refusal;
    }
    if endpoint.has_effect() && endpoint != Endpoint::DyShipFree {
        let hint = format!(
            "接口地址可能不存在（HTTP 404），请检查 vendor.base_url 和 vendor.endpoints.{endpoint}.path。"
        );
        return Refusal {
            advice: hint + &refusal.advice,
            ..refusal
        };
    }
    Refusal {
        verdict: Verdict::Blocked(Scope::Endpoint(endpoint)),
        class: ErrorClass::Blocked,
        advice: format!(
            "接口地址不存在（HTTP 404）。请检查 vendor.base_url 和 vendor.endpoints.{endpoint}.path，改正后恢复该接口。"
        ),
        ..refusal
    }
}

fn find_link(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => {
            let at = text.find("https://").or_else(|| text.find("http://"))?;
            let end = |c: char| c.is_whitespace() || c.is_control() || "\"'<>()，。；）".contains(c);
            Some(text[at..].split(end).next().unwrap_or_default().to_owned())
        }
        Value::Array(values) => values.iter().find_map(find_link),
        Value::Object(fields) => fields.values().find_map(find_link),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status,
            body: body.as_bytes().to_vec(),
        }
    }

    fn refusal(endpoint: Endpoint, status: u16, body: &str) -> Refusal {
        Envelope::read(endpoint, &answer(status, body)).unwrap_err()
    }

    #[test]
    fn the_code_is_read_as_a_number_and_as_text_whatever_the_status() {
        for body in [
            r#"{"code":302,"msg":"x"}"#,
            r#"{"code":"302","msg":"x"}"#,
            "\u{feff} {\"code\":302,\"msg\":\"x\"}\n",
        ] {
            let answer = answer(500, body);
            let envelope = Envelope::read(Endpoint::Send, &answer).unwrap();
            assert_eq!((envelope.code, envelope.msg.as_str()), (302, "x"), "{body}");
        }
    }

    #[test]
    fn a_reply_that_is_no_envelope_is_not_understood() {
        for (body, why) in [
            ("", "not JSON"),
            ("<html>502 Bad Gateway</html>", "not JSON"),
            (r#"{"code":0,"msg":"成"#, "not JSON"),
            (r#"{"code":0}{"code":0}"#, "not JSON"),
            ("[]", "not a JSON object"),
            ("0", "not a JSON object"),
            ("{}", "no numeric code"),
            (r#"{"code":null}"#, "no numeric code"),
            (r#"{"code":"ok"}"#, "no numeric code"),
        ] {
            let refusal = refusal(Endpoint::Send, 502, body);
            assert_eq!(
                (refusal.verdict, refusal.code),
                (Verdict::Retryable, None),
                "{body}"
            );
            assert!(
                refusal.msg.contains(why) && refusal.msg.contains("HTTP 502"),
                "{}",
                refusal.msg
            );
        }
    }

    #[test]
    fn a_page_of_the_web_server_that_says_404_blocks_the_endpoint() {
        let refusal = refusal(Endpoint::MpagingOrders, 404, "<html>Not Found</html>");
        assert_eq!(
            refusal.verdict,
            Verdict::Blocked(Scope::Endpoint(Endpoint::MpagingOrders))
        );
        assert_eq!((refusal.code, refusal.class), (None, ErrorClass::Blocked));
    }

    #[test]
    fn the_authorisation_link_is_found_wherever_it_stands() {
        let link = "https://oauth.example.com/a?x=1&y=2";
        for body in [
            r#"{"code":302,"data":"https:\/\/oauth.example.com\/a?x=1&y=2"}"#,
            r#"{"code":302,"data":{"deep":[{"auth":"请打开 https://oauth.example.com/a?x=1&y=2 授权"}]}}"#,
            r#"{"code":302,"data":[],"url":"https://oauth.example.com/a?x=1&y=2"}"#,
            r#"{"code":302,"msg":"未授权,请打开https://oauth.example.com/a?x=1&y=2。","data":[]}"#,
        ] {
            let answer = answer(200, body);
            let envelope = Envelope::read(Endpoint::Send, &answer).unwrap();
            assert_eq!(envelope.link().as_deref(), Some(link), "{body}");
        }
        let none = answer(200, r#"{"code":302,"msg":"未授权店铺","data":[]}"#);
        assert_eq!(Envelope::read(Endpoint::Send, &none).unwrap().link(), None);
    }

    #[test]
    fn a_message_is_kept_short_and_without_control_characters() {
        let long = answer(200, &format!(r#"{{"code":1,"msg":"a\nb{}"}}"#, "长".repeat(1000)));
        let msg = Envelope::read(Endpoint::Send, &long).unwrap().msg;
        assert!(msg.starts_with("ab长"), "{msg}");
        assert_eq!(msg.chars().count(), crate::lenient::MESSAGE_CHARS_MAX);
    }

    #[test]
    fn a_success_without_its_proof_is_unknown_after_an_effect_and_no_answer_to_a_read() {
        let answer = answer(200, r#"{"code":0,"msg":"成功","data":[]}"#);
        let envelope = Envelope::read(Endpoint::OrderCreate, &answer).unwrap();
        let create = envelope.misread(Endpoint::OrderCreate, Misread("data.order"));
        assert_eq!(
            (create.verdict, create.code, create.class),
            (Verdict::Unknown, Some(0), ErrorClass::Unknown)
        );
        let read = envelope.misread(Endpoint::GetUserBalance, Misread("data.balance"));
        assert_eq!((read.verdict, read.code), (Verdict::Retryable, None));
    }
}
