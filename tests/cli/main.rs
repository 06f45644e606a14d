//! The commands as an operator types them: the real binary on a real Redis.
