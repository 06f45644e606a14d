//! When calls arrived, and the most of them in any one second.

const SECOND_US: u64 = 1_000_000;

/// Arrivals kept at once. When they are more, the older half is folded into `worst_before`.
const MOST_ARRIVALS: usize = 1_000_000;

/// The instants of arrival, in microseconds since the start.
#[derive(Default)]
pub(crate) struct Arrivals {
    instants: Vec<u64>,
    count: u64,
    worst_before: u64,
    first_us: Option<u64>,
    last_us: Option<u64>,
}

impl Arrivals {
    pub(crate) fn note(&mut self, at_us: u64) {
        if self.instants.len() >= MOST_ARRIVALS {
            // Windows across the cut are counted now, those that begin after it later: none is lost.
            self.worst_before = self.worst_second();
            self.instants.sort_unstable();
            self.instants.drain(..MOST_ARRIVALS / 2);
        }
        self.instants.push(at_us);
        self.count += 1;
        self.first_us = Some(self.first_us.map_or(at_us, |first| first.min(at_us)));
        self.last_us = Some(self.last_us.map_or(at_us, |last| last.max(at_us)));
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// The first and the last arrival.
    pub(crate) fn span_us(&self) -> Option<(u64, u64)> {
        self.first_us.zip(self.last_us)
    }

    /// The most arrivals in any window of one second, wherever it begins.
    pub(crate) fn worst_second(&self) -> u64 {
        // Threads note their instants in no strict order.
        let mut instants = self.instants.clone();
        instants.sort_unstable();
        self.worst_before.max(worst_second(&instants))
    }

    /// Intervals, not calls, over the span: ten calls spaced by 100 ms are 10/s.
    #[expect(clippy::cast_precision_loss, reason = "counts and spans are far below 2^52")]
    pub(crate) fn mean_per_second(&self) -> f64 {
        match self.span_us() {
            Some((first, last)) if last > first => {
                let mean = (self.count - 1) as f64 * SECOND_US as f64 / (last - first) as f64;
                (mean * 1_000.0).round() / 1_000.0
            }
            _ => 0.0,
        }
    }
}

/// A window is half open: an arrival exactly one second after the first one is outside.
fn worst_second(sorted_us: &[u64]) -> u64 {
    let mut worst = 0;
    let mut oldest = 0;
    for (newest, instant) in sorted_us.iter().enumerate() {
        while instant - sorted_us[oldest] >= SECOND_US {
            oldest += 1;
        }
        worst = worst.max(newest - oldest + 1);
    }
    worst as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrivals(instants: impl IntoIterator<Item = u64>) -> Arrivals {
        let mut arrivals = Arrivals::default();
        instants.into_iter().for_each(|at_us| arrivals.note(at_us));
        arrivals
    }

    #[test]
    fn nobody_called_nothing_is_worst() {
        assert_eq!(arrivals([]).worst_second(), 0);
        assert_eq!(arrivals([5]).worst_second(), 1);
    }

    #[test]
    fn a_call_exactly_one_second_later_is_in_the_next_window() {
        assert_eq!(arrivals((0..=10).map(|slot| slot * 100_000)).worst_second(), 10);
        assert_eq!(arrivals((0..=10).map(|slot| slot * 99_999)).worst_second(), 11);
    }

    #[test]
    fn a_burst_over_the_turn_of_a_clock_second_is_seen() {
        let end_of_one = (0..10).map(|step| 990_000 + step);
        let start_of_next = (0..10).map(|step| 1_010_000 + step);
        assert_eq!(arrivals(end_of_one.chain(start_of_next)).worst_second(), 20);
    }

    #[test]
    fn arrivals_noted_out_of_order_count_the_same() {
        assert_eq!(
            arrivals([1_500_000, 600_000, 2_000_000, 1_000_000]).worst_second(),
            3
        );
    }

    #[test]
    fn the_mean_counts_intervals() {
        let mean = arrivals((0..11).map(|slot| slot * 100_000)).mean_per_second();
        assert!((mean - 10.0).abs() < 1e-9, "{mean}");
    }
}
