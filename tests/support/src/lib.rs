//! What parceld's test rings share: a Redis, processes, bounded waits.
