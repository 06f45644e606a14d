//! The one way to wait here: for a fact, with a bound, and with a word about what was seen last.

use std::thread;
use std::time::{Duration, Instant};

/// Between two looks. Short enough not to be felt, long enough to cost nothing.
const PAUSE: Duration = Duration::from_millis(10);

/// Looks until `look` answers with a value; past `bound` the error says what was awaited and what was seen last.
pub fn wait_until<T>(
    what: &str,
    bound: Duration,
    mut look: impl FnMut() -> Result<T, String>,
) -> Result<T, String> {
    let start = Instant::now();
    loop {
        match look() {
            Ok(value) => return Ok(value),
            Err(seen) if start.elapsed() >= bound => {
                return Err(format!(
                    "waited {bound:?} in vain until {what}; last seen: {seen}"
                ));
            }
            Err(_) => thread::sleep(PAUSE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_in_vain_says_what_was_seen_last() {
        let mut looks = 0;
        let error = wait_until("pigs fly", Duration::from_millis(30), || -> Result<(), String> {
            looks += 1;
            Err(format!("look {looks}"))
        })
        .unwrap_err();
        assert!(
            error.contains("until pigs fly") && error.ends_with(&format!("look {looks}")),
            "{error}"
        );
    }

    #[test]
    fn a_fact_that_is_there_already_is_found_without_a_bound() {
        assert_eq!(wait_until("now", Duration::ZERO, || Ok(7)), Ok(7));
    }
}
