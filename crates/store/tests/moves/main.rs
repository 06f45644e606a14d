//! The moves ring: every Lua move on a real Redis, one namespace a test.

mod bed;
mod bucket;
mod claim;
mod enqueue;
mod inbox;
mod life;
mod share;
