//! Until when a call may leave, and the last look at the clock: when the connection takes its bytes.
//!
//! A limit of calls per second is kept where the vendor counts, so a call that leaves later than stands on record must not
//! leave at all. Nothing before the connection knows when that is: the client waits for a new connection and for
//! one that another call gives back, and takes what comes first.

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use reqwest::{Body, Request};

use crate::dial::Dials;

tokio::task_local! {
    static LEAVE_BY: Instant;
}

/// Runs a call that may not leave after this instant, over a new connection or a pooled one: it then answers that
/// nothing was sent.
pub async fn leaving_by<F: Future>(instant: Instant, call: F) -> F::Output {
    LEAVE_BY.scope(instant, call).await
}

/// Until when the call that is being made may leave; `None` where that does not matter.
pub(crate) fn leave_by() -> Option<Instant> {
    LEAVE_BY.try_with(|instant| *instant).ok()
}

/// The call may not leave any more, and nothing of it has.
#[derive(Debug)]
pub(crate) struct TooLate;

impl fmt::Display for TooLate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "its slot or its lease was over before a connection could take it; the next slot allows for that",
        )
    }
}

impl Error for TooLate {}

impl TooLate {
    /// Whether an error comes from here.
    pub(crate) fn is_cause_of(error: &(dyn Error + 'static)) -> bool {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if error.is::<TooLate>() {
                return true;
            }
            cause = error.source();
        }
        false
    }
}

/// The request with the last look in front of its first byte. One whose body is empty has nothing to look from but this
/// moment: those are reads.
pub(crate) fn checked(mut request: Request, dials: &Dials) -> Result<Request, TooLate> {
    let Some(leave_by) = leave_by() else {
        return Ok(request);
    };
    if Instant::now() > leave_by {
        return Err(TooLate);
    }
    if let Some(body) = request.body_mut().take() {
        *request.body_mut() = Some(Body::wrap(Checked {
            body: Box::pin(body),
            look: Some(Look {
                began: Instant::now(),
                leave_by,
                dials: dials.clone(),
            }),
        }));
    }
    Ok(request)
}

/// A body that ends its request instead of leaving too late. hyper asks for the first of it when a connection has
/// taken the request, and before the head, which it has only buffered, goes out.
struct Checked {
    body: Pin<Box<Body>>,
    look: Option<Look>,
}

/// What the last look needs.
struct Look {
    began: Instant,
    leave_by: Instant,
    dials: Dials,
}

impl Look {
    fn is_too_late(&self) -> bool {
        self.dials.took(self.began.elapsed());
        Instant::now() > self.leave_by
    }
}

impl HttpBody for Checked {
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.look.take().is_some_and(|look| look.is_too_late()) {
            return Poll::Ready(Some(Err(TooLate.into())));
        }
        self.body.as_mut().poll_frame(cx).map_err(Into::into)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
