//! The crash ring: the real binary in processes of its own, killed, frozen and stopped, and its Redis with it. The
//! simulator's ledger is the judge.

mod as_shipped;
mod audited;
mod effects;
mod frozen;
mod load;
mod newer_namespace;
mod poison;
mod redis_failover;
mod redis_faults;
mod redis_gone;
mod redis_network;
mod redis_partition;
mod redis_stalled;
mod redis_unconfirmed;
mod stop;

/// The program under attack.
const PARCELD: &str = env!("CARGO_BIN_EXE_parceld");
