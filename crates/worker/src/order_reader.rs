//! Reading the vendor's gift orders without a job, beside workers at work: each page in a slot of the account's bucket.

mod pages;

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use parceld_domain::audit::OrderList;
use parceld_domain::endpoint::Endpoint;
use parceld_domain::id::Id;
use parceld_domain::scope::Scope;
use parceld_domain::verdict::{Refusal, Verdict};
use parceld_store::{ReadSlot, Slot, Store, StoreError};
use parceld_vendor::{OrderFilter, OrderPage, Vendor};

use self::pages::{PAGES_MAX, Pass};
use crate::slot::{self, Leave};
use crate::sweeps::pass::PAGE_ROWS;

/// Tries of one page.
const TRIES_MAX: u32 = 5;
/// How long Redis may stay away, and the pause between two tries.
const REDIS_WITHIN: Duration = Duration::from_secs(5);
const REDIS_PAUSE: Duration = Duration::from_millis(200);
/// How long workers may have all the slots.
const SLOT_WITHIN: Duration = Duration::from_secs(60);

/// Reads the vendor's gift orders.
#[derive(Debug)]
pub struct OrderReader {
    store: Store,
    vendor: Vendor,
    lead_us: AtomicU64,
}

/// A list, and what ended it too early.
#[derive(Debug)]
pub struct Listing {
    /// What was read; only of what it reaches absence tells anything.
    pub list: OrderList,
    /// Why it was not read to where it should.
    pub cut: Option<Unread>,
}

/// Why the vendor could not be read.
#[derive(Debug)]
pub enum Unread {
    /// Nothing is sent while this scope is parked.
    Parked(Scope),
    /// The vendor refused, or did not answer clearly as often as it was tried.
    Refused(Refusal),
    /// No slot came, or each was missed; with the last cause.
    NoSlot(String),
    /// There are more pages than are read at once.
    TooMany,
    /// Pages repeat what those before them showed.
    Repeats,
    /// Redis, which grants the slots.
    Store(StoreError),
}

impl OrderReader {
    /// Reads by the slots of this store and the calls of this vendor.
    #[must_use]
    pub fn new(store: Store, vendor: Vendor) -> Self {
        OrderReader {
            store,
            vendor,
            lead_us: AtomicU64::new(slot::LEAD_FIRST_US),
        }
    }

    /// The orders of so long ago and since, newest first; `read` is told of every page how many orders there are by then.
    pub async fn list(&self, since: Duration, mut read: impl FnMut(u32, usize)) -> Listing {
        let mut pass = Pass::new(since);
        let cut = loop {
            let page = match self.page(pass.list.pages + 1, &OrderFilter::default()).await {
                Ok((page, now_ms)) => {
                    pass.asked_at(now_ms);
                    page
                }
                Err(unread) => break Some(unread),
            };
            let ended = pass.take(page);
            read(pass.list.pages, pass.list.orders.len());
            if let Some(cut) = ended {
                break cut;
            }
        };
        Listing { list: pass.list, cut }
    }

    /// Whether the vendor shows the order of this number when it is asked for it alone.
    ///
    /// # Errors
    /// When it could not be asked.
    pub async fn is_shown(&self, order_sn: &Id) -> Result<bool, Unread> {
        let filter = OrderFilter {
            order_sn: Some(order_sn.clone()),
            source: None,
        };
        let (page, _) = self.page(1, &filter).await?;
        Ok(page.orders.iter().any(|row| row.order_sn == *order_sn))
    }

    /// One page and Redis's time of its slot. A read may be repeated: what was not sent, and what had no clear answer.
    async fn page(&self, page: u32, filter: &OrderFilter) -> Result<(OrderPage, u64), Unread> {
        let mut tries = 0;
        loop {
            tries += 1;
            let slot = self.slot().await?;
            let leave = Leave::of_read(&slot, self.store.settings().per_second);
            slot::learn(&self.lead_us, slot.made);
            let call = async {
                leave.wait().await?;
                leave
                    .in_time(self.vendor.get_order_list(page, PAGE_ROWS, filter))
                    .await
            };
            let (unread, may_pass) = match call.await {
                Ok(Ok(read)) => return Ok((read, slot.now_ms)),
                Ok(Err(refusal)) => {
                    let may_pass = matches!(refusal.verdict, Verdict::NotSent | Verdict::Retryable);
                    (Unread::Refused(refusal), may_pass)
                }
                Err(missed) => (Unread::NoSlot(missed.to_string()), true),
            };
            if tries == TRIES_MAX || !may_pass {
                return Err(unread);
            }
            tracing::debug!(page, %unread, "the page is read again");
        }
    }

    async fn slot(&self) -> Result<Slot, Unread> {
        let until = Instant::now() + SLOT_WITHIN;
        let mut redis_until = Instant::now() + REDIS_WITHIN;
        loop {
            let pace = slot::pace(&self.lead_us, &self.vendor);
            match self.store.read_slot(Endpoint::GetOrderList, pace).await {
                Err(error) if error.is_passing() && Instant::now() < redis_until => {
                    tokio::time::sleep(REDIS_PAUSE).await;
                }
                Err(error) => return Err(error.into()),
                Ok(ReadSlot::Granted(slot)) => return Ok(slot),
                Ok(ReadSlot::Parked(scope)) => return Err(Unread::Parked(scope)),
                Ok(ReadSlot::NotBefore { wait_ms }) => {
                    let wait = Duration::from_millis(wait_ms);
                    if Instant::now() + wait > until {
                        return Err(Unread::NoSlot(format!("none was free for {SLOT_WITHIN:?}")));
                    }
                    tokio::time::sleep(wait).await;
                    redis_until = Instant::now() + REDIS_WITHIN;
                }
            }
        }
    }
}

impl From<StoreError> for Unread {
    fn from(error: StoreError) -> Self {
        Unread::Store(error)
    }
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unread::Parked(scope) => write!(f, "{scope} is parked, so nothing is sent; see `parceld stats`"),
            Unread::Refused(refusal) => write!(f, "{}; {}", refusal.msg, refusal.advice),
            Unread::NoSlot(why) => write!(
                f,
                "no call could leave in its slot: {why}; try again when the workers or this machine are less busy"
            ),
            Unread::TooMany => write!(
                f,
                "there are more than {PAGES_MAX} pages since then; give a shorter --since"
            ),
            Unread::Repeats => f.write_str("the vendor shows the same orders on page after page"),
            Unread::Store(error) => error.fmt(f),
        }
    }
}
