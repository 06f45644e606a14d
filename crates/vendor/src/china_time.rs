//! The vendor's times: `yyyy-MM-dd HH:mm:ss` without a zone, in China time (trap C6).

use jiff::civil::DateTime;
use jiff::tz::Offset;

/// Unix milliseconds of a time as the vendor writes it; `None` if it is not written so.
pub(crate) fn unix_ms(text: &str) -> Option<i64> {
    let local = DateTime::strptime("%Y-%m-%d %H:%M:%S", text.trim()).ok()?;
    let instant = Offset::constant(8).to_timestamp(local).ok()?;
    Some(instant.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_without_zone_is_eight_hours_ahead_of_utc() {
        // The sample row stood in a reply of 1604473515, half a minute later.
        assert_eq!(unix_ms("2020-11-04 15:04:46"), Some(1_604_473_486_000));
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in ["", "0000-00-00 00:00:00", "2020-11-04", "1604473486"] {
            assert_eq!(unix_ms(text), None, "{text}");
        }
    }
}
