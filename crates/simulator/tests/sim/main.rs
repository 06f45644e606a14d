//! The stand-in over its wire: every endpoint, every fault, the ledger and the control routes.

mod catalogue;
mod control;
mod distortions;
mod erp;
mod faults;
mod gift;
mod ledger;
mod wire;
