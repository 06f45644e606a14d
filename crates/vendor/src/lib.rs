//! The vendor's HTTP API: typed calls in, typed replies or a `Refusal` out. The only crate that names reqwest.
//!
//! In reading order: `settings` and `vendor` (what a caller holds), `endpoints` (the table of paths, encodings and
//! fields; one file a call), `call` (one call from fields to reply), then what a call is made of: `route`,
//! `fields`, `exchange`, `dial`, `leave`, `envelope`, `lenient`, `classify`. `codes` is the table of codes, `explain` reads it out.

mod call;
mod china_time;
mod classify;
mod client;
mod codes;
mod dial;
mod endpoints;
mod envelope;
mod exchange;
mod explain;
mod fields;
mod leave;
mod lenient;
mod message;
mod route;
mod settings;
mod vendor;

pub use endpoints::{
    Created, DetailPage, DetailQuery, DouyinShipped, ENDPOINTS, EndpointSpec, ItemAnswer, LogisticsRow,
    OrderFilter, OrderPage, OrderRow, OrdersPage, PackageFilter, PackagePage, PackageRow, Product,
    ProductDetails, Products, Sent, Warehouse,
};
pub use explain::{Explanation, explain};
pub use leave::{TooLate, leaving_by};
pub use settings::{Encoding, EndpointOverride, VendorError, VendorSettings};
pub use vendor::Vendor;
