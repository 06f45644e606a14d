//! Reading what the vendor writes: numbers as text and back, empty shapes, missing keys (traps B10 to B14, C1).
//!
//! Everything is read from the JSON text itself, digit by digit, never by way of a float (C2). Missing, null,
//! blank and unreadable are all `None` here; a decoder that cannot do without a value says so with `Misread`.

use std::collections::BTreeMap;

use parceld_domain::id::Id;
use parceld_domain::money::{Points, Yuan};
use serde_json::value::RawValue;

/// A part of a reply that is not what the decoder needs: its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Misread(pub(crate) &'static str);

/// Characters of a message that are kept; the documented ones have less than a hundred.
pub(crate) const MESSAGE_CHARS_MAX: usize = 300;

/// A JSON object; of a key that occurs twice the last value counts (D11).
#[derive(Debug, Default)]
pub(crate) struct Object<'a>(BTreeMap<String, &'a RawValue>);

impl<'a> Object<'a> {
    /// The object that this text is, if it is one.
    pub(crate) fn read(raw: &'a RawValue) -> Option<Self> {
        serde_json::from_str(raw.get()).ok().map(Object)
    }

    /// The object that this text is; an empty shape counts as an object without keys (B13).
    pub(crate) fn read_or_empty(raw: Option<&'a RawValue>) -> Option<Self> {
        match raw {
            Some(raw) if !is_empty_shape(raw) => Self::read(raw),
            _ => Some(Object::default()),
        }
    }

    /// The value of a key, unless it is null.
    pub(crate) fn given(&self, name: &str) -> Option<&'a RawValue> {
        self.0.get(name).copied().filter(|raw| raw.get() != "null")
    }

    /// Whether there is such a key, whatever its value.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The elements under the key `list`, and how many there are on all pages.
    ///
    /// The key may be missing only where nothing else speaks of rows: a list that was renamed must not pass for
    /// an empty one, because absence is a statement.
    pub(crate) fn listed(
        &self,
        list: &str,
        total: &str,
        path: &'static str,
    ) -> Result<(Vec<&'a RawValue>, Option<u64>), Misread> {
        let count = self.count(total);
        let list = self.given(list);
        if list.is_none() && (count.unwrap_or(0) > 0 || !self.has_only(&[total, "withholding_money"])) {
            return Err(Misread(path));
        }
        Ok((rows(list).ok_or(Misread(path))?, count))
    }

    /// Whether no other key than these has a value.
    pub(crate) fn has_only(&self, names: &[&str]) -> bool {
        self.0
            .keys()
            .all(|key| names.contains(&key.as_str()) || self.given(key).is_none())
    }

    /// An identifier.
    pub(crate) fn id(&self, name: &str) -> Option<Id> {
        self.given(name).and_then(id)
    }

    /// Text, or a number's digits.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.given(name)
            .and_then(text)
            .filter(|text| !text.trim().is_empty())
    }

    /// Words for people, on one line and cut to what the documented ones need: they are stored and logged.
    pub(crate) fn message(&self, name: &str) -> Option<String> {
        let printable = |text: String| {
            text.chars()
                .filter(|c| !c.is_control())
                .take(MESSAGE_CHARS_MAX)
                .collect()
        };
        self.text(name).map(printable)
    }

    /// Text that may be missing or blank but must be readable, because its absence is a statement.
    pub(crate) fn readable_text(&self, name: &'static str) -> Result<Option<String>, Misread> {
        match self.given(name) {
            Some(raw) if !is_empty_shape(raw) => text(raw).map(Some).ok_or(Misread(name)),
            _ => Ok(None),
        }
    }

    /// A whole number.
    pub(crate) fn whole(&self, name: &str) -> Option<i64> {
        self.given(name).and_then(whole)
    }

    /// A whole number of things.
    pub(crate) fn count(&self, name: &str) -> Option<u64> {
        self.whole(name).and_then(|whole| u64::try_from(whole).ok())
    }

    /// An amount in points.
    pub(crate) fn points(&self, name: &str) -> Option<Points> {
        self.whole(name).map(Points)
    }

    /// The whole points of an amount that may have decimals.
    pub(crate) fn whole_points(&self, name: &str) -> Option<Points> {
        self.given(name).and_then(decimal).map(|(whole, _)| Points(whole))
    }

    /// An amount in yuan (C5).
    pub(crate) fn yuan(&self, name: &str) -> Option<Yuan> {
        self.text(name).and_then(|text| yuan(&text))
    }

    /// A yes or no.
    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        match self.text(name)?.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Some(true),
            "false" | "no" | "0" => Some(false),
            _ => None,
        }
    }
}

/// The elements of a list; an empty shape is a list without any (B13), anything else no list at all.
pub(crate) fn rows(raw: Option<&RawValue>) -> Option<Vec<&RawValue>> {
    match raw {
        Some(raw) if !is_empty_shape(raw) => serde_json::from_str(raw.get()).ok(),
        _ => Some(Vec::new()),
    }
}

