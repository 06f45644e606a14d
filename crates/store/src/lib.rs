//! Everything parceld keeps in Redis; the only crate that names `redis`.
//!
//! One atomic move per file in `lua/`, one method of [`Store`] below it. Rust decides, Lua moves. Every move may be
//! repeated: a reply can be lost after its script ran.

mod audit;
mod call;
mod claim;
mod clock;
mod connect;
mod denial;
mod enqueue;
mod errands;
mod error;
mod help;
mod inbox;
mod jobs;
mod link;
#[cfg(feature = "effect-points")]
mod lost_reply;
mod moves;
mod namespace;
mod operator;
mod pace;
mod place;
mod read_slot;
mod reply;
mod sentinel;
mod settings;
mod stats;
mod upkeep;
mod wake;

pub use audit::{Audit, FINDINGS_MAX, OrdersAudit, Repair};
pub use call::{Begin, Begun};
pub use claim::{Claimed, ErrandClaim, Grant, JobClaim};
pub use connect::Store;
pub use enqueue::{Enqueued, NewJob};
pub use errands::{Loaded, Turn, Watcher};
pub use error::StoreError;
pub use inbox::{InboxLine, InboxWait};
pub use jobs::{JobFilter, JobRecord};
#[cfg(feature = "effect-points")]
pub use lost_reply::lose_next_reply;
pub use operator::Operated;
pub use pace::Pace;
pub use read_slot::{ReadSlot, Slot};
pub use reply::Unreadable;
pub use settings::{SentinelSettings, StoreSettings};
pub use stats::{ParkedScope, Stats};
pub use wake::Wakes;
