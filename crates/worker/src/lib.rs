//! Gets parceld's work done.
