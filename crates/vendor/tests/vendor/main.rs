//! The client against a bare TCP server: what leaves on the wire, and what is made of whatever comes back.

#![allow(clippy::unwrap_used, reason = "a test ends where it is surprised")]

mod faults;
mod hostile;
mod payloads;
mod requests;
mod samples;
mod server;
mod settings;
