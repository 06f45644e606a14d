//! The commands as an operator types them: the real binary on a real Redis.

mod audit;
mod audit_vendor;
mod bed;
mod enqueue;
mod inspect;
mod operate;
mod redis;
mod settings;
mod work;
