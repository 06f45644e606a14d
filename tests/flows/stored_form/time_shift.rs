//! The times of a fixture moved to now, wherever they stand in a text: in a score, a field, a JSON, a list of slots.

use jiff::tz::{Offset, TimeZone};

/// Further from the fixture's own time, a number is none of its times.
const NEAR_MS: u64 = 30 * 86_400_000;
/// `2026-01-31T23:59:59.123+08:00`
const ISO_LENGTH: usize = 29;

/// Moves every time in `text` from around `from_ms` to around `to_ms`: Unix milliseconds and microseconds that stand
/// alone, and times of China with milliseconds.
pub(super) fn shifted(text: &str, from_ms: u64, to_ms: u64) -> String {
    let mut moved = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let word = rest
            .find(|char: char| !char.is_ascii_alphanumeric())
            .unwrap_or(rest.len());
        if let Some(time) = rest
            .get(..ISO_LENGTH)
            .and_then(|iso| shifted_iso(iso, from_ms, to_ms))
        {
            moved.push_str(&time);
            rest = &rest[ISO_LENGTH..];
        } else if word > 0 {
            let number = shifted_number(&rest[..word], from_ms, to_ms);
            moved.push_str(number.as_deref().unwrap_or(&rest[..word]));
            rest = &rest[word..];
        } else {
            moved.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    moved
}

fn shifted_number(word: &str, from_ms: u64, to_ms: u64) -> Option<String> {
    let in_ms = match word.len() {
        13 => 1,
        16 => 1_000,
        _ => return None,
    };
    let number: u64 = word.parse().ok()?;
    let is_near = (number / in_ms).abs_diff(from_ms) < NEAR_MS;
    is_near.then(|| (number + to_ms * in_ms - from_ms * in_ms).to_string())
}

fn shifted_iso(iso: &str, from_ms: u64, to_ms: u64) -> Option<String> {
    if !iso.ends_with("+08:00") {
        return None;
    }
    let time: jiff::Timestamp = iso.parse().ok()?;
    let ms = u64::try_from(time.as_millisecond()).ok()? + to_ms - from_ms;
    let time = jiff::Timestamp::from_millisecond(i64::try_from(ms).ok()?).ok()?;
    let china = time.to_zoned(TimeZone::fixed(Offset::constant(8)));
    Some(china.strftime("%Y-%m-%dT%H:%M:%S%.3f+08:00").to_string())
}

#[test]
fn times_move_and_other_numbers_stay() {
    let from = 1_700_000_000_000;
    let text = r#"1700000000007,1700000001000000 {"at":"2023-11-15T06:13:20.000+08:00","tid":"1692089714634374451","n":"2700000000007"} A1700000000007"#;
    let moved = r#"1700000060007,1700000061000000 {"at":"2023-11-15T06:14:20.000+08:00","tid":"1692089714634374451","n":"2700000000007"} A1700000000007"#;
    assert_eq!(shifted(text, from, from + 60_000), moved);
}
