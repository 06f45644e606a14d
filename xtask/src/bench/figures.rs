//! Figures and their targets.

/// What one measurement brought, in the order of its table.
#[derive(Debug, Default)]
pub(super) struct Figures(Vec<Figure>);

#[derive(Debug)]
struct Figure {
    what: String,
    value: String,
    target: Option<Target>,
}

#[derive(Debug)]
struct Target {
    words: String,
    is_met: bool,
}

impl Figures {
    /// A figure without a target.
    pub(super) fn tell(&mut self, what: &str, value: impl ToString) {
        self.push(what, value.to_string(), None);
    }

    /// A figure that must be at most so much.
    pub(super) fn at_most(&mut self, what: &str, value: f64, most: f64, unit: &str) {
        self.push(what, shown(value, unit), target("≤", most, unit, value <= most));
    }

    /// A figure that must be less than so much.
    pub(super) fn below(&mut self, what: &str, value: f64, bound: f64, unit: &str) {
        self.push(what, shown(value, unit), target("<", bound, unit, value < bound));
    }

    /// A figure that must be at least so much.
    pub(super) fn at_least(&mut self, what: &str, value: f64, least: f64, unit: &str) {
        self.push(what, shown(value, unit), target("≥", least, unit, value >= least));
    }

    /// One line a figure.
    pub(super) fn print(&self) {
        for Figure { what, value, target } in &self.0 {
            let words = target.as_ref().map_or("", |target| &target.words);
            let verdict = match target {
                None => "",
                Some(Target { is_met: true, .. }) => "ok",
                Some(Target { is_met: false, .. }) => "MISSED",
            };
            println!(
                "{}",
                format!("   {what:44} {value:>16}   {words:14} {verdict}").trim_end()
            );
        }
    }

    /// What did not meet its target.
    pub(super) fn missed(&self) -> impl Iterator<Item = String> {
        let is_missed = |figure: &&Figure| figure.target.as_ref().is_some_and(|target| !target.is_met);
        self.0
            .iter()
            .filter(is_missed)
            .map(|figure| format!("{} {}", figure.what, figure.value))
    }

    fn push(&mut self, what: &str, value: String, target: Option<Target>) {
        self.0.push(Figure {
            what: what.to_owned(),
            value,
            target,
        });
    }
}

/// A number as people read it: whole if it is whole, else with as many digits as tell something.
pub(super) fn shown(value: f64, unit: &str) -> String {
    let number = match value.abs() {
        _ if value.fract() == 0.0 => format!("{value:.0}"),
        size if size < 10.0 => format!("{value:.2}"),
        size if size < 100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    };
    format!("{number} {unit}").trim_end().to_owned()
}

/// The value below which this share of the sorted ones lie.
pub(super) fn percentile(sorted: &[f64], share: f64) -> f64 {
    let rank = (sorted.len() as f64 * share).ceil() as usize;
    sorted
        .get(rank.saturating_sub(1))
        .or(sorted.last())
        .copied()
        .unwrap_or(f64::NAN)
}

fn target(sign: &str, bound: f64, unit: &str, is_met: bool) -> Option<Target> {
    let words = format!("{sign} {}", shown(bound, unit));
    Some(Target { words, is_met })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_value_that_was_measured() {
        let sorted: Vec<f64> = (1..=200).map(f64::from).collect();
        assert_eq!(percentile(&sorted, 0.5), 100.0);
        assert_eq!(percentile(&sorted, 0.99), 198.0);
        assert_eq!(percentile(&sorted, 1.0), 200.0);
        assert!(percentile(&[], 0.5).is_nan());
    }

    #[test]
    fn only_a_missed_target_is_named() {
        let mut figures = Figures::default();
        figures.tell("calls", 5);
        figures.at_most("worst second", 10.0, 10.0, "");
        figures.at_least("calls per second", 9.65, 9.7, "/s");
        figures.below("p99", f64::NAN, 20.0, "ms");
        let missed: Vec<String> = figures.missed().collect();
        assert_eq!(missed, ["calls per second 9.65 /s", "p99 NaN ms"]);
    }
}
