//! A slot of the account's bucket without a job: for a read that somebody asks for by hand.

use std::time::Instant;

use parceld_domain::endpoint::Endpoint;
use parceld_domain::scope::Scope;
use redis::Value;

use crate::clock::Reading;
use crate::connect::Store;
use crate::error::StoreError;
use crate::pace::{Pace, Spread, millis};
use crate::reply::Reply;

/// The answer to the wish for one read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadSlot {
    /// One call may leave.
    Granted(Slot),
    /// None is free: ask again after this time.
    NotBefore {
        /// Milliseconds.
        wait_ms: u64,
    },
    /// Nothing is sent while this scope is parked.
    Parked(Scope),
}

/// When one call may leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// When Redis granted it, on this machine's monotonic clock.
    pub made: Instant,
    /// When the call may leave, on this machine's monotonic clock.
    pub slot: Instant,
    /// Until when it may leave, as it stands on record.
    pub leave_by: Instant,
    /// Redis's time of the grant, Unix milliseconds.
    pub now_ms: u64,
}

impl Store {
    /// Asks for the slot of one read of this endpoint: once a second at most and a tenth of the limit, for all who ask.
    ///
    /// # Errors
    /// `Unreachable` or `Full`: ask again. What a lost answer granted is spent.
    pub async fn read_slot(&self, endpoint: Endpoint, pace: Pace) -> Result<ReadSlot, StoreError> {
        let spread_us = match self.spread(pace).await? {
            Spread::Known(spread_us) => spread_us,
            Spread::NotBefore(wait_ms) => return Ok(ReadSlot::NotBefore { wait_ms }),
        };
        let args = [
            self.settings().per_second.to_string(),
            pace.lead_us.to_string(),
            spread_us.to_string(),
            Scope::Account.to_string(),
            Scope::Endpoint(endpoint).to_string(),
        ];
        let sent = Instant::now();
        let items: Vec<Value> = self.moves().read_slot.run(self, &args).await?;
        let mut reply = Reply::new("read_slot", items);
        let kind = reply.text()?;
        let now_us = reply.number()?;
        let reading = self.clock().learn(sent, now_us);
        match kind.as_str() {
            "parked" => return Ok(ReadSlot::Parked(reply.word()?)),
            "wait" => {
                let wait_ms = reply.number()?;
                return Ok(ReadSlot::NotBefore { wait_ms });
            }
            _ => {}
        }
        let slot = self.clock().instant(reply.number()?);
        let spread_us = reply.number()?;
        Ok(match self.clock().silence() {
            // As for a claim: calls of the time before leave closer to this one than Redis's record says.
            Some(silence) if reading == Reading::SetForward => ReadSlot::NotBefore {
                wait_ms: millis(silence),
            },
            _ => ReadSlot::Granted(Slot {
                made: self.clock().instant(now_us),
                slot,
                leave_by: self.leave_by(slot, spread_us),
                now_ms: now_us / 1000,
            }),
        })
    }
}
