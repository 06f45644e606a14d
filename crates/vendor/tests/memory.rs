//! What a reply may take of memory, in a process of its own whose peak the kernel tells.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test without what it expects ends there")]

use std::time::{Duration, Instant};

use parceld_domain::id::Id;
use parceld_domain::verdict::Verdict;
use parceld_vendor::{OrderFilter, Vendor, VendorSettings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

const BOUND: usize = 1024 * 1024;
const TIMEOUT: Duration = Duration::from_secs(10);
/// Calls at once, as many as a worker makes.
const CALLS: usize = 32;
/// A reply's buffer doubles while it grows; the old one goes when the new one is filled. The rest is room for what the
/// client and this test themselves need.
const PEAK_MAX: usize = CALLS * 4 * BOUND + 64 * 1024 * 1024;
/// What a server pours out before it falls silent: should a client take it all, the peak shows it.
const POURED: usize = 16 * BOUND;

/// A reply: its beginning, and what then comes again and again.
struct Flood {
    name: &'static str,
    head: &'static str,
    again: fn() -> Vec<u8>,
    why: &'static str,
}

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";

fn letters() -> Vec<u8> {
    vec![b'['; 16 * 1024]
}

fn chunk() -> Vec<u8> {
    format!("1000\r\n{}\r\n", "[".repeat(0x1000)).into_bytes()
}

fn headers() -> Vec<u8> {
    "x-more: of the same\r\n".repeat(500).into_bytes()
}

const FLOODS: [Flood; 5] = [
    Flood {
        name: "a body without an end",
        head: "\r\n",
        again: letters,
        why: "longer than 1048576 bytes",
    },
    Flood {
        name: "a body that promises its end",
        head: "content-length: 100000000000\r\n\r\n",
        again: letters,
        why: "longer than 1048576 bytes",
    },
    Flood {
        name: "chunks without an end",
        head: "transfer-encoding: chunked\r\n\r\n",
        again: chunk,
        why: "longer than 1048576 bytes",
    },
    Flood {
        name: "headers without an end",
        head: "",
        again: headers,
        why: "before a reply came",
    },
    Flood {
        name: "a header without an end",
        head: "x-more: ",
        again: letters,
        why: "before a reply came",
    },
];

/// The most memory that this process ever held, in bytes.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    let kib: usize = line.trim().trim_end_matches(" kB").parse().unwrap();
    kib * 1024
}

/// Answers every request with this flood, each until its caller has gone.
async fn flooding(flood: &'static Flood) -> Vendor {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(pour(stream, flood));
        }
    });
    vendor(base_url)
}

fn vendor(base_url: String) -> Vendor {
    let settings = VendorSettings {
        timeout: TIMEOUT,
        reply_bytes_max: BOUND,
        ..VendorSettings::new(base_url, "token".into())
    };
    Vendor::new(settings).unwrap()
}

async fn pour(mut stream: TcpStream, flood: &Flood) {
    let _ = stream.read(&mut [0; 16 * 1024]).await;
    let mut next = format!("{HEAD}{}", flood.head).into_bytes();
    let mut poured = 0;
    while poured < POURED && stream.write_all(&next).await.is_ok() {
        poured += next.len();
        next = (flood.again)();
    }
    // Open until the caller goes.
    let _ = stream.read(&mut [0; 1]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn replies_that_never_end_are_given_up_at_the_bound_and_take_no_more_memory() {
    for flood in &FLOODS {
        let vendor = flooding(flood).await;
        let started = Instant::now();
        let mut calls = JoinSet::new();
        for number in 0..CALLS {
            let vendor = vendor.clone();
            calls.spawn(async move {
                if number % 2 == 0 {
                    vendor.submit_payment(&Id::from("375"), None).await.unwrap_err()
                } else {
                    let page = vendor.get_order_list(1, 100, &OrderFilter::default()).await;
                    page.unwrap_err()
                }
            });
        }
        for refusal in calls.join_all().await {
            assert_eq!((&refusal.verdict, refusal.code), (&Verdict::Retryable, None));
            assert!(refusal.msg.contains(flood.why), "{}: {}", flood.name, refusal.msg);
        }
        assert!(
            started.elapsed() < TIMEOUT,
            "{}: at its deadline, not its bound",
            flood.name
        );
    }
    assert!(peak() < PEAK_MAX, "{} MiB at the peak", peak() >> 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn json_that_is_nested_up_to_the_bound_is_refused_and_overflows_no_stack() {
    let (open, close) = ("[".repeat(BOUND / 4), "]".repeat(BOUND / 4));
    let bodies = [
        format!(r#"{{"code":0,"data":{open}{close}}}"#),
        format!(r#"{{"code":302,"msg":"未授权店铺","data":{open}{close}}}"#),
        open,
    ];
    for body in bodies {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 16 * 1024]).await;
            let reply = format!("{HEAD}content-length: {}\r\n\r\n{body}", body.len());
            stream.write_all(reply.as_bytes()).await.unwrap();
        });
        let page = vendor(base_url)
            .get_order_list(1, 100, &OrderFilter::default())
            .await;
        assert!(page.is_err(), "{page:?}");
    }
}
