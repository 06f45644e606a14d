//! The one way for a test to wait: for a fact, with a bound, and with a word about what was seen last.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

/// Between two looks. Short enough not to be felt, long enough to cost nothing.
const PAUSE: Duration = Duration::from_millis(10);

/// Looks until `look` answers `Ok`, and panics past `bound` with what was awaited and what was seen last.
///
/// A look that hangs is cut off at the bound as well.
#[track_caller]
pub fn wait_until<T>(
    what: &str,
    bound: Duration,
    mut look: impl AsyncFnMut() -> Result<T, String>,
) -> impl Future<Output = T> {
    let caller = std::panic::Location::caller();
    async move {
        let start = Instant::now();
        let mut seen = "nothing yet".to_owned();
        loop {
            match timeout(bound.saturating_sub(start.elapsed()).max(PAUSE), look()).await {
                Ok(Ok(value)) => return value,
                Ok(Err(now)) => seen = now,
                Err(_) => seen.push_str(" (and the last look hung)"),
            }
            assert!(
                start.elapsed() < bound,
                "{caller}: waited {bound:?} in vain until {what}; last seen: {seen}"
            );
            sleep(PAUSE).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_fact_is_awaited_until_it_holds() {
        let mut looks = 0;
        let found = wait_until("the third look", Duration::from_secs(10), async || {
            looks += 1;
            if looks == 3 {
                Ok(looks)
            } else {
                Err(format!("look {looks}"))
            }
        })
        .await;
        assert_eq!(found, 3);
    }

    #[tokio::test]
    #[should_panic(expected = "in vain until pigs fly; last seen: a pig on the ground")]
    async fn a_wait_in_vain_says_what_was_seen_last() {
        let bound = Duration::from_millis(30);
        wait_until("pigs fly", bound, async || {
            Err::<(), _>("a pig on the ground".to_owned())
        })
        .await;
    }

    #[tokio::test]
    #[should_panic(expected = "the last look hung")]
    async fn a_look_that_hangs_is_cut_off() {
        wait_until(
            "the end of time",
            Duration::from_millis(30),
            std::future::pending::<Result<(), String>>,
        )
        .await;
    }
}
