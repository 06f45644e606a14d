//! The inbox of a running worker: lines that any language pushed become jobs, in order.

use std::time::Duration;

use parceld_producer::{InboxTaken, Producer};
use parceld_store::{Store, StoreError};
use tokio::time::{sleep, timeout};

/// Longest wait for a line in one command.
const WAIT_SECONDS: f64 = 5.0;
/// A wait that takes so long has lost its connection without a word.
const WAIT_BOUND: Duration = Duration::from_secs(15);
/// Before another try at a Redis that does not answer, or takes no new work.
const PAUSE: Duration = Duration::from_secs(1);
/// Lines looked at in one go.
const PEEK: isize = 100;

/// Takes lines in for ever; a line stays in the inbox until its job is in or it is rejected.
pub(crate) async fn pump(store: Store) {
    let producer = Producer::new(store.clone());
    let mut connection = None;
    let mut told = false;
    loop {
        let waited = timeout(WAIT_BOUND, store.inbox_wait(&mut connection, WAIT_SECONDS)).await;
        let drained = match waited {
            Ok(Ok(true)) => drain(&store, &producer).await,
            Ok(Ok(false)) => Ok(()),
            Ok(Err(error)) => Err(error),
            Err(_) => {
                connection = None;
                Ok(())
            }
        };
        match drained {
            Ok(()) => told = false,
            Err(error) => {
                if !told {
                    tracing::warn!(%error, "the inbox waits");
                }
                told = true;
                sleep(PAUSE).await;
            }
        }
    }
}

/// Takes lines in until none is left.
async fn drain(store: &Store, producer: &Producer) -> Result<(), StoreError> {
    loop {
        let lines = store.inbox_peek(PEEK).await?;
        if lines.is_empty() {
            return Ok(());
        }
        for line in lines {
            match producer.take_inbox_line(&line).await? {
                InboxTaken::Accepted(_) => {}
                InboxTaken::Rejected(refusal) => tracing::warn!(%refusal, "an inbox line was rejected"),
                // Another worker is at it as well: what is next has changed.
                InboxTaken::Gone => break,
            }
        }
    }
}
