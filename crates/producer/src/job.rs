//! A job as a caller builds it, checked when it is enqueued.

use parceld_domain::line::{JobLine, LineError};
use parceld_domain::payload::{
    DouyinShip, GiftCancel, GiftOrder, LogisticsSync, OrdersSync, Payload, TaobaoShip,
};

/// A job to enqueue: a payload, perhaps a key, perhaps a moment before which nothing happens.
#[derive(Debug, Clone)]
pub struct Job {
    payload: Payload,
    key: Option<String>,
    due_ms: Option<u64>,
}

impl Job {
    /// Ships one Taobao trade.
    #[must_use]
    pub const fn taobao_ship(ship: TaobaoShip) -> Self {
        Job::new(Payload::TaobaoShip(ship))
    }

    /// Ships one Douyin order; orders of one shop share calls.
    #[must_use]
    pub const fn douyin_ship(ship: DouyinShip) -> Self {
        Job::new(Payload::DouyinShip(ship))
    }

    /// Creates, pays and follows one gift order; needs a key or the payload's `remark`.
    #[must_use]
    pub const fn gift_order(order: GiftOrder) -> Self {
        Job::new(Payload::GiftOrder(order))
    }

    /// Cancels one gift package.
    #[must_use]
    pub const fn gift_cancel(cancel: GiftCancel) -> Self {
        Job::new(Payload::GiftCancel(cancel))
    }

    /// Fetches orders by number; numbers of one owner share calls.
    #[must_use]
    pub const fn orders_sync(sync: OrdersSync) -> Self {
        Job::new(Payload::OrdersSync(sync))
    }

    /// Fetches a shop's logistics orders, all pages.
    #[must_use]
    pub const fn logistics_sync(sync: LogisticsSync) -> Self {
        Job::new(Payload::LogisticsSync(sync))
    }

    /// A job of any kind.
    #[must_use]
    pub const fn new(payload: Payload) -> Self {
        Job {
            payload,
            key: None,
            due_ms: None,
        }
    }

    /// With the key that makes it unique within its kind; without one it is made from what identifies the work.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Not before this moment, in Unix milliseconds; a moment in the past means now.
    #[must_use]
    pub const fn run_at_ms(mut self, due_ms: u64) -> Self {
        self.due_ms = Some(due_ms);
        self
    }

    /// The job as the line that it stands for: checked, with its key.
    ///
    /// # Errors
    /// The first field that cannot be taken as it is.
    pub fn check(self) -> Result<JobLine, LineError> {
        JobLine::new(self.payload, self.key, self.due_ms)
    }
}
