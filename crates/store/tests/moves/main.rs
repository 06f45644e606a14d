//! The moves ring: every Lua move on a real Redis, one namespace a test.

mod bed;
mod begin;
mod bucket;
mod claim;
mod due;
mod enqueue;
mod errand;
mod expire;
mod full;
mod inbox;
mod life;
mod operate;
mod park;
mod probe;
mod settle;
mod share;
