//! Making connections: how long it takes, and that no call leaves over one that was ready too late.
//!
//! A call over a new connection reaches the vendor later than one over a pooled connection, and a limit of calls per
//! second is kept where the vendor counts. So a caller reserves the time that a dial takes, and a dial that took longer
//! ends its call before a byte of it was sent.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tower::{Layer, Service};

/// What a dial may take before one was seen: a name, TCP and TLS across a country.
const UNKNOWN: Duration = Duration::from_millis(150);
/// Bounds of what is reserved for a dial.
const ALLOWED: std::ops::RangeInclusive<Duration> = Duration::from_millis(2)..=Duration::from_millis(400);
/// So many calls in a row without a dial, and the next will find a connection too.
const WARM_CALLS: u32 = 20;
/// Connections that were idle for longer may be gone.
const WARM_FOR: Duration = Duration::from_secs(40);

tokio::task_local! {
    static LEAVE_BY: Instant;
}

/// Runs a call that may not leave after this instant, over a new connection or a pooled one: it then answers that
/// nothing was sent.
pub async fn leaving_by<F: Future>(instant: Instant, call: F) -> F::Output {
    LEAVE_BY.scope(instant, call).await
}

/// Whether the call that is being made may not leave any more.
pub(crate) fn is_too_late() -> bool {
    LEAVE_BY
        .try_with(|instant| Instant::now() > *instant)
        .unwrap_or(false)
}

/// What was seen of the connections.
#[derive(Debug, Clone, Default)]
pub(crate) struct Dials(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    allowed: Option<Duration>,
    calls_since: u32,
    last_call: Option<Instant>,
}

impl Dials {
    /// How long the next call may take to find a connection; nothing where enough are at hand.
    pub(crate) fn allowance(&self) -> Duration {
        let seen = self.seen();
        let is_recent = seen.last_call.is_some_and(|last| last.elapsed() < WARM_FOR);
        if is_recent && seen.calls_since >= WARM_CALLS {
            Duration::ZERO
        } else {
            seen.allowed.unwrap_or(UNKNOWN)
        }
    }

    pub(crate) fn called(&self) {
        let mut seen = self.seen();
        seen.calls_since = seen.calls_since.saturating_add(1);
        seen.last_call = Some(Instant::now());
    }

    fn dialled(&self, took: Duration) {
        let mut seen = self.seen();
        seen.calls_since = 0;
        let needed = took + took / 2;
        // Up at once, down slowly: a dial that was allowed too little costs its job an attempt.
        let allowed = seen.allowed.map_or(needed, |held| needed.max(held - held / 4));
        seen.allowed = Some(allowed.clamp(*ALLOWED.start(), *ALLOWED.end()));
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S> Layer<S> for Dials {
    type Service = Dialler<S>;

    fn layer(&self, connector: S) -> Dialler<S> {
        Dialler {
            connector,
            dials: self.clone(),
        }
    }
}

/// A connector that is watched.
#[derive(Debug, Clone)]
pub(crate) struct Dialler<S> {
    connector: S,
    dials: Dials,
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

impl<S, T> Service<T> for Dialler<S>
where
    S: Service<T, Error = BoxError>,
    S::Future: Send + 'static,
    S::Response: 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.connector.poll_ready(cx)
    }

    fn call(&mut self, to: T) -> Self::Future {
        let leave_by = LEAVE_BY.try_with(|instant| *instant).ok();
        let (dials, began) = (self.dials.clone(), Instant::now());
        let connecting = self.connector.call(to);
        Box::pin(async move {
            let connection = connecting.await?;
            let took = began.elapsed();
            dials.dialled(took);
            match leave_by {
                Some(leave_by) if Instant::now() > leave_by => Err(TooLate(took).into()),
                _ => Ok(connection),
            }
        })
    }
}

/// The connection stood when the call could not leave any more.
#[derive(Debug)]
struct TooLate(Duration);

impl fmt::Display for TooLate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "connecting took {:?}, too long for the call's slot; the next slot allows for it",
            self.0
        )
    }
}

impl std::error::Error for TooLate {}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn what_a_dial_took_is_reserved_for_the_next_until_calls_need_none() {
        let dials = Dials::default();
        assert_eq!(dials.allowance(), UNKNOWN);
        dials.dialled(40 * MS);
        assert_eq!(dials.allowance(), 60 * MS);
        dials.dialled(10 * MS);
        assert_eq!(dials.allowance(), 45 * MS);
        for _ in 0..WARM_CALLS {
            assert_eq!(dials.allowance(), 45 * MS);
            dials.called();
        }
        assert_eq!(dials.allowance(), Duration::ZERO);
        dials.dialled(10 * MS);
        assert!(dials.allowance() > 30 * MS);
    }

    #[test]
    fn connections_that_were_idle_for_long_are_not_counted_on() {
        let dials = Dials::default();
        dials.dialled(40 * MS);
        for _ in 0..WARM_CALLS {
            dials.called();
        }
        dials.seen().last_call = Instant::now().checked_sub(WARM_FOR);
        assert_eq!(dials.allowance(), 60 * MS);
    }

    #[test]
    fn a_dial_reserves_no_more_than_a_window_can_give() {
        let dials = Dials::default();
        dials.dialled(Duration::from_secs(3));
        assert_eq!(dials.allowance(), *ALLOWED.end());
    }
}
