//! How often, and from when on, an effect is looked for before it counts as not having happened.

use serde::{Deserialize, Serialize};

use super::Context;
use super::refused::are_spent;
use crate::retry;

/// Looks in vain, settle time apart, that count as absence (trap J8).
const LOOKS: u32 = 2;

/// Why a pass that showed nothing of a job proves no absence by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gap {
    /// Rows or a page of it could not be read.
    Unreadable,
    /// The list ended so many rows before its own total.
    Short(u64),
}

impl Gap {
    /// What a person is told of it.
    pub(super) fn told(self) -> String {
        match self {
            Gap::Unreadable => "rows or a page of the vendor's list could never be read".to_owned(),
            Gap::Short(rows) => {
                format!("the vendor's list never reached its own total, of late by {rows} rows")
            }
        }
    }
}

/// A look-up under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Look {
    /// A pass that began earlier proves no absence: the effect may still have been on its way.
    from_ms: u64,
    /// Looks in vain that are still needed.
    left: u32,
    /// Passes in a row that were not whole.
    not_whole: u32,
    /// By how many rows the last of them fell short of the list's own total.
    #[serde(skip_serializing_if = "Option::is_none")]
    short_by: Option<u64>,
}

impl Default for Look {
    fn default() -> Self {
        Look {
            from_ms: 0,
            left: LOOKS,
            not_whole: 0,
            short_by: None,
        }
    }
}

/// So many passes in a row were not whole that none is waited for any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unprovable;

/// What a look in vain amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Vain {
    /// It began too early to prove anything.
    TooEarly,
    /// One more look is needed, settle time from now.
    Again,
    /// The effect did not happen.
    Enough,
}

impl Look {
    /// After a call that ended without a clear answer.
    pub(super) fn after_call(ctx: &Context<'_>) -> Self {
        Look {
            from_ms: ctx.now_ms + ctx.policy.settle_time_ms,
            ..Look::default()
        }
    }

    /// After an intent whose call is not known to have ended.
    pub(super) fn after_intent(ctx: &Context<'_>) -> Self {
        Look {
            from_ms: ctx.now_ms + ctx.policy.vendor_timeout_ms + ctx.policy.settle_time_ms,
            ..Look::default()
        }
    }

    /// Later by so much.
    pub(super) fn postponed(self, by_ms: u64) -> Self {
        Look {
            from_ms: self.from_ms + by_ms,
            ..self
        }
    }

    /// From now on, because whatever was sent was sent long ago.
    pub(super) fn restarted(self, ctx: &Context<'_>) -> Self {
        Look {
            from_ms: self.from_ms.max(ctx.now_ms),
            ..Look::default()
        }
    }

    /// With one look instead of several: where the vendor itself says that nothing happened.
    pub(super) fn once(self) -> Self {
        Look { left: 1, ..self }
    }

    /// Counts a look in vain of a whole pass that began at `began_ms`.
    pub(super) fn in_vain(&mut self, began_ms: u64, ctx: &Context<'_>) -> Vain {
        if began_ms < self.from_ms {
            return Vain::TooEarly;
        }
        self.short_by = None;
        self.count(ctx)
    }

    /// Counts a look in vain of a pass that was not whole. A list that falls short of its own total by the same number of
    /// rows as the time before is taken at its word: its total is wrong, not its end. Other passes are repeated, ever
    /// later and boundedly.
    pub(super) fn not_whole(
        &mut self,
        began_ms: u64,
        gap: Gap,
        ctx: &Context<'_>,
    ) -> Result<Vain, Unprovable> {
        if began_ms < self.from_ms {
            return Ok(Vain::TooEarly);
        }
        let short_by = match gap {
            Gap::Short(rows) => Some(rows),
            Gap::Unreadable => None,
        };
        if short_by.is_some() && self.short_by == short_by {
            return Ok(self.count(ctx));
        }
        self.short_by = short_by;
        self.not_whole += 1;
        if are_spent(self.not_whole, ctx) {
            return Err(Unprovable);
        }
        self.from_ms = ctx.now_ms + retry::delay_ms(ctx.policy, self.not_whole, ctx.jitter);
        Ok(Vain::Again)
    }

    fn count(&mut self, ctx: &Context<'_>) -> Vain {
        self.not_whole = 0;
        self.left = self.left.saturating_sub(1);
        if self.left == 0 {
            return Vain::Enough;
        }
        self.from_ms = ctx.now_ms + ctx.policy.settle_time_ms;
        Vain::Again
    }

    /// How long from now until a look proves something.
    pub(super) fn delay_ms(&self, ctx: &Context<'_>) -> u64 {
        self.from_ms.saturating_sub(ctx.now_ms)
    }
}
