//! What parceld's test rings share: a Redis, processes, the simulator, bounded waits.
//!
//! Which Redis they run on is decided once a process, by `PARCELD_TEST_REDIS_URL`, `PARCELD_TEST_REDIS` and
//! `PARCELD_TEST_REDIS_IMAGE`: see [`Redis`].

mod container;
mod patience;
mod private_redis;
mod process;
mod redis;
mod simulator;

pub use parceld_harness::{Persistence, Signal};
pub use patience::wait_until;
pub use private_redis::PrivateRedis;
pub use process::Process;
pub use redis::Redis;
pub use simulator::Simulator;
