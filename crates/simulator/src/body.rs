//! Response bodies: whole ones, and those that come in pieces, break off or never end.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use tokio::sync::mpsc;
use tokio::time::sleep;

/// Between the half that is sent and the cut: the half must have left, or the cut would swallow it.
const BEFORE_BREAK: Duration = Duration::from_millis(50);
const BETWEEN_DRIPS: Duration = Duration::from_millis(50);
/// A reply that never ends does end some day, should its reader never go.
const MOST_DRIPS: usize = 72_000;
const PIECE: usize = 64 << 10;
/// Pieces made before the reader takes them.
const PIECES_AHEAD: usize = 4;

/// A body on its way to the caller.
pub(crate) enum Body {
    Whole(Option<Bytes>),
    Pieces(mpsc::Receiver<io::Result<Bytes>>),
}

impl Body {
    pub(crate) fn whole(bytes: impl Into<Bytes>) -> Self {
        Self::Whole(Some(bytes.into()))
    }

    /// `bytes` up to the middle, then the connection breaks.
    pub(crate) fn broken(bytes: &Bytes) -> Self {
        let half = bytes.slice(..bytes.len() / 2);
        let (sender, receiver) = mpsc::channel(PIECES_AHEAD);
        tokio::spawn(async move {
            if sender.send(Ok(half)).await.is_ok() {
                sleep(BEFORE_BREAK).await;
                // The reader may have gone: then there is nothing left to break.
                let _ = sender.send(Err(io::ErrorKind::ConnectionReset.into())).await;
            }
        });
        Self::Pieces(receiver)
    }

    /// `head`, then blanks for ever.
    pub(crate) fn dripping(head: Bytes) -> Self {
        let (sender, receiver) = mpsc::channel(PIECES_AHEAD);
        tokio::spawn(async move {
            let mut piece = head;
            for _ in 0..MOST_DRIPS {
                if sender.send(Ok(piece)).await.is_err() {
                    return;
                }
                piece = Bytes::from_static(b" ");
                sleep(BETWEEN_DRIPS).await;
            }
        });
        Self::Pieces(receiver)
    }

    /// `head`, so many filling bytes, `tail`.
    pub(crate) fn filled(head: Bytes, filling: u64, tail: Bytes) -> Self {
        let (sender, receiver) = mpsc::channel(PIECES_AHEAD);
        tokio::spawn(async move {
            let piece = Bytes::from(vec![b'x'; PIECE]);
            let mut left = filling;
            let mut next = head;
            while sender.send(Ok(next)).await.is_ok() && left > 0 {
                let taken = usize::try_from(left).map_or(PIECE, |left| left.min(PIECE));
                next = piece.slice(..taken);
                left -= taken as u64;
            }
            // A reader that had enough is gone, and needs no end.
            let _ = sender.send(Ok(tail)).await;
        });
        Self::Pieces(receiver)
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match self.get_mut() {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Pieces(receiver) => receiver
                .poll_recv(context)
                .map(|piece| piece.map(|piece| piece.map(Frame::data))),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Self::Pieces(_) => SizeHint::default(),
        }
    }
}
