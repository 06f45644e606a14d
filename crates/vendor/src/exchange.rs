//! One request on the wire: bytes come back, or the refusal that says what is certain about it.

use std::error::Error;
use std::time::Duration;

use parceld_domain::verdict::{ErrorClass, Hint, Refusal, Verdict};
use reqwest::{Request, Response};

use crate::leave::TooLate;

/// The bytes of a reply and the status they came under.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

/// Sends the request and reads the whole reply, all before the deadline and within the bound.
pub(crate) async fn exchange(
    client: &reqwest::Client,
    request: Request,
    timeout: Duration,
    bytes_max: usize,
) -> Result<Answer, Refusal> {
    let talk = async {
        let response = client.execute(request).await.map_err(failed_to_send)?;
        read(response, bytes_max).await
    };
    tokio::time::timeout(timeout, talk).await.unwrap_or_else(|_| {
        Err(no_reply(format!(
            "no complete reply within {timeout:?} (vendor.timeout)"
        )))
    })
}

/// The refusal of a request that never became one.
pub(crate) fn not_sent(why: impl std::fmt::Display) -> Refusal {
    Refusal {
        verdict: Verdict::NotSent,
        code: None,
        msg: format!("not sent: {why}"),
        advice: "请求未发出，对方没有收到任何内容。请检查 vendor.base_url、DNS、网络和防火墙；网络恢复后程序会自动重试。"
            .to_owned(),
        class: ErrorClass::Retryable,
        hint: Hint::None,
        link: None,
    }
}

/// The refusal of a request that left and has no intelligible reply.
pub(crate) fn no_reply(why: String) -> Refusal {
    Refusal {
        verdict: Verdict::Retryable,
        code: None,
        msg: why,
        advice:
            "请求已发出，但没有得到可理解的答复。写操作会先查询结果再决定是否重发，查询类请求会自动重试；\
                 若持续出现，请检查网络或联系对方客服。"
                .to_owned(),
        class: ErrorClass::Retryable,
        hint: Hint::None,
        link: None,
    }
}

/// Only a connection that never came about proves that nothing left; so does a request that could not be built, and
/// one that ended itself.
fn failed_to_send(error: reqwest::Error) -> Refusal {
    if TooLate::is_cause_of(&error) {
        return not_sent(TooLate::told());
    }
    let certain = error.is_connect() || error.is_builder();
    let why = chain(&error.without_url());
    if certain {
        not_sent(why)
    } else {
        no_reply(format!("the connection broke before a reply came: {why}"))
    }
}

async fn read(mut response: Response, bytes_max: usize) -> Result<Answer, Refusal> {
    let status = response.status().as_u16();
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(None) => return Ok(Answer { status, body }),
            Ok(Some(chunk)) if body.len() + chunk.len() > bytes_max => {
                return Err(no_reply(format!(
                    "the reply (HTTP {status}) is longer than {bytes_max} bytes and was given up"
                )));
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Err(error) => {
                return Err(no_reply(format!(
                    "the reply (HTTP {status}) was cut off after {} bytes: {}",
                    body.len(),
                    chain(&error.without_url())
                )));
            }
        }
    }
}

/// An error and its causes, without repeating a cause that the error already quotes.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}
