//! The moves ring: every Lua move on a real Redis, one namespace a test.

#![allow(
    clippy::unwrap_used,
    reason = "a test without its Redis, or with a wrong reply, ends there"
)]

mod audit;
mod bed;
mod begin;
mod bucket;
mod claim;
mod contract;
mod due;
mod enqueue;
mod errand;
mod expire;
mod full;
mod inbox;
mod later_form;
mod life;
mod model;
mod operate;
mod park;
mod probe;
mod probed;
mod read_slot;
mod recount;
mod settle;
mod share;
mod spoilt;
mod wake;
mod walk;
