//! Processes and Redis servers of one's own, which never outlive their owner.
//! Standard library only: `cargo xtask` builds this first, and must be there in seconds.

mod guard;
mod host;
mod http;
mod lan;
mod mutation;
mod patience;
mod process;
mod redis_binary;
mod redis_server;
mod redis_wire;

pub use guard::Guard;
pub use host::Host;
pub use http::http_request;
pub use lan::Lan;
pub use mutation::{Mutation, mutated};
pub use patience::wait_until;
pub use process::{Process, Signal};
pub use redis_binary::{RedisBinary, RedisSearch};
pub use redis_server::{Persistence, RedisServer, free_port};
pub use redis_wire::{redis_command, redis_command_at};
