//! One Redis command over a connection of its own: enough to ask a server how it is.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// How long one reply may take; a frozen server says nothing at all.
const REPLY_BOUND: Duration = Duration::from_secs(3);

/// Sends a command to the server at this port of 127.0.0.1; answers a reply that is a string or a number as text.
pub fn redis_command(port: u16, words: &[&str]) -> io::Result<String> {
    redis_command_at((Ipv4Addr::LOCALHOST, port).into(), words)
}

/// The same with a server at any address.
pub fn redis_command_at(address: SocketAddr, words: &[&str]) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, REPLY_BOUND)?;
    stream.set_read_timeout(Some(REPLY_BOUND))?;
    stream.set_write_timeout(Some(REPLY_BOUND))?;
    let mut request = format!("*{}\r\n", words.len());
    for word in words {
        request.push_str(&format!("${}\r\n{word}\r\n", word.len()));
    }
    stream.write_all(request.as_bytes())?;
    read_reply(&mut BufReader::new(stream))
}

fn read_reply(reader: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let line = line.trim_end();
    let text = line.get(1..).unwrap_or_default();
    match line.as_bytes().first() {
        Some(b'+' | b':') => Ok(text.to_owned()),
        Some(b'$') => {
            let length = text
                .parse()
                .map_err(|_| io::Error::other(format!("no length in the reply `{line}`")))?;
            let mut bulk = vec![0; length];
            reader.read_exact(&mut bulk)?;
            String::from_utf8(bulk).map_err(io::Error::other)
        }
        Some(b'-') => Err(io::Error::other(text.to_owned())),
        _ => Err(io::Error::other(format!(
            "a reply that is not read here: `{line}`"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(reply: &str) -> Result<String, String> {
        read_reply(&mut reply.as_bytes()).map_err(|error| error.to_string())
    }

    #[test]
    fn strings_and_numbers_are_read_as_text() {
        assert_eq!(read("+PONG\r\n"), Ok("PONG".into()));
        assert_eq!(read(":42\r\n"), Ok("42".into()));
        assert_eq!(read("$3\r\n好\r\n"), Ok("好".into()));
    }

    #[test]
    fn what_is_no_such_reply_is_an_error() {
        assert_eq!(
            read("-ERR unknown command\r\n"),
            Err("ERR unknown command".into())
        );
        assert!(read("*1\r\n+a\r\n").is_err());
        assert!(read("$-1\r\n").is_err());
        assert!(read("").is_err());
    }
}
