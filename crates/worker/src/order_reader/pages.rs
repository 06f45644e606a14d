//! The pages of one list: what they add up to, how far back they reach, and where they end.

use std::collections::BTreeMap;
use std::time::Duration;

use parceld_domain::audit::{ListedOrder, OrderList, Reach};
use parceld_vendor::{OrderPage, OrderRow};

use super::Unread;
use crate::sweeps::pass::{OLDER_MS, PAGE_ROWS, newest_ms};

/// Pages of one list: a quarter of an hour at the least, and what still fits into memory.
pub(super) const PAGES_MAX: u32 = 1_000;
/// Pages in a row on which everything was known already: new orders push rows on, and more than that pushes no page of a
/// vendor that gives the pages it is asked for (trap F1).
const KNOWN_PAGES_MAX: u32 = 5;

/// The pages of one list so far.
pub(super) struct Pass {
    since_ms: u64,
    pub(super) list: OrderList,
    rows: u64,
    /// Rows on all pages, as the last page said.
    total: u64,
    /// When the newest order of all was created, by the vendor's dates.
    newest_ms: Option<i64>,
    known_pages: u32,
    /// Whether rows may have moved past the pages unseen.
    has_gap: bool,
}

impl Pass {
    pub(super) fn new(since: Duration) -> Self {
        Pass {
            since_ms: u64::try_from(since.as_millis()).unwrap_or(u64::MAX),
            list: OrderList {
                orders: BTreeMap::new(),
                pages: 0,
                reach: Reach::Age(0),
                began_ms: 0,
            },
            rows: 0,
            total: 0,
            newest_ms: None,
            known_pages: 0,
            has_gap: false,
        }
    }

    /// The first page counts as asked for when its slot was granted.
    pub(super) fn asked_at(&mut self, now_ms: u64) {
        if self.list.pages == 0 {
            self.list.began_ms = now_ms;
        }
    }

    /// Takes a page in; answers when there is nothing more to read, with what cut it short.
    pub(super) fn take(&mut self, page: OrderPage) -> Option<Option<Unread>> {
        let rows = page.orders.len() + page.unread;
        self.list.pages += 1;
        self.rows += rows as u64;
        let total = page.total.unwrap_or_default();
        self.has_gap |= total < self.total || page.unread > 0;
        self.total = total;
        let newest_ms = newest_ms(page.orders.iter().map(|row| row.created_ms));
        if self.list.pages == 1 {
            self.newest_ms = newest_ms;
        }
        let known = self.list.orders.len();
        let listed = page.orders.into_iter().map(listed);
        self.list
            .orders
            .extend(listed.map(|order| (order.order_sn.clone(), order)));
        let is_known = self.list.orders.len() == known;
        self.known_pages = if is_known { self.known_pages + 1 } else { 0 };
        // Counted, for a vendor may give fewer rows a page than it is asked for (traps F1 and F2).
        let is_short = rows < PAGE_ROWS as usize;
        if rows == 0 || (is_short && page.total.is_none_or(|total| self.rows >= total)) {
            self.reach(Reach::Whole);
            return Some(None);
        }
        let age_ms = self.age_ms(newest_ms);
        self.reach(Reach::Age(age_ms));
        if age_ms > self.since_ms {
            return Some(None);
        }
        if self.known_pages == KNOWN_PAGES_MAX {
            self.reach(Reach::Age(0));
            return Some(Some(Unread::Repeats));
        }
        (self.list.pages == PAGES_MAX).then_some(Some(Unread::TooMany))
    }

    /// How old an order may be at most to stand on this page or before it. The vendor's clock and zone are not ours, so its
    /// dates are compared with each other: the newest order is no younger than now. An hour is left for rows that are
    /// not quite in order.
    fn age_ms(&self, newest_ms: Option<i64>) -> u64 {
        let behind = |at_ms: i64| self.newest_ms?.checked_sub(at_ms)?.checked_sub(OLDER_MS);
        let age_ms = newest_ms.and_then(behind).unwrap_or_default();
        u64::try_from(age_ms).unwrap_or_default()
    }

