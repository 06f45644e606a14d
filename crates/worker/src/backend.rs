//! Claims as an apalis backend: the only place, with `run`, that knows apalis.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use apalis::prelude::{Task, WorkerContext};
use apalis_core::backend::finalize::Ephemeral;
use apalis_core::backend::{Backend, BackendConfig};
use futures::FutureExt;
use futures::future::BoxFuture;
use tower::layer::util::Identity;

use crate::claims::{self, Claim};
use crate::run::Shared;

/// Yields one claim at a time, and only when apalis has room for its call.
///
/// It never fails: an error from a backend ends the apalis worker and drops every call in flight.
pub(crate) struct Claims {
    shared: Arc<Shared>,
    pending: Option<BoxFuture<'static, Option<Claim>>>,
    closing: Option<BoxFuture<'static, ()>>,
}

impl Claims {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Claims {
            shared,
            pending: None,
            closing: None,
        }
    }

    fn poll_claim(&mut self, cx: &mut Context<'_>) -> Poll<Option<Claim>> {
        let shared = &self.shared;
        let pending = self
            .pending
            .get_or_insert_with(|| claims::next(Arc::clone(shared)).boxed());
        let claim = std::task::ready!(pending.poll_unpin(cx));
        self.pending = None;
        Poll::Ready(claim)
    }
}

impl Backend for Claims {
    type Task = Task<Claim>;
    type Error = Infallible;

    fn poll_ready(&mut self, _: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
        _: &WorkerContext,
    ) -> Poll<Option<Result<Task<Claim>, Infallible>>> {
        self.poll_claim(cx)
            .map(|claim| claim.map(|claim| Ok(Task::new(claim))))
    }

    fn poll_close(&mut self, cx: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        // A claim under way may hold jobs: it is seen to its end and handed back.
        if let Some(pending) = self.pending.take() {
            let shared = Arc::clone(&self.shared);
            self.closing = Some(claims::give_up(shared, pending).boxed());
        }
        if let Some(closing) = &mut self.closing {
            std::task::ready!(closing.poll_unpin(cx));
            self.closing = None;
        }
        Poll::Ready(Ok(()))
    }
}

impl BackendConfig for Claims {
    type Args = Claim;
    type Id = ulid::Ulid;
    type Kind = Ephemeral;
    type Config = ();
    type Layer = Identity;

    fn config(&self) -> &() {
        &()
    }

    fn middleware(&mut self, _: &mut WorkerContext) -> Identity {
        Identity::new()
    }
}
