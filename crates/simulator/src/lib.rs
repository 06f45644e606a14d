#![doc = include_str!("../README.md")]

mod body;
mod call;
mod clock;
mod control;
mod endpoint;
mod endpoints;
mod facts;
mod faults;
mod fields;
mod form;
mod ledger;
mod options;
mod reply;
mod server;
mod state;
mod world;

pub use options::{LinkShape, Options};
pub use server::serve;
