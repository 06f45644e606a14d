//! A bare TCP server: it notes each request byte by byte and answers whatever bytes a test tells it to.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use parceld_vendor::{Vendor, VendorSettings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// The token that `settings` gives the client.
pub(crate) const TOKEN: &str = "0123456789abcdef-token";

/// A server that lives as long as the test's runtime.
pub(crate) struct Server {
    pub(crate) base_url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    closed: Arc<Notify>,
}

/// One request as it came.
#[derive(Clone)]
pub(crate) struct Seen {
    /// Which of the server's connections brought it, from 0.
    pub(crate) connection: usize,
    /// Request line and headers.
    pub(crate) head: String,
    pub(crate) body: String,
}

/// What one request is answered with.
pub(crate) struct Reply {
    bytes: Vec<u8>,
    then: Then,
}

enum Then {
    KeepOpen,
    Close,
    Hang,
    Drip,
}

impl Reply {
    /// A whole reply with this body.
    pub(crate) fn ok(body: &str) -> Self {
        Self::status("200 OK", "", body)
    }

    /// A whole reply with this status, these further header lines and this body.
    pub(crate) fn status(status: &str, headers: &str, body: &str) -> Self {
        let length = body.len();
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{headers}\r\n");
        Self::bytes(format!("{head}{body}"))
    }

    /// These bytes.
    pub(crate) fn bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Reply {
            bytes: bytes.into(),
            then: Then::KeepOpen,
        }
    }

    /// Then the connection is closed on this side.
    pub(crate) fn then_close(self) -> Self {
        Reply {
            then: Then::Close,
            ..self
        }
    }

    /// Then nothing more comes.
    pub(crate) fn then_hang(self) -> Self {
        Reply {
            then: Then::Hang,
            ..self
        }
    }

    /// Then a byte comes now and then, for ever.
    pub(crate) fn then_drip(self) -> Self {
        Reply {
            then: Then::Drip,
            ..self
        }
    }
}

impl Server {
    /// A server that gives these replies, in this order, over all its connections.
    pub(crate) async fn answering(replies: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let replies = Arc::new(Mutex::new(replies.into_iter().collect::<VecDeque<_>>()));
        let closed = Arc::new(Notify::new());
        let (log, end) = (Arc::clone(&seen), Arc::clone(&closed));
        tokio::spawn(async move {
            for connection in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                let (log, replies, end) = (Arc::clone(&log), Arc::clone(&replies), Arc::clone(&end));
                tokio::spawn(async move {
                    serve(stream, connection, log, replies).await;
                    end.notify_one();
                });
            }
        });
        Server {
            base_url,
            seen,
            closed,
        }
    }

    /// A client of this server with ample time.
    pub(crate) fn vendor(&self) -> Vendor {
        self.vendor_with(|_| {})
    }

    /// A client of this server with other settings.
    pub(crate) fn vendor_with(&self, change: impl FnOnce(&mut VendorSettings)) -> Vendor {
        let mut settings = VendorSettings::new(&self.base_url, TOKEN.into());
        change(&mut settings);
        Vendor::new(settings).unwrap()
    }

    /// Waits until both sides have closed a connection.
    pub(crate) async fn closed(&self) {
        let end = tokio::time::timeout(Duration::from_secs(10), self.closed.notified());
        end.await.expect("a connection is closed");
    }

    /// What came so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The only request that came.
    pub(crate) fn only(&self) -> Seen {
        let [only] = &self.seen()[..] else {
            panic!("{} requests", self.seen().len())
        };
        only.clone()
    }
}

impl Seen {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines
            .filter(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
            .next()
    }

    /// The body's parts, if it is a multipart form.
    pub(crate) fn parts(&self) -> Vec<(String, String)> {
        let kind = self.header("content-type").unwrap();
        let boundary = kind.strip_prefix("multipart/form-data; boundary=").expect(kind);
        let boundary = format!("--{boundary}");
        let parts = self
            .body
            .split(&boundary)
            .filter_map(|part| part.split_once("\r\n\r\n"));
        let named = parts.map(|(head, value)| {
            let name = head
                .trim()
                .strip_prefix("Content-Disposition: form-data; name=\"")
                .expect(head);
            (
                name.trim_end_matches('"').to_owned(),
                value.strip_suffix("\r\n").unwrap().to_owned(),
            )
        });
        named.collect()
    }
}

async fn serve(
    mut stream: TcpStream,
    connection: usize,
    seen: Arc<Mutex<Vec<Seen>>>,
    replies: Arc<Mutex<VecDeque<Reply>>>,
) {
    while let Some((head, body)) = request(&mut stream).await {
        seen.lock().unwrap().push(Seen {
            connection,
            head,
            body,
        });
        let reply = replies
            .lock()
            .unwrap()
            .pop_front()
            .expect("as many replies as requests");
        // The client may have given up in between: its affair.
        let _ = stream.write_all(&reply.bytes).await;
        match reply.then {
            Then::KeepOpen => {}
            Then::Close => {
                let _ = stream.shutdown().await;
                return until_closed(&mut stream).await;
            }
            Then::Hang => return until_closed(&mut stream).await,
            Then::Drip => {
                while stream.write_all(b" ").await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            }
        }
    }
}

/// One request with a body of stated length; `None` at the end of the connection.
async fn request(stream: &mut TcpStream) -> Option<(String, String)> {
    let mut bytes = Vec::new();
    let head_len = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..head_len].to_vec()).unwrap();
    let length = head.lines().find_map(|line| {
        line.to_ascii_lowercase()
            .strip_prefix("content-length:")?
            .trim()
            .parse()
            .ok()
    });
    let end = head_len + length.unwrap_or(0);
    while bytes.len() < end {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    Some((head, String::from_utf8(bytes[head_len..end].to_vec()).unwrap()))
}

async fn until_closed(stream: &mut TcpStream) {
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest).await;
}
