//! The vendor's times: `yyyy-MM-dd HH:mm:ss` without a zone, in China time (trap C6).

use jiff::civil::DateTime;
use jiff::tz::Offset;

/// Unix milliseconds of a time as the vendor writes it; `None` if it is not written so.
pub(crate) fn unix_ms(text: &str) -> Option<i64> {
    let local = DateTime::strptime("%Y-%m-%d %H:%M:%S", text.trim()).ok()?;
    let instant = Offset::constant(8).to_timestamp(local).ok()?;
    Some(instant.as_millisecond())
}
