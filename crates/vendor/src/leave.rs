//! Until when a call may leave, and the last look at the clock: when the connection takes its bytes.
//!
//! A limit of calls per second is kept where the vendor counts, so a call that leaves later than stands on record must not
//! leave at all. Nothing before the connection knows when that is: the client waits for a new connection and for
//! one that another call gives back, and takes what comes first.

use std::cell::Cell;
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
    static LEAVING: Leaving;
}

/// What stands over one call.
struct Leaving {
    by: Instant,
    /// It ended itself instead of leaving late.
    stayed: Cell<bool>,
}

/// Runs what makes one call that may not leave after this instant, over a new connection or a pooled one. If it did not,
/// what was made of that is dropped, for it says nothing about the vendor.
///
/// # Errors
///
/// [`TooLate`] if nothing of the call has left.
pub async fn leaving_by<F: Future>(instant: Instant, call: F) -> Result<F::Output, TooLate> {
    let leaving = Leaving {
        by: instant,
        stayed: Cell::new(false),
    };
    let watched = async {
        let output = call.await;
        if LEAVING.with(|leaving| leaving.stayed.get()) {
            Err(TooLate)
        } else {
            Ok(output)
        }
    };
    LEAVING.scope(leaving, watched).await
}

/// Until when the call that is being made may leave; `None` where that does not matter.
pub(crate) fn leave_by() -> Option<Instant> {
    LEAVING.try_with(|leaving| leaving.by).ok()
}

/// The call may not leave any more, and nothing of it has.
#[derive(Debug, PartialEq, Eq)]
pub struct TooLate;

impl fmt::Display for TooLate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no connection could take the call in time")
    }
}

impl Error for TooLate {}

impl TooLate {
    /// Tells `leaving_by` that the call which is being made has stayed.
    pub(crate) fn told() -> Self {
        // Outside of it nobody asks.
        let _ = LEAVING.try_with(|leaving| leaving.stayed.set(true));
        TooLate
    }

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
        return Err(TooLate::told());
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
