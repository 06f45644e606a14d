//! A time that is known only from outside.

/// A time on Redis's clock, Unix milliseconds, as exactly as it can be known from outside: between two readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: u64,
    pub(super) to: u64,
}

impl Span {
    pub(super) const PAST: Span = Span { from: 1, to: 1 };
    /// Open: whatever Redis says, or not at all.
    pub(super) const ANY: Span = Span {
        from: 0,
        to: u64::MAX,
    };
    /// Open: whatever Redis says.
    pub(super) const SOME: Span = Span {
        from: 1,
        to: u64::MAX,
    };

    pub(super) fn at(ms: u64) -> Self {
        Span { from: ms, to: ms }
    }

    pub(super) fn holds(self, ms: u64) -> bool {
        self.from <= ms && ms <= self.to
    }

    pub(super) fn plus(self, ms: u64) -> Self {
        Span {
            from: self.from.saturating_add(ms),
            to: self.to.saturating_add(ms),
        }
    }

    pub(super) fn max(self, other: Self) -> Self {
        Span {
            from: self.from.max(other.from),
            to: self.to.max(other.to),
        }
    }

    pub(super) fn min(self, other: Self) -> Self {
        Span {
            from: self.from.min(other.from),
            to: self.to.min(other.to),
        }
    }

    /// What became due in the very move that asks is due as well.
    pub(super) fn is_due(self, now: Span) -> bool {
        self.to <= now.from || self == now
    }
}
