//! How often, and from when on, an effect is looked for before it counts as not having happened.

use serde::{Deserialize, Serialize};

use super::Context;

/// Looks in vain, settle time apart, that count as absence (trap J8).
const LOOKS: u32 = 2;

/// A look-up under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Look {
    /// A pass that began earlier proves no absence: the effect may still have been on its way.
    from_ms: u64,
    /// Looks in vain that are still needed.
    left: u32,
}

impl Default for Look {
    fn default() -> Self {
        Look {
            from_ms: 0,
            left: LOOKS,
        }
    }
}

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
            left: LOOKS,
        }
    }

    /// After an intent whose call is not known to have ended.
    pub(super) fn after_intent(ctx: &Context<'_>) -> Self {
        Look {
            from_ms: ctx.now_ms + ctx.policy.vendor_timeout_ms + ctx.policy.settle_time_ms,
            left: LOOKS,
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
            left: LOOKS,
        }
    }

    /// With one look instead of several: where the vendor itself says that nothing happened.
    pub(super) fn once(self) -> Self {
        Look { left: 1, ..self }
    }

    /// Counts a look in vain of a pass that began at `began_ms`.
    pub(super) fn in_vain(&mut self, began_ms: u64, ctx: &Context<'_>) -> Vain {
        if began_ms < self.from_ms {
            return Vain::TooEarly;
        }
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
