//! The flows ring: workers, a real Redis and the simulator, whose ledger is the judge.

#![allow(clippy::unwrap_used, reason = "a flow without what it expects ends there")]

mod judge;
mod lines;
mod narrow_way;
mod world;

mod cancels;
mod douyin;
mod fault_matrix;
mod gift_orders;
mod gift_orders_broken;
mod gift_orders_refused;
mod idle;
mod late_connection;
mod limit;
mod parking;
mod parking_probes;
mod points;
mod privacy;
mod restart;
mod shared_orders;
mod stop;
mod stored_data;
mod stored_form;
mod strange_vendors;
mod syncs;
mod taobao;
mod torn_lists;
