//! Words, states and decisions of parceld: pure, no I/O, no clock.
