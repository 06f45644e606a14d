//! Just enough HTTP/1.1 to steer the simulator: one request a connection, JSON both ways.

use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

const REPLY_BOUND: Duration = Duration::from_secs(10);

/// Sends a request and answers the JSON body of a 2xx reply (`Null` for an empty one).
pub(crate) async fn request(
    address: &str,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> Result<Value, String> {
    let what = format!("{method} {path} at {address}");
    timeout(REPLY_BOUND, exchange(address, method, path, body))
        .await
        .map_err(|_| format!("{what}: no reply within {REPLY_BOUND:?}"))?
        .map_err(|error| format!("{what}: {error}"))
        .and_then(|reply| parse(&reply).map_err(|error| format!("{what}: {error}")))
}

async fn exchange(address: &str, method: &str, path: &str, body: Option<&Value>) -> std::io::Result<Vec<u8>> {
    let body = body.map(Value::to_string).unwrap_or_default();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).await?;
    Ok(reply)
}

fn parse(reply: &[u8]) -> Result<Value, String> {
    let reply = std::str::from_utf8(reply).map_err(|error| error.to_string())?;
    let (head, body) = reply
        .split_once("\r\n\r\n")
        .ok_or("the reply has no end of its head")?;
    let status = head.split(' ').nth(1).unwrap_or_default();
    if !status.starts_with('2') {
        return Err(format!("status {status}: {body}"));
    }
    if head.to_ascii_lowercase().contains("transfer-encoding: chunked") {
        return Err("a chunked reply, which is not read here".to_owned());
    }
    if body.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(body).map_err(|error| format!("{error} in `{body}`"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_body_of_a_good_reply_is_json() {
        let reply = b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n{\"a\":1}";
        assert_eq!(parse(reply).unwrap(), json!({"a": 1}));
        assert_eq!(parse(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap(), Value::Null);
    }

    #[test]
    fn a_bad_reply_is_shown() {
        assert_eq!(
            parse(b"HTTP/1.1 404 Not Found\r\n\r\nno such path").unwrap_err(),
            "status 404: no such path"
        );
        assert!(parse(b"HTTP/1.1 200 OK\r\n").is_err());
    }
}
