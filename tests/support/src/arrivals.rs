//! When calls arrived at the vendor, and how crowded they were.

use std::fmt;

use serde_json::Value;

/// The instants at which calls arrived, in order.
#[derive(Debug)]
pub struct Arrivals(Vec<f64>);

/// Calls in any second at most, all workers and commands together.
const LIMIT: usize = 10;
const SECOND_MS: f64 = 1_000.0;

impl Arrivals {
    /// Of calls as the simulator lists them.
    pub fn of(calls: &[Value]) -> Self {
        let mut at_ms: Vec<f64> = calls.iter().filter_map(|call| call["at_ms"].as_f64()).collect();
        at_ms.sort_by(f64::total_cmp);
        Arrivals(at_ms)
    }

    /// The most of them in any second.
    pub fn worst_second(&self) -> usize {
        let in_second_from = |place: usize| {
            let ends_ms = self.0[place] + SECOND_MS;
            self.0[place..]
                .iter()
                .take_while(|at_ms| **at_ms < ends_ms)
                .count()
        };
        (0..self.0.len()).map(in_second_from).max().unwrap_or_default()
    }

    /// Within how many milliseconds one more than the limit arrived at the least; infinite when there were not so many.
    pub fn least_span_ms(&self) -> f64 {
        self.closest().map_or(f64::INFINITY, span_ms)
    }

    /// Fails when more calls than the limit arrived in any second, and shows when they did.
    pub fn assert_within_the_limit(&self) {
        self.assert_no_crowd_within(SECOND_MS);
    }

    /// Fails when one more than the limit arrived within less than so many milliseconds, and shows when they did.
    pub fn assert_no_crowd_within(&self, window_ms: f64) {
        if let Some(closest) = self.closest() {
            assert!(span_ms(closest) >= window_ms, "arrivals in ms: {closest:?}");
        }
    }

    fn closest(&self) -> Option<&[f64]> {
        let crowds = self.0.windows(LIMIT + 1);
        crowds.min_by(|one, other| span_ms(one).total_cmp(&span_ms(other)))
    }
}

impl fmt::Display for Arrivals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} calls, worst second {}", self.0.len(), self.worst_second())?;
        match self.closest() {
            Some(closest) => write!(f, ", eleven within {:.1} ms at the least", span_ms(closest)),
            None => Ok(()),
        }
    }
}

fn span_ms(crowd: &[f64]) -> f64 {
    crowd[crowd.len() - 1] - crowd[0]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn every(gap_ms: f64, calls: u32) -> Arrivals {
        let calls = (0..calls).rev();
        let calls: Vec<Value> = calls
            .map(|number| json!({"at_ms": f64::from(number) * gap_ms}))
            .collect();
        Arrivals::of(&calls)
    }

    #[test]
    fn a_call_exactly_one_second_later_is_in_the_next_second() {
        let arrivals = every(100.0, 11);
        assert_eq!(arrivals.worst_second(), 10);
        arrivals.assert_no_crowd_within(SECOND_MS);
        assert_eq!(
            arrivals.to_string(),
            "11 calls, worst second 10, eleven within 1000.0 ms at the least"
        );
    }

    #[test]
    #[should_panic(expected = "arrivals in ms: [0.0, 99.0,")]
    fn eleven_calls_in_a_second_are_a_crowd() {
        let arrivals = every(99.0, 11);
        assert_eq!(arrivals.worst_second(), 11);
        arrivals.assert_no_crowd_within(SECOND_MS);
    }

    #[test]
    fn a_few_calls_crowd_nobody() {
        assert_eq!(every(1.0, 10).to_string(), "10 calls, worst second 10");
        every(1.0, 10).assert_no_crowd_within(SECOND_MS);
        assert_eq!(every(1.0, 0).worst_second(), 0);
    }
}
