//! How far a pass has come: what its pages leave for those behind them.

use parceld_domain::flow::Gap;
use parceld_store::ErrandClaim;
use serde::{Deserialize, Serialize};

use super::kept_refusals;
use super::pass::{OLDER_MS, Page};

/// What the pages of a pass leave for those behind them.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Kept {
    /// Rows so far.
    pub(super) rows: u64,
    /// Those of them that could not be read.
    unread: u64,
    /// Rows on all pages, as the last page that had any said.
    total: Option<u64>,
    /// How long before now the newest row of the first page was created, by the vendor's dates.
    behind_ms: Option<i64>,
}

impl Kept {
    /// With this page read.
    pub(super) fn after(claim: &ErrandClaim, page: &Page, now_ms: u64) -> Self {
        let (_, kept) = kept_refusals(&claim.kept);
        let before: Kept = match claim.page {
            1 => Kept {
                behind_ms: page.newest_ms.and_then(|newest_ms| age_ms(newest_ms, now_ms)),
                ..Kept::default()
            },
            _ => serde_json::from_str(kept).unwrap_or_default(),
        };
        Kept {
            rows: before.rows + page.rows as u64,
            unread: before.unread + page.unread as u64,
            total: if page.rows > 0 { page.total } else { before.total },
            ..before
        }
    }

    /// Why the pass, should it end behind this page, proves no absence by itself.
    pub(super) fn gap(&self, page: &Page) -> Option<Gap> {
        // A list that says it has rows and shows none of them is no answer.
        if self.unread > 0 || (self.rows == 0 && page.total.unwrap_or(0) > 0) {
            return Some(Gap::Unreadable);
        }
        let missing = self.total.max(page.total)?.saturating_sub(self.rows);
        (page.rows == 0 && missing > 0).then_some(Gap::Short(missing))
    }

    /// Whether a page whose newest row is from `newest_ms` lies wholly before `since_ms`. The vendor's clock and zone
    /// are not ours: its dates are compared with each other. The newest row of all is no younger than now, so that what
    /// was created since lies at most as far behind it as `since_ms` lies behind now.
    pub(super) fn is_before(&self, newest_ms: i64, since_ms: u64) -> bool {
        let (Some(behind_ms), Ok(since_ms)) = (self.behind_ms, i64::try_from(since_ms)) else {
            return false;
        };
        newest_ms.saturating_add(OLDER_MS).saturating_add(behind_ms) < since_ms
    }
}

fn age_ms(at_ms: i64, now_ms: u64) -> Option<i64> {
    i64::try_from(now_ms).ok()?.checked_sub(at_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_MS: i64 = OLDER_MS;
    const NOW_MS: i64 = 1_700_000_000_000;

    /// Whether a page is old for an intent of a minute ago, its newest row being so old and the newest of all so old.
    pub(super) fn is_before(newest_age_ms: i64, behind_ms: i64) -> bool {
        let kept = Kept {
            behind_ms: Some(behind_ms),
            ..Kept::default()
        };
        kept.is_before(NOW_MS - newest_age_ms, u64::try_from(NOW_MS - 60_000).unwrap())
    }

    #[test]
    fn a_page_is_old_by_the_vendors_own_dates_whatever_its_clock_says() {
        for skew_ms in [-13 * HOUR_MS, -2 * HOUR_MS, 0, 2 * HOUR_MS, 8 * HOUR_MS] {
            assert!(!is_before(skew_ms, skew_ms), "the first page is never old");
            assert!(!is_before(skew_ms + HOUR_MS, skew_ms));
            assert!(is_before(skew_ms + HOUR_MS + 60_001, skew_ms));
        }
    }

    #[test]
    fn a_pass_whose_first_page_tells_no_age_goes_on() {
        assert!(!Kept::default().is_before(0, 1_700_000_000_000));
    }

    #[test]
    fn a_pass_has_a_gap_where_rows_are_unread_or_its_total_is_not_reached() {
        let page = |rows, unread, total| Page {
            rows,
            unread,
            total,
            newest_ms: None,
            concerned: 0,
        };
        let kept = |rows, unread, total| Kept {
            rows,
            unread,
            total,
            behind_ms: None,
        };
        for (kept, page, gap) in [
            (kept(0, 0, None), page(0, 0, Some(0)), None),
            (kept(0, 0, None), page(0, 0, Some(3)), Some(Gap::Unreadable)),
            (kept(5, 1, Some(5)), page(5, 1, Some(5)), Some(Gap::Unreadable)),
            (kept(5, 1, Some(9)), page(0, 0, Some(9)), Some(Gap::Unreadable)),
            (kept(5, 0, Some(5)), page(5, 0, Some(5)), None),
            (kept(5, 0, Some(7)), page(0, 0, Some(0)), Some(Gap::Short(2))),
            (kept(5, 0, Some(4)), page(0, 0, Some(9)), Some(Gap::Short(4))),
            (kept(5, 0, None), page(0, 0, None), None),
        ] {
            assert_eq!(kept.gap(&page), gap, "{kept:?}");
        }
    }
}
