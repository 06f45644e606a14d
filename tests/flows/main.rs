//! The flows ring: a worker, a real Redis and the simulator, whose ledger is the judge.

mod world;

mod gift_orders;
mod shipping;
