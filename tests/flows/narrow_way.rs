//! A way to the vendor on which a connection takes a second: the first SYN finds the queue full and is sent again.

use std::net::Ipv4Addr;

use parceld_test_support::wait_until;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use crate::world::BOUND;

/// A listener that takes nothing in until it is opened.
pub(crate) struct NarrowWay {
    listener: TcpListener,
    port: u16,
    in_the_queue: Vec<TcpStream>,
}

/// The kernel's number of a connection that has sent a SYN and has no answer.
const SYN_SENT: &str = "02";

impl NarrowWay {
    pub(crate) async fn closed() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket
            .bind((Ipv4Addr::LOCALHOST, 0).into())
            .expect("a port is free");
        let backlog = 1;
        let listener = socket.listen(backlog).expect("it is bound");
        let port = listener.local_addr().expect("it is bound").port();
        // The kernel keeps one more than it was told.
        let mut in_the_queue = Vec::new();
        for _ in 0..=backlog {
            let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await;
            in_the_queue.push(stream.expect("the queue has room"));
        }
        NarrowWay {
            listener,
            port,
            in_the_queue,
        }
    }

    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Waits for one who finds the queue full.
    pub(crate) async fn wait_for_one_outside(&self) {
        let remote = format!("0100007F:{:04X}", self.port);
        wait_until("somebody waits to be connected", BOUND, async || {
            let sockets = std::fs::read_to_string("/proc/net/tcp").expect("the kernel lists its sockets");
            let waits = sockets.lines().any(|line| {
                let words: Vec<&str> = line.split_whitespace().collect();
                words.get(2) == Some(&remote.as_str()) && words.get(3) == Some(&SYN_SENT)
            });
            if waits { Ok(()) } else { Err("nobody".to_owned()) }
        })
        .await;
    }

    /// From now on everything passes to this server.
    pub(crate) fn open_to(self, server: String) {
        drop(self.in_the_queue);
        tokio::spawn(async move {
            while let Ok((mut client, _)) = self.listener.accept().await {
                let mut server = TcpStream::connect(&server).await.expect("the server listens");
                tokio::spawn(async move { copy_bidirectional(&mut client, &mut server).await });
            }
        });
    }
}
