//! Pages: which part of all rows a request asks for.

use serde_json::Value;

use crate::fields::{Fields, WrongType, as_text};

/// A page, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Page {
    number: u64,
    size: u64,
    /// By how many rows it begins late.
    shift: i64,
}

impl Page {
    /// `range: [page, size]`; left out it asks for everything (F1, F2).
    pub(super) fn of_range(fields: &Fields, cap: u64) -> Result<Option<Self>, WrongType> {
        let Some(range) = fields.list("range")? else {
            return Ok(None);
        };
        let numbers: Option<Vec<u64>> = range.iter().map(whole).collect();
        match numbers.as_deref() {
            Some(&[number, size]) if number > 0 && size > 0 => Ok(Some(
                Self {
                    number,
                    size,
                    shift: 0,
                }
                .capped(cap),
            )),
            _ => Err(WrongType),
        }
    }

    /// `page_no` and `page_size`; below 1 or left out they mean 1 and 40 (F5).
    pub(super) fn of_detail(fields: &Fields, cap: u64) -> Result<Self, WrongType> {
        let or = |name, default| -> Result<u64, WrongType> {
            // Below one may well be negative.
            let asked = fields
                .text(name)
                .map(|text| text.parse::<i64>().map_err(|_| WrongType))
                .transpose()?;
            Ok(asked
                .and_then(|asked| u64::try_from(asked).ok())
                .filter(|asked| *asked > 0)
                .unwrap_or(default))
        };
        Ok(Self {
            number: or("page_no", 1)?,
            size: or("page_size", 40)?,
            shift: 0,
        }
        .capped(cap))
    }

    /// The rows of this page out of all.
    pub(super) fn cut<T>(self, rows: impl Iterator<Item = T>) -> Vec<T> {
        let skip = (self.number - 1)
            .saturating_mul(self.size)
            .saturating_add_signed(self.shift);
        rows.skip(to_usize(skip)).take(to_usize(self.size)).collect()
    }

    pub(super) fn shifted(self, shift: i64) -> Self {
        Self { shift, ..self }
    }

    fn capped(self, cap: u64) -> Self {
        if cap == 0 {
            self
        } else {
            Self {
                size: self.size.min(cap),
                ..self
            }
        }
    }
}

/// The rows a range asks for; everything without one.
pub(super) fn cut<T>(page: Option<Page>, rows: Vec<T>) -> Vec<T> {
    match page {
        Some(page) => page.cut(rows.into_iter()),
        None => rows,
    }
}

fn whole(value: &Value) -> Option<u64> {
    as_text(value)?.parse().ok()
}

fn to_usize(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_range_is_page_and_size() {
        let page = Page::of_range(&Fields::of(json!({"range": ["2", 10]})), 0)
            .ok()
            .flatten();
        assert_eq!(cut(page, (0..25).collect()), (10..20).collect::<Vec<_>>());
        assert_eq!(cut(None, vec![1, 2]), [1, 2]);
        assert!(Page::of_range(&Fields::of(json!({"range": 2})), 0).is_err());
        assert!(Page::of_range(&Fields::of(json!({"range": [0, 10]})), 0).is_err());
    }

    #[test]
    fn detail_pages_have_defaults_and_may_be_capped() {
        let page = Page::of_detail(&Fields::of(json!({"page_no": "-1"})), 0);
        assert_eq!(
            page,
            Ok(Page {
                number: 1,
                size: 40,
                shift: 0
            })
        );
        let capped = Page::of_detail(&Fields::of(json!({"page_no": "3", "page_size": "100"})), 20);
        assert_eq!(
            capped,
            Ok(Page {
                number: 3,
                size: 20,
                shift: 0
            })
        );
    }
}
