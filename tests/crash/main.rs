//! The crash ring: the real binary in processes of its own, killed, frozen and stopped, and its Redis with it. The
//! simulator's ledger is the judge.

mod crew;
mod jobs;
mod judge;
mod world;

mod effects;
