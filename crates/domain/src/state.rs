//! Where a job is in its life (`State`) and where in its work (`Step`).

/// A job is in exactly one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// In its lane; the next claim of that lane may take it.
    Ready,
    /// Due later: a delayed job, or a retry.
    Scheduled,
    /// Leased by a worker for one call.
    Running,
    /// Waits for an errand's answer: packages of a paid order, or the look-up of an unknown outcome.
    Waiting,
    /// Its own answer met a block; goes on when the scope is resumed.
    Parked,
    /// Ended well; `result` is complete.
    Done,
    /// Ended badly; `code`, `msg`, `class` and `advice` say why.
    Failed,
    /// Ended by an operator before anything was sent.
    Cancelled,
}

crate::words!(State, "state", {
    Ready => "ready",
    Scheduled => "scheduled",
    Running => "running",
    Waiting => "waiting",
    Parked => "parked",
    Done => "done",
    Failed => "failed",
    Cancelled => "cancelled",
});

impl State {
    /// Whether nothing more happens to the job by itself.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, State::Done | State::Failed | State::Cancelled)
    }
}

/// What a job does next; each step is one call, or the wait for one errand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// Taobao: `send`.
    Send,
    /// Taobao: `detail` by tid, to settle an unknown `send`.
    Verify,
    /// Douyin: `dy-ship-free`, alone or in a batch.
    Ship,
    /// Gift order: `order-create`.
    Create,
    /// Gift order: wait for the `orders` errand to find our remark, or to look in vain.
    Find,
    /// Gift order: wait for the `packages` errand to name the vendor order id of a found order.
    Identify,
    /// Gift order: `submit-payment`.
    Pay,
    /// Gift order or cancel: wait for the `packages` errand to settle an unknown payment or cancellation.
    Confirm,
    /// Gift order: paid; wait for the `packages` errand to bring waybills.
    Poll,
    /// Gift cancel: `get-package-cancel`.
    Cancel,
    /// Sync: the next call of `mpaging-orders` or the next page of `detail`.
    Fetch,
}

crate::words!(Step, "step", {
    Send => "send",
    Verify => "verify",
    Ship => "ship",
    Create => "create",
    Find => "find",
    Identify => "identify",
    Pay => "pay",
    Confirm => "confirm",
    Poll => "poll",
    Cancel => "cancel",
    Fetch => "fetch",
});
