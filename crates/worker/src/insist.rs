//! Moves that must be made: repeated until Redis answers, because every move may be repeated.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use parceld_store::StoreError;

/// Repeats of a move that Redis refuses with an error of its own; more would hide a defect.
const REFUSALS_MAX: u32 = 5;

/// Makes a move until Redis answers it; `None` when Redis keeps refusing it.
pub(crate) async fn insist<T, F>(what: &'static str, mut make: impl FnMut() -> F) -> Option<T>
where
    F: Future<Output = Result<T, StoreError>>,
{
    let mut pauses = ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(50))
        .with_max_delay(Duration::from_secs(2))
        .with_jitter()
        .without_max_times()
        .build();
    let mut refusals = 0;
    loop {
        match make().await {
            Ok(made) => return Some(made),
            Err(error) => {
                if !error.is_passing() {
                    refusals += 1;
                }
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                if refusals >= REFUSALS_MAX {
                    tracing::error!(what, %error, cause, "Redis keeps refusing a move; the lease will run out");
                    return None;
                }
                tracing::warn!(what, %error, cause, "a move is repeated until Redis answers");
            }
        }
        tokio::time::sleep(pauses.next().unwrap_or(Duration::from_secs(2))).await;
    }
}
