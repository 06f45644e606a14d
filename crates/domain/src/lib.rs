//! Words, states and decisions of parceld: pure, no I/O, no clock.
//!
//! In reading order: what names what (`id`, `kind`, `endpoint`, `scope`, `class`, `lane`, `errand`), what a job
//! is (`payload`, `job`) and how it comes in (`line`, `validate`), what the vendor's answer means (`verdict`), what
//! becomes of the job (`outcome`, `transition`) and how that is decided, kind by kind (`flow`, with the `catalogue`
//! for gift orders), or by an operator (`cancel`).

pub mod audit;
pub mod cancel;
pub mod catalogue;
pub mod class;
pub mod endpoint;
pub mod errand;
pub mod flow;
pub mod id;
pub mod job;
pub mod kind;
pub mod lane;
pub mod line;
pub mod money;
pub mod outcome;
pub mod payload;
pub mod policy;
pub mod private;
pub mod retry;
pub mod scope;
pub mod state;
pub mod transition;
pub mod validate;
pub mod vendor_status;
pub mod verdict;
pub mod words;
