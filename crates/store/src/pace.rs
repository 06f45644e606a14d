//! When a call may leave: what of the way from its slot to its first byte is not certain stands on record with the slot.

use std::time::{Duration, Instant};

use crate::connect::Store;
use crate::error::StoreError;

/// An uncertainty beyond what the record can hold (bucket.lua, LEAD_MAX): no call can be placed.
const UNCERTAIN_MAX: Duration = Duration::from_secs(1);
/// Room for what the clocks drift apart between the asking and the answer.
const DRIFT_US: u64 = 500;
/// Readings of a clock that was never read: the quickest counts.
const FIRST_READINGS: usize = 3;

/// What a worker knows of the time between a claim and its call's first byte, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pace {
    /// What it needs until it is ready to send.
    pub lead_us: u64,
    /// How much later than its slot the call may leave, because a connection has to be made first.
    pub dial_us: u64,
}

/// How much later than its slot a call may leave.
pub(crate) enum Spread {
    /// Microseconds.
    Known(u64),
    /// No call can be placed in time before this has passed, milliseconds.
    NotBefore(u64),
}

impl Store {
    /// What a claim made now asks for; Redis's clock is read first where too little is known of it.
    pub(crate) async fn spread(&self, pace: Pace) -> Result<Spread, StoreError> {
        if self.settings().per_second == 0 {
            return Ok(Spread::Known(0));
        }
        if self.clock().wants_asking() {
            let is_new = self.clock().uncertainty().is_none();
            for _ in 0..if is_new { FIRST_READINGS } else { 1 } {
                self.read_clock().await?;
            }
        }
        if let Some(silence) = self.clock().silence() {
            return Ok(Spread::NotBefore(millis(silence)));
        }
        Ok(match self.clock().uncertainty() {
            Some(uncertainty) if uncertainty < UNCERTAIN_MAX => {
                let uncertain_us = u64::try_from(uncertainty.as_micros()).unwrap_or(u64::MAX);
                Spread::Known(uncertain_us + DRIFT_US + pace.dial_us)
            }
            _ => Spread::NotBefore(millis(UNCERTAIN_MAX)),
        })
    }

    /// Until when a call may leave with whose slot this spread stands on record.
    pub(crate) fn leave_by(&self, slot: Instant, spread_us: u64) -> Instant {
        let spread = Duration::from_micros(spread_us);
        let uncertainty = self.clock().uncertainty().unwrap_or_default();
        (slot + spread).checked_sub(uncertainty).unwrap_or(slot)
    }

    /// Redis's time asked for anew, Unix milliseconds.
    ///
    /// # Errors
    /// `Unreachable` when Redis does not answer.
    pub async fn ask_now_ms(&self) -> Result<u64, StoreError> {
        Ok(self.now_us().await? / 1000)
    }

    async fn read_clock(&self) -> Result<(), StoreError> {
        let sent = Instant::now();
        let now_us = self.now_us().await?;
        self.clock().learn(sent, now_us);
        Ok(())
    }

    async fn now_us(&self) -> Result<u64, StoreError> {
        let ((seconds, micros),): ((u64, u64),) = self.ask("TIME", redis::pipe().cmd("TIME")).await?;
        Ok(seconds * 1_000_000 + micros)
    }
}

pub(crate) fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
