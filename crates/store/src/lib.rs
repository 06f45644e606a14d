//! Everything parceld keeps in Redis.
