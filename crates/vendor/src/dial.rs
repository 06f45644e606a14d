//! The way to the vendor: how long a call takes to leave, so that callers can reserve the time, and what becomes of a
//! connection that came too late.

use std::any::Any;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tower::{Layer, Service};

use crate::leave::{TooLate, leave_by};

/// What the first call may take to leave, and at the least one after a pause, when connections and the pages of an idle
/// process may be gone. The bucket is empty then, so that it costs next to nothing; a call that takes longer goes back
/// unsent, and the next one is allowed what it took.
const COLD: Duration = Duration::from_millis(50);
/// From when on that is: longer than one of several busy workers is without a call.
const COLD_AFTER: Duration = Duration::from_secs(5);
/// Bounds of what is reserved for a call among others.
const ALLOWED: std::ops::RangeInclusive<Duration> = Duration::from_micros(500)..=Duration::from_millis(400);
/// How long a connection that came too late for its call is kept for the next one.
const SPARE_FOR: Duration = Duration::from_secs(5);

/// What was seen of the ways to the vendor.
#[derive(Debug, Clone, Default)]
pub(crate) struct Dials(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    allowed: Option<Duration>,
    last: Option<Instant>,
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
    /// How long the next call may take to find a connection and to leave.
    pub(crate) fn allowance(&self) -> Duration {
        let seen = self.seen();
        let is_cold = seen.last.is_none_or(|last| last.elapsed() > COLD_AFTER);
        let least = if is_cold { COLD } else { *ALLOWED.start() };
        seen.allowed.map_or(least, |allowed| allowed.max(least))
    }

    /// A call took so long until a connection had it, or until it was too late for that.
    pub(crate) fn took(&self, took: Duration) {
        let mut seen = self.seen();
        seen.last = Some(Instant::now());
        let needed = took + took / 2;
        // Up at once, down slowly: a call that was allowed too little costs its job an attempt.
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
            if leave_by.is_some_and(|leave_by| Instant::now() > leave_by) {
                // Dropped, it would have to be made anew for the next call, which would be as late.
                dials.took(began.elapsed());
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
    fn what_a_call_took_to_leave_is_reserved_for_the_next_one() {
        let dials = Dials::default();
        assert_eq!(dials.allowance(), COLD);
        dials.took(40 * MS);
        assert_eq!(dials.allowance(), 60 * MS);
        dials.took(MS);
        assert_eq!(dials.allowance(), 45 * MS);
        for _ in 0..40 {
            dials.took(Duration::ZERO);
        }
        assert_eq!(dials.allowance(), *ALLOWED.start());
        dials.took(10 * MS);
        assert_eq!(dials.allowance(), 15 * MS);
    }

    #[test]
    fn a_call_after_a_pause_may_take_longer() {
        let dials = Dials::default();
        dials.took(MS);
        dials.seen().last = Instant::now().checked_sub(2 * COLD_AFTER);
        assert_eq!(dials.allowance(), COLD);
    }

    #[test]
    fn a_call_reserves_no_more_than_a_window_can_give() {
        let dials = Dials::default();
        dials.took(Duration::from_secs(3));
        assert_eq!(dials.allowance(), *ALLOWED.end());
    }
}
