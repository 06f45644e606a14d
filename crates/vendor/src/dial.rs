//! Making connections: how long it takes, so that callers can reserve the time, and what becomes of one that came too late.

use std::any::Any;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tower::{Layer, Service};

use crate::leave::{TooLate, leave_by};

/// What a dial may take before one was seen: a name, TCP and TLS across a country.
const UNKNOWN: Duration = Duration::from_millis(150);
/// Bounds of what is reserved for a dial.
const ALLOWED: std::ops::RangeInclusive<Duration> = Duration::from_millis(2)..=Duration::from_millis(400);
/// So many calls in a row without a dial, and the next will find a connection too.
const WARM_CALLS: u32 = 20;
/// Connections that were idle for longer may be gone.
const WARM_FOR: Duration = Duration::from_secs(40);
/// How long a connection that came too late for its call is kept for the next one.
const SPARE_FOR: Duration = Duration::from_secs(5);

/// What was seen of the connections.
#[derive(Debug, Clone, Default)]
pub(crate) struct Dials(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    allowed: Option<Duration>,
    calls_since: u32,
    last_call: Option<Instant>,
    spare: Option<Spare>,
}

/// A connection of whatever type the client makes, and since when it is there.
struct Spare(Instant, Box<dyn Any + Send>);

impl fmt::Debug for Spare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Spare({:?})", self.0)
    }
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

    /// A call has left; whether it was answered does not matter.
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

    fn keep(&self, connection: impl Any + Send) {
        self.seen().spare = Some(Spare(Instant::now(), Box::new(connection)));
    }

    fn spare<C: 'static>(&self) -> Option<C> {
        let Spare(since, connection) = self.seen().spare.take()?;
        if since.elapsed() > SPARE_FOR {
            return None;
        }
        connection.downcast().ok().map(|connection| *connection)
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
type Connecting<C> = Pin<Box<dyn Future<Output = Result<C, BoxError>> + Send>>;

impl<S, T> Service<T> for Dialler<S>
where
    S: Service<T, Error = BoxError>,
    S::Future: Send + 'static,
    S::Response: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Connecting<S::Response>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.connector.poll_ready(cx)
    }

    fn call(&mut self, to: T) -> Self::Future {
        if let Some(spare) = self.dials.spare() {
            return Box::pin(std::future::ready(Ok(spare)));
        }
        let (dials, began, leave_by) = (self.dials.clone(), Instant::now(), leave_by());
        let connecting = self.connector.call(to);
        Box::pin(async move {
            let connection = connecting.await?;
            dials.dialled(began.elapsed());
            if leave_by.is_some_and(|leave_by| Instant::now() > leave_by) {
                // Dropped, it would have to be made anew for the next call, which would be as late.
                dials.keep(connection);
                return Err(TooLate.into());
            }
            Ok(connection)
        })
    }
}

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
