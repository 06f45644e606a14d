//! Durations as they are written in settings.

use std::time::Duration;

/// Longest first, so that `ms` is not taken for minutes.
const UNITS_MS: [(&str, u64); 5] = [
    ("ms", 1),
    ("s", 1_000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
];
/// Ten years: what is longer is a slip of the unit.
const MAX_MS: u64 = 3_650 * 86_400_000;

/// Reads `500ms`, `10s`, `5m`, `2h` or `7d`; `None` for anything else.
pub(crate) fn parse(text: &str) -> Option<Duration> {
    let (number, unit_ms) = UNITS_MS
        .iter()
        .find_map(|(unit, ms)| Some((text.strip_suffix(unit)?, ms)))?;
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let ms = number.parse::<u64>().ok()?.checked_mul(*unit_ms)?;
    (ms <= MAX_MS).then(|| Duration::from_millis(ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_is_read() {
        for (text, ms) in [
            ("500ms", 500),
            ("10s", 10_000),
            ("5m", 300_000),
            ("2h", 7_200_000),
            ("400d", 34_560_000_000),
            ("0s", 0),
        ] {
            assert_eq!(parse(text), Some(Duration::from_millis(ms)), "{text}");
        }
    }

    #[test]
    fn a_number_without_its_unit_is_no_duration() {
        for text in [
            "",
            "10",
            "s",
            "1.5s",
            "-1s",
            "1 s",
            "10S",
            "9999999d",
            "99999999999999999999s",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