    fn reach(&mut self, reach: Reach) {
        self.list.reach = if self.has_gap { Reach::Age(0) } else { reach };
    }
}

fn listed(row: OrderRow) -> ListedOrder {
    ListedOrder {
        order_sn: row.order_sn,
        remark: row.remark.unwrap_or_default(),
        status: row.status,
        total_price: row.total_price,
    }
}

#[cfg(test)]
mod tests {
    use parceld_domain::id::Id;
    use parceld_domain::vendor_status::VendorStatus;

    use super::*;

    const HOUR_MS: i64 = OLDER_MS;
    const NEWEST_MS: i64 = 1_700_000_000_000;
    const DAY: Duration = Duration::from_secs(86_400);

    /// A full page, or one of so many rows, whose orders are numbered on and so many hours older than the newest.
    fn page(first: usize, rows: usize, hours: i64, total: u64) -> OrderPage {
        let row = |number: usize| OrderRow {
            id: Id::default(),
            order_sn: number.to_string().into(),
            remark: None,
            total_price: None,
            status: VendorStatus::Shipped,
            packages: None,
            created_ms: Some(NEWEST_MS - hours * HOUR_MS),
        };
        OrderPage {
            unread: 0,
            orders: (first..first + rows).map(row).collect(),
            total: Some(total),
        }
    }

    fn goes_on(pass: &mut Pass, page: OrderPage) -> bool {
        pass.take(page).is_none()
    }

    #[test]
    fn a_list_that_is_read_to_its_end_reaches_every_order() {
        let mut pass = Pass::new(DAY);
        assert!(goes_on(&mut pass, page(0, 100, 0, 150)));
        assert!(matches!(pass.take(page(100, 50, 1, 150)), Some(None)));
        assert_eq!((pass.list.reach, pass.list.orders.len()), (Reach::Whole, 150));
    }

    #[test]
    fn a_vendor_that_gives_few_rows_a_page_is_read_on() {
        let mut pass = Pass::new(DAY);
        assert!(goes_on(&mut pass, page(0, 40, 0, 80)));
        assert!(matches!(pass.take(page(40, 40, 0, 80)), Some(None)));
        assert_eq!(pass.list.reach, Reach::Whole);
    }

    #[test]
    fn a_page_that_is_older_than_asked_for_by_an_hour_ends_the_list() {
        let mut pass = Pass::new(DAY);
        assert!(goes_on(&mut pass, page(0, 100, 0, 9_000)));
        assert!(goes_on(&mut pass, page(100, 100, 25, 9_000)));
        assert!(matches!(pass.take(page(200, 100, 26, 9_000)), Some(None)));
        assert_eq!(pass.list.reach, Reach::Age(25 * HOUR_MS.unsigned_abs()));
    }

    #[test]
    fn rows_that_vanish_from_the_list_may_have_moved_others_past_its_pages() {
        let mut pass = Pass::new(DAY);
        assert!(goes_on(&mut pass, page(0, 100, 0, 150)));
        pass.take(page(100, 49, 0, 149));
        assert_eq!(pass.list.reach, Reach::Age(0));
    }

    #[test]
    fn a_vendor_that_shows_one_page_for_ever_is_not_read_for_ever() {
        let mut pass = Pass::new(DAY);
        let pages = (1..=PAGES_MAX).find_map(|pages| Some((pages, pass.take(page(0, 100, 0, 9_000))?)));
        assert!(matches!(pages, Some((6, Some(Unread::Repeats)))), "{pages:?}");
        assert_eq!(pass.list.reach, Reach::Age(0));
    }

    #[test]
    fn more_pages_than_are_read_at_once_are_told_and_count_as_far_as_they_reach() {
        let mut pass = Pass::new(30 * DAY);
        let cut = (0..PAGES_MAX as usize).find_map(|number| {
            let hours = i64::try_from(number / 10).unwrap();
            pass.take(page(100 * number, 100, hours, 1_000_000))
        });
        assert!(matches!(cut, Some(Some(Unread::TooMany))), "{cut:?}");
        assert_eq!(pass.list.reach, Reach::Age(98 * HOUR_MS.unsigned_abs()));
    }
}
