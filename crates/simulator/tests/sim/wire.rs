//! A client that knows nothing but TCP and JSON, so that broken replies can be seen as they come.

use std::net::SocketAddr;
use std::time::Duration;

use parceld_simulator::{Options, serve};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep, timeout};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(10);

const ERP: [&str; 5] = [
    "dy-ship-free",
    "send",
    "detail",
    "mpaging-orders",
    "paging-orders",
];

/// A running stand-in.
#[derive(Clone, Copy)]
pub(crate) struct Vendor {
    address: SocketAddr,
}

impl Vendor {
    pub(crate) async fn start() -> Self {
        Self::start_with(Options::default()).await
    }

    pub(crate) async fn start_with(options: Options) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("a bound listener has an address");
        tokio::spawn(serve(listener, options));
        Self { address }
    }

    /// Posts JSON to an endpoint; the envelope that comes back.
    pub(crate) async fn call(&self, endpoint: &str, fields: Value) -> Value {
        json_of(&self.raw(&call(endpoint, &fields)).await)
    }

    /// Posts a multipart form to an endpoint.
    pub(crate) async fn call_form(&self, endpoint: &str, fields: &[(&str, &str)]) -> Value {
        let mut form = String::new();
        for (name, value) in fields {
            form += &format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        }
        form += "--b--\r\n";
        let request = post(
            &path(endpoint),
            "multipart/form-data; boundary=b",
            "Bearer t",
            &form,
        );
        json_of(&self.raw(&request).await)
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        json_of(
            &self
                .raw(&format!(
                    "GET {path} HTTP/1.1\r\nHost: sim\r\nConnection: close\r\n\r\n"
                ))
                .await,
        )
    }

    /// Posts to a control route.
    pub(crate) async fn steer(&self, path: &str, document: Value) -> Value {
        json_of(
            &self
                .raw(&post(path, "application/json", "", &document.to_string()))
                .await,
        )
    }

    /// Sends a request as it stands and reads until the connection ends.
    pub(crate) async fn raw(&self, request: &str) -> Vec<u8> {
        let mut stream = self.connect().await;
        stream
            .write_all(request.as_bytes())
            .await
            .expect("the request is taken");
        let mut reply = Vec::new();
        // A cut may well come as a reset: what was read before it counts.
        let _ = timeout(PATIENCE, stream.read_to_end(&mut reply))
            .await
            .expect("the reply ends in time");
        reply
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address)
            .await
            .expect("the stand-in listens")
    }

    /// Reads a document again and again until it is as wanted.
    pub(crate) async fn until(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let give_up = Instant::now() + PATIENCE;
        loop {
            let document = self.get(path).await;
            if wanted(&document) {
                return document;
            }
            assert!(
                Instant::now() < give_up,
                "{path} never became as wanted: {document}"
            );
            sleep(Duration::from_millis(5)).await;
        }
    }
}

/// A call to an endpoint as it goes over the wire.
pub(crate) fn call(endpoint: &str, fields: &Value) -> String {
    post(
        &path(endpoint),
        "application/json",
        "Bearer t",
        &fields.to_string(),
    )
}

pub(crate) fn path(endpoint: &str) -> String {
    let prefix = if ERP.contains(&endpoint) {
        "/tool/erps"
    } else {
        "/shop/apis"
    };
    format!("{prefix}/{endpoint}")
}

pub(crate) fn post(path: &str, content_type: &str, authorization: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: sim\r\nConnection: close\r\nContent-Type: {content_type}\r\n\
         Authorization: {authorization}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// The body of a whole reply.
pub(crate) fn body_of(reply: &[u8]) -> &[u8] {
    let end = reply
        .windows(4)
        .position(|bytes| bytes == b"\r\n\r\n")
        .expect("a reply has a head");
    &reply[end + 4..]
}

fn json_of(reply: &[u8]) -> Value {
    serde_json::from_slice(body_of(reply)).expect("the reply is JSON")
}
