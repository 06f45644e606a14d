//! Gets work done: claims calls, makes them, settles what became of their jobs.
//!
//! In reading order: `run` puts the loops together; `claims` asks for one call after the other; `backend` hands them
//! to apalis; `execute` is the life of a call with jobs, `calls` the part of it that each kind has of its own;
//! `sweeps` are the errands. `lease`, `slot` and `insist` are what a call leans on, and
//! `effect_point` marks where the tests strike it. `order_reader` is for an audit: the same slots, no job.

mod backend;
mod calls;
mod catalogue;
mod claims;
#[cfg(not(feature = "effect-points"))]
mod effect_point;
#[cfg(feature = "effect-points")]
pub mod effect_point;
mod execute;
mod heal;
mod insist;
mod lease;
mod order_reader;
mod run;
mod settings;
mod slot;
mod sweeps;
mod upkeep;
mod wake;

pub use order_reader::{Listing, OrderReader, Unread};
pub use run::run;
pub use settings::WorkerSettings;
