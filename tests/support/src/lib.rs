//! What parceld's test rings share: a Redis, processes, the simulator, bounded waits, and for those that attack the
//! real binary a [`World`] of its own with jobs and judges.
//!
//! Which Redis they run on is decided once a process, by `PARCELD_TEST_REDIS_URL`, `PARCELD_TEST_REDIS` and
//! `PARCELD_TEST_REDIS_IMAGE`: see [`Redis`].

mod arrivals;
mod container;
mod crew;
pub mod jobs;
pub mod judge;
mod patience;
mod private_redis;
mod process;
mod proxy;
mod random;
mod redis;
mod simulator;
mod watched_redis;
mod world;

pub use arrivals::Arrivals;
pub use crew::Crew;
pub use parceld_harness::{Host, Lan, Mutation, Persistence, Signal, mutated};
pub use patience::wait_until;
pub use private_redis::PrivateRedis;
pub use process::Process;
pub use proxy::Proxy;
pub use random::Random;
pub use redis::Redis;
pub use simulator::Simulator;
pub use watched_redis::WatchedRedis;
pub use world::{BOUND, World, acknowledged};
