//! Puts work into parceld.
