//! Puts work into parceld: typed and checked jobs, one by one or in bulk, and the lines of the inbox.
//!
//! A job that is enqueued again with the same payload answers the first one's id and does nothing, so a caller that
//! is in doubt enqueues again.
//!
//! ```no_run
//! use parceld_domain::payload::TaobaoShip;
//! use parceld_producer::{EnqueueError, Job, Producer};
//! use parceld_store::{Store, StoreSettings};
//!
//! # async fn ship() -> Result<(), EnqueueError> {
//! let store = Store::connect(StoreSettings::new("redis://127.0.0.1:6379/0", "parceld")).await?;
//! let producer = Producer::new(store);
//! let ship = TaobaoShip {
//!     shop_id: "123456789".into(),
//!     tid: "1692089714634374451".into(),
//!     out_sid: "YT0001".into(),
//!     company_code: "YTO".to_owned(),
//!     ..TaobaoShip::default()
//! };
//! let answer = producer.enqueue(Job::taobao_ship(ship).key("ERP-1001")).await?;
//! println!("{} is {}{}", answer.id, answer.state, if answer.duplicate { ", known before" } else { "" });
//! # Ok(())
//! # }
//! ```

mod answer;
mod inbox;
mod job;
mod producer;

pub use answer::{Answer, EnqueueError, Refusal};
pub use inbox::InboxTaken;
pub use job::Job;
pub use parceld_domain::line::{JobLine, LineError};
pub use producer::{Batch, Producer};