/// The rows that can be read, and how many cannot; one odd row must not hide the others from everybody.
pub(crate) fn readable<'a, T>(
    raw: Vec<&'a RawValue>,
    row: impl Fn(&'a RawValue) -> Result<T, Misread>,
) -> (Vec<T>, usize) {
    let listed = raw.len();
    let rows: Vec<T> = raw.into_iter().filter_map(|raw| row(raw).ok()).collect();
    let unread = listed - rows.len();
    (rows, unread)
}

/// The JSON that a text holds instead of standing beside it (B15).
pub(crate) fn unquoted(raw: &RawValue) -> Option<Box<RawValue>> {
    let text: String = serde_json::from_str(raw.get()).ok()?;
    RawValue::from_string(text).ok()
}

/// The texts of a list, or one text alone (B15).
pub(crate) fn texts(raw: &RawValue) -> Vec<String> {
    match rows(Some(raw)) {
        Some(rows) => rows.into_iter().filter_map(text).collect(),
        None => text(raw).into_iter().collect(),
    }
}

/// Identifiers in a list, in an object that holds one list (C3), or alone.
pub(crate) fn ids(raw: &RawValue) -> Vec<Id> {
    let listed = |raw| rows(Some(raw)).map(|rows: Vec<&RawValue>| rows.into_iter().filter_map(id).collect());
    if let Some(ids) = listed(raw) {
        return ids;
    }
    match Object::read(raw) {
        Some(object) => object
            .0
            .values()
            .filter_map(|raw| listed(raw))
            .flat_map(|ids: Vec<Id>| ids)
            .collect(),
        None => id(raw).into_iter().collect(),
    }
}

/// The points charged: a key of the object, or the sum over the elements that have it (B8).
pub(crate) fn withholding(data: Option<&RawValue>) -> Option<Points> {
    let data = data?;
    if let Some(object) = Object::read(data) {
        return object.points("withholding_money");
    }
    let charges = rows(Some(data))?
        .into_iter()
        .filter_map(|row| Object::read(row)?.points("withholding_money"));
    charges.reduce(|sum, charge| Points(sum.0.saturating_add(charge.0)))
}

/// The shapes in which PHP writes "nothing": `[]`, `{}`, `""`, null.
fn is_empty_shape(raw: &RawValue) -> bool {
    let mut bytes = raw.get().bytes().filter(|byte| !byte.is_ascii_whitespace());
    matches!(
        (bytes.next(), bytes.next(), bytes.next()),
        (Some(b'['), Some(b']'), None) | (Some(b'{'), Some(b'}'), None) | (Some(b'"'), Some(b'"'), None)
    ) || raw.get() == "null"
}

fn id(raw: &RawValue) -> Option<Id> {
    let id: Id = serde_json::from_str(raw.get()).ok()?;
    Some(Id::from(id.as_str().trim())).filter(|id| !id.is_empty())
}

/// A string's content, or a number or a truth value as it is written.
fn text(raw: &RawValue) -> Option<String> {
    match raw.get().as_bytes().first()? {
        b'"' => serde_json::from_str(raw.get()).ok(),
        b'[' | b'{' | b'n' => None,
        _ => Some(raw.get().to_owned()),
    }
}

/// A whole number; decimals only of zeros.
fn whole(raw: &RawValue) -> Option<i64> {
    decimal(raw).and_then(|(whole, has_rest)| (!has_rest).then_some(whole))
}

/// The digits before the point with an optional sign, and whether decimals other than zeros follow.
fn decimal(raw: &RawValue) -> Option<(i64, bool)> {
    let text = text(raw)?;
    let (whole, decimals) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    if !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((whole.parse().ok()?, decimals.bytes().any(|byte| byte != b'0')))
}

/// Decimal places that `Yuan` keeps.
const YUAN_PLACES: usize = 6;

