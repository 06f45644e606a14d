//! The moves ring: every Lua move on a real Redis, one namespace a test.

mod bed;
mod life;
