//! Just enough HTTP/1.1 to steer the simulator, and to call it as somebody else would: one request a connection, text
//! both ways.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// How long the other side may be silent.
const SILENCE_BOUND: Duration = Duration::from_secs(10);

/// Sends one request to `address` (`host:port`) and answers the body of a 2xx reply. Blocks.
pub fn http_request(address: &str, method: &str, path: &str, json: &str) -> Result<String, String> {
    exchange(address, method, path, json)
        .map_err(|error| error.to_string())
        .and_then(|reply| body_of(&reply).map(str::to_owned))
        .map_err(|error| format!("{method} {path} at {address}: {error}"))
}

fn exchange(address: &str, method: &str, path: &str, json: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(SILENCE_BOUND))?;
    stream.set_write_timeout(Some(SILENCE_BOUND))?;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nAuthorization: Bearer anyone\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        json.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(json.as_bytes())?;
    let mut reply = String::new();
    stream.read_to_string(&mut reply)?;
    Ok(reply)
}

fn body_of(reply: &str) -> Result<&str, String> {
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
    Ok(body)
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    #[test]
    fn a_request_is_answered_with_the_body_of_the_reply() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = thread::spawn(move || {
            let mut reader = BufReader::new(listener.accept().unwrap().0);
            let mut first = String::new();
            reader.read_line(&mut first).unwrap();
            reader
                .get_mut()
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n{\"a\":1}")
                .unwrap();
            first
        });
        assert_eq!(
            http_request(&address, "POST", "/sim/faults", "").unwrap(),
            "{\"a\":1}"
        );
        assert_eq!(server.join().unwrap(), "POST /sim/faults HTTP/1.1\r\n");
    }

    #[test]
    fn a_reply_that_is_no_success_is_shown() {
        assert_eq!(
            body_of("HTTP/1.1 404 Not Found\r\n\r\nno path").unwrap_err(),
            "status 404: no path"
        );
        assert!(body_of("HTTP/1.1 200 OK\r\n").is_err());
        assert!(body_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n").is_err());
    }
}
