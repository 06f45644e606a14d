//! A bad way to a server: every reply late, one cut off in the middle, or nothing that comes through any more.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// A TCP proxy on 127.0.0.1; gone with the test.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    way: Arc<Way>,
    listener: JoinHandle<()>,
}

/// Most that is passed on at once.
const CHUNK: usize = 64 * 1024;

/// What happens to what passes.
#[derive(Debug, Default)]
struct Way {
    /// Least and most milliseconds by which each is late.
    late_ms: Mutex<Option<(u64, u64)>>,
    /// Whether the next one is cut off.
    cut_next: AtomicBool,
    /// The word from which on no request comes through, and whether one has named it.
    deaf_from: Mutex<Option<String>>,
    is_deaf: AtomicBool,
    closed: watch::Sender<bool>,
    late: AtomicU64,
    cut: AtomicU64,
}

impl Proxy {
    /// Listens on a free port and passes on what comes, both ways.
    pub async fn to(server_port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.expect("a port is free");
        let port = listener.local_addr().expect("it is bound").port();
        let way = Arc::new(Way::default());
        let shared = Arc::clone(&way);
        let listener = tokio::spawn(async move {
            // A test that ends drops the runtime, and all of this with it.
            while let Ok((client, _)) = listener.accept().await {
                if *shared.closed.borrow() {
                    continue;
                }
                if let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, server_port)).await {
                    tokio::spawn(join(client, server, Arc::clone(&shared)));
                }
            }
        });
        Proxy { port, way, listener }
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Closes all connections and lets no other stand.
    pub fn close(&self) {
        self.way.closed.send_replace(true);
    }

    /// Lets connections stand again after [`Proxy::close`].
    pub fn open(&self) {
        self.way.closed.send_replace(false);
    }

    /// The address of a Redis behind it.
    pub fn redis_url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// From now on each reply is late by a time between these, drawn anew.
    pub fn delay(&self, least: Duration, most: Duration) {
        let ms = |duration: Duration| u64::try_from(duration.as_millis()).expect("a test is not that long");
        self.set_late(Some((ms(least), ms(most))));
    }

    /// Replies come as they are again, the next one too.
    pub fn hurry(&self) {
        self.set_late(None);
        self.way.cut_next.store(false, Ordering::SeqCst);
    }

    /// Passes half of the next reply on, then resets both connections.
    pub fn cut_next_reply(&self) {
        self.way.cut_next.store(true, Ordering::SeqCst);
    }

    /// From the request on that has this word, nothing is passed on any more and nothing is closed.
    pub fn deafen_from(&self, word: &str) {
        *self.way.deaf_from.lock().unwrap_or_else(PoisonError::into_inner) = Some(word.to_owned());
    }

    /// Whether a request had the word of [`Proxy::deafen_from`].
    pub fn is_deaf(&self) -> bool {
        self.way.is_deaf.load(Ordering::SeqCst)
    }

    /// Replies that were late so far.
    pub fn late(&self) -> u64 {
        self.way.late.load(Ordering::SeqCst)
    }

    /// Replies that were cut off so far.
    pub fn cut(&self) -> u64 {
        self.way.cut.load(Ordering::SeqCst)
    }

    fn set_late(&self, late_ms: Option<(u64, u64)>) {
        *self.way.late_ms.lock().unwrap_or_else(PoisonError::into_inner) = late_ms;
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

/// Passes on until either side ends.
async fn join(client: TcpStream, server: TcpStream, way: Arc<Way>) {
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let mut closed = way.closed.subscribe();
    tokio::select! {
        () = forward(from_client, to_server, &way) => {}
        () = answer(from_server, to_client, &way) => {}
        _ = closed.wait_for(|closed| *closed) => {}
    }
}

async fn forward(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, way: &Way) {
    let mut chunk = vec![0; CHUNK];
    while let Ok(read @ 1..) = from.read(&mut chunk).await {
        if !way.hears(&chunk[..read]) {
            continue;
        }
        if to.write_all(&chunk[..read]).await.is_err() {
            return;
        }
    }
}

async fn answer(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, way: &Way) {
    let mut chunk = vec![0; CHUNK];
    while let Ok(read @ 1..) = from.read(&mut chunk).await {
        if let Some(late) = way.draw() {
            way.late.fetch_add(1, Ordering::SeqCst);
            sleep(late).await;
        }
        // Half of something: a single byte cannot be halved.
        if read > 1 && way.cut_next.swap(false, Ordering::SeqCst) {
            let _ = to.write_all(&chunk[..read / 2]).await;
            // A close with nothing to wait for is a reset.
            let _ = to.as_ref().set_zero_linger();
            way.cut.fetch_add(1, Ordering::SeqCst);
            return;
        }
        if to.write_all(&chunk[..read]).await.is_err() {
            return;
        }
    }
}

impl Way {
    fn hears(&self, request: &[u8]) -> bool {
        let word = self.deaf_from.lock().unwrap_or_else(PoisonError::into_inner);
        let is_meant = |word: &String| {
            let mut places = request.windows(word.len());
            places.any(|place| place == word.as_bytes())
        };
        if word.as_ref().is_some_and(is_meant) {
            self.is_deaf.store(true, Ordering::SeqCst);
        }
        !self.is_deaf.load(Ordering::SeqCst)
    }

    fn draw(&self) -> Option<Duration> {
        let late_ms = *self.late_ms.lock().unwrap_or_else(PoisonError::into_inner);
        late_ms.map(|(least, most)| Duration::from_millis(fastrand::u64(least..=most)))
    }
}