/// A decimal, rounded to the places kept: PHP writes 0.78 as 0.78000000000000003 when it is set to 17 digits.
fn yuan(text: &str) -> Option<Yuan> {
    let text = text.trim();
    let Some((whole, fraction)) = text
        .split_once('.')
        .filter(|(_, fraction)| fraction.len() > YUAN_PLACES)
    else {
        return Yuan::parse(text);
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || whole.len() > 12 {
        return None;
    }
    let kept: i64 = format!("{whole}{}", &fraction[..YUAN_PLACES]).parse().ok()?;
    let micros = kept + i64::from(fraction.as_bytes()[YUAN_PLACES] >= b'5');
    Yuan::parse(&format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).unwrap()
    }

    fn with_object<T>(text: &str, look: impl FnOnce(&Object<'_>) -> T) -> T {
        let raw = raw(text);
        look(&Object::read(&raw).unwrap())
    }

    #[test]
    fn an_id_keeps_all_digits_as_a_number_and_as_text() {
        for text in [
            r#"{"id":202011041511461997011}"#,
            r#"{"id":" 202011041511461997011"}"#,
        ] {
            assert_eq!(
                with_object(text, |o| o.id("id")),
                Some(Id::from("202011041511461997011"))
            );
        }
    }

    #[test]
    fn missing_null_blank_and_unreadable_values_are_none() {
        for text in [
            "{}",
            r#"{"x":null}"#,
            r#"{"x":""}"#,
            r#"{"x":[]}"#,
            r#"{"x":{"y":1}}"#,
        ] {
            with_object(text, |o| {
                assert_eq!(o.id("x"), None, "{text}");
                assert_eq!(o.text("x"), None, "{text}");
                assert_eq!(o.whole("x"), None, "{text}");
                assert_eq!(o.yuan("x"), None, "{text}");
                assert_eq!(o.flag("x"), None, "{text}");
            });
        }
    }

    #[test]
    fn whole_numbers_come_as_numbers_as_text_and_with_empty_fractions() {
        for text in ["170", r#""170""#, "170.0", r#""170.00""#] {
            assert_eq!(whole(&raw(text)), Some(170), "{text}");
        }
        assert_eq!(whole(&raw("-5")), Some(-5));
        for text in ["1.5", "1e3", r#""1,000""#, "99999999999999999999", "true"] {
            assert_eq!(whole(&raw(text)), None, "{text}");
        }
    }

    #[test]
    fn yuan_are_read_from_their_digits_even_with_the_tail_of_a_float() {
        for text in ["0.78", "0.78000000000000003", "0.77999999999999995"] {
            assert_eq!(yuan(text), Yuan::parse("0.78"), "{text}");
        }
        assert_eq!(yuan("0.9999999"), Yuan::parse("1"));
        assert_eq!(yuan("0.7800004"), Yuan::parse("0.78"));
        assert_eq!(yuan("0.7800005"), Yuan::parse("0.780001"));
        for text in [
            "",
            "x",
            "-1",
            "0.7800000x",
            ".7800000",
            "1e1",
            "9999999999999.1234567",
        ] {
            assert_eq!(yuan(text), None, "{text}");
        }
    }

    #[test]
    fn every_way_to_write_nothing_is_an_empty_list() {
        assert_eq!(rows(None).unwrap().len(), 0);
        for text in ["[]", "[ ]", "{}", "null", r#""""#] {
            assert_eq!(rows(Some(&raw(text))).map(|rows| rows.len()), Some(0), "{text}");
        }
        for text in [r#"{"a":1}"#, "7", r#""x""#, "true"] {
            assert!(rows(Some(&raw(text))).is_none(), "{text}");
        }
    }

    #[test]
    fn a_list_that_was_renamed_is_not_an_empty_one() {
        let listed = |text| {
            with_object(text, |o| {
                o.listed("list", "total", "data.list").map(|(rows, _)| rows.len())
            })
        };
        for text in [
            "{}",
            r#"{"total":"0"}"#,
            r#"{"list":[],"total":"10"}"#,
            r#"{"list":null}"#,
            r#"{"list":{}}"#,
        ] {
            assert_eq!(listed(text), Ok(0), "{text}");
        }
        for text in [r#"{"total":"3"}"#, r#"{"rows":[1]}"#, r#"{"list":"oops"}"#] {
            assert_eq!(listed(text), Err(Misread("data.list")), "{text}");
        }
    }

    #[test]
    fn sub_orders_come_in_a_list_in_an_object_or_alone() {
        for text in [r#"{"number":["1","2"]}"#, "[1,2]", r#"["1",2]"#] {
            assert_eq!(ids(&raw(text)), [Id::from("1"), Id::from("2")], "{text}");
        }
        assert_eq!(
            ids(&raw("1692089714634374451")),
            [Id::from("1692089714634374451")]
        );
        assert_eq!(ids(&raw("[]")), []);
    }

    #[test]
    fn the_charge_is_a_key_of_the_object_or_the_sum_over_the_rows_that_have_it() {
        let charge = |text| withholding(Some(&raw(text)));
        assert_eq!(charge(r#"{"withholding_money":"2"}"#), Some(Points(2)));
        assert_eq!(
            charge(r#"[{"withholding_money":1,"tid":"1"},{"tid":"2"}]"#),
            Some(Points(1))
        );
        assert_eq!(
            charge(r#"[{"withholding_money":1},{"withholding_money":2}]"#),
            Some(Points(3))
        );
        assert_eq!(charge("[]"), None);
        assert_eq!(withholding(None), None);
    }

    #[test]
    fn of_a_key_that_occurs_twice_the_last_value_counts() {
        assert_eq!(with_object(r#"{"a":1,"a":2}"#, |o| o.whole("a")), Some(2));
    }
}
