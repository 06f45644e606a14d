//! Rules for the content of single fields. What a rule shows of a value is never personal: names and addresses only
//! meet `text`, which shows nothing.

use std::fmt;

use crate::id::Id;

/// A field that cannot be taken as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message}")]
pub struct FieldError {
    /// The path from the line down, such as `payload.consignees[0].mobile`.
    pub field: String,
    /// What is wrong and what is allowed; no personal data.
    pub message: String,
}

/// Longest id: of a shop, an order, a waybill.
pub const ID_BYTES_MAX: usize = 128;
/// How the vendor writes times, China time (trap C6).
const VENDOR_TIME: &str = "%Y-%m-%d %H:%M:%S";
/// `yyyy-MM-dd HH:mm:ss`
const VENDOR_TIME_LEN: usize = 19;
/// Characters of a refused value that are shown.
const SHOWN_MAX: usize = 60;

impl FieldError {
    /// An error of this field.
    #[must_use]
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        FieldError {
            field: field.into(),
            message: message.into(),
        }
    }

    /// The same error, seen from the object that holds the field.
    #[must_use]
    pub(crate) fn under(self, parent: impl fmt::Display) -> Self {
        FieldError {
            field: format!("{parent}.{}", self.field),
            message: self.message,
        }
    }
}

/// Text that says something and can be printed on one line.
pub(crate) fn text(field: &str, value: &str) -> Result<(), FieldError> {
    let fault = if value.is_empty() {
        "must not be empty"
    } else if value.trim() != value {
        "must not begin or end with a blank"
    } else if value.chars().any(char::is_control) {
        "must not hold a control character such as a line break or a tab"
    } else {
        return Ok(());
    };
    Err(FieldError::new(field, fault))
}

/// An identifier of any letters.
pub(crate) fn id(field: &str, value: &Id) -> Result<(), FieldError> {
    text(field, value.as_str())?;
    at_most_bytes(field, value.as_str(), ID_BYTES_MAX)
}

/// An identifier of digits alone.
pub(crate) fn digits(field: &str, value: &Id) -> Result<(), FieldError> {
    id(field, value)?;
    let text = value.as_str();
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(());
    }
    let message = if is_scientific(text) {
        format!(
            "{} has lost its digits in a spreadsheet; format the column as text and export it again",
            shown(text)
        )
    } else {
        format!("must be digits only, not {}", shown(text))
    };
    Err(FieldError::new(field, message))
}

/// Numbers of digits alone, separated by commas.
pub(crate) fn digit_list(field: &str, value: &Id) -> Result<(), FieldError> {
    text(field, value.as_str())?;
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if value.as_str().split(',').all(is_number) {
        return Ok(());
    }
    let message = format!(
        "must be digits separated by commas without blanks, not {}",
        shown(value.as_str())
    );
    Err(FieldError::new(field, message))
}

/// One of a few words.
pub(crate) fn one_of(field: &str, value: &str, allowed: &[&str]) -> Result<(), FieldError> {
    if allowed.contains(&value) {
        return Ok(());
    }
    let message = format!("{} is not known; allowed: {}", shown(value), allowed.join(", "));
    Err(FieldError::new(field, message))
}

/// A time as the vendor writes it.
pub(crate) fn time(field: &str, value: &str) -> Result<(), FieldError> {
    let is_time =
        value.len() == VENDOR_TIME_LEN && jiff::civil::DateTime::strptime(VENDOR_TIME, value).is_ok();
    if is_time {
        return Ok(());
    }
    let message = format!(
        "must be a time such as 2026-11-21 20:13:05 (China time), not {}",
        shown(value)
    );
    Err(FieldError::new(field, message))
}

/// A bound on the length.
pub(crate) fn at_most_bytes(field: &str, value: &str, most: usize) -> Result<(), FieldError> {
    if value.len() <= most {
        return Ok(());
    }
    let message = format!("is {} bytes long; at most {most}", value.len());
    Err(FieldError::new(field, message))
}

/// The rule, where there is a value.
pub(crate) fn given<T>(
    value: Option<&T>,
    rule: impl FnOnce(&T) -> Result<(), FieldError>,
) -> Result<(), FieldError> {
    value.map_or(Ok(()), rule)
}

/// A value in quotes, cut to what fits a message.
pub(crate) fn shown(value: &str) -> String {
    let cut: String = value.chars().take(SHOWN_MAX).collect();
    let dots = if cut.len() < value.len() { "…" } else { "" };
    format!("{cut:?}{dots}")
}

/// `2.31E+18`, as spreadsheets write long numbers.
pub(crate) fn is_scientific(text: &str) -> bool {
    let is_number = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_digit() || b".+-".contains(&byte))
    };
    text.split_once(['e', 'E'])
        .is_some_and(|(mantissa, exponent)| is_number(mantissa) && is_number(exponent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_refused_for_what_cannot_be_seen() {
        for bad in ["", " x", "x\t", "a\nb", "\u{3000}x", "a\u{7f}b"] {
            assert!(text("f", bad).is_err(), "{bad:?}");
        }
        assert_eq!(text("f", "梦想小镇 1 号"), Ok(()));
    }

    #[test]
    fn a_spreadsheets_number_is_refused_with_the_cure() {
        let error = digits("tid", &Id::from("2.31E+18")).unwrap_err();
        assert_eq!(error.field, "tid");
        assert!(error.message.contains("spreadsheet"), "{error}");
        let error = digits("tid", &Id::from("12a")).unwrap_err();
        assert_eq!(error.message, "must be digits only, not \"12a\"");
    }

    #[test]
    fn times_that_no_calendar_has_are_refused() {
        assert_eq!(time("t", "2026-02-28 23:59:59"), Ok(()));
        for bad in [
            "2026-02-29 00:00:00",
            "2026-1-1 00:00:00",
            "2026-01-01",
            "2026-01-01T00:00:00",
            "2026-01-01 24:00:00",
        ] {
            assert!(time("t", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_long_value_is_cut_in_the_message() {
        let error = one_of("source", &"x".repeat(500), &["taobao"]).unwrap_err();
        assert!(error.message.len() < 120, "{error}");
    }
}
