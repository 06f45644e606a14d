//! A stateful stand-in for the vendor.
