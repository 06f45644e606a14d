//! A vendor that does nothing but ship Taobao trades: it reads the clock of this very process when a call arrives, and
//! keeps no books, so that a million calls cost it nothing.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Instant;

/// Serves until this process ends; there is nothing of it to be cleaned up.
#[derive(Debug)]
pub(super) struct SendStub {
    pub(super) address: String,
    /// When the head of each call arrived.
    pub(super) arrivals: Receiver<Instant>,
}

const REPLY: &str =
    r#"{"code":0,"msg":"成功","msec":1,"time":1612416107,"data":[{"withholding_money":1,"success":true}]}"#;

impl SendStub {
    pub(super) fn start() -> Result<Self, String> {
        let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
        let address = listener
            .local_addr()
            .map_err(|error| error.to_string())?
            .to_string();
        let (arrived, arrivals) = channel();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let arrived = arrived.clone();
                // A caller that hangs up ends its connection and nothing else.
                thread::spawn(move || drop(serve(stream, &arrived)));
            }
        });
        Ok(Self { address, arrivals })
    }
}

fn serve(stream: TcpStream, arrived: &Sender<Instant>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    let reply = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{REPLY}",
        REPLY.len()
    );
    loop {
        let mut line = String::new();
        let mut body = 0;
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        // Nobody listens any more when the measurement is over.
        let _ = arrived.send(Instant::now());
        while line.trim_end() != "" {
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                body = value.trim().parse().map_err(io::Error::other)?;
            }
            line.clear();
            reader.read_line(&mut line)?;
        }
        io::copy(&mut reader.by_ref().take(body), &mut io::sink())?;
        writer.write_all(reply.as_bytes())?;
    }
}
