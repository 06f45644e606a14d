//! Reading long keys and the keyspace in pieces, none of which holds Redis up.

use crate::connect::Store;
use crate::error::StoreError;

/// Members asked for in one round trip.
const PIECE: usize = 500;

/// A place in an iteration of Redis's: what stands there all the while is met at least once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cursor(Option<u64>);

impl Cursor {
    pub(super) const START: Cursor = Cursor(Some(0));

    pub(super) const fn is_at_end(self) -> bool {
        self.0.is_none()
    }
}

impl Store {
    /// The next members of a sorted set, without their scores.
    pub(super) async fn scan_sorted(
        &self,
        key: &str,
        cursor: &mut Cursor,
    ) -> Result<Vec<String>, StoreError> {
        let pairs: Vec<String> = self.scan("ZSCAN", Some(key), None, cursor).await?;
        Ok(pairs.into_iter().step_by(2).collect())
    }

    /// The next fields of a hash, without their values.
    pub(super) async fn scan_hash(&self, key: &str, cursor: &mut Cursor) -> Result<Vec<String>, StoreError> {
        let pairs: Vec<String> = self.scan("HSCAN", Some(key), None, cursor).await?;
        Ok(pairs.into_iter().step_by(2).collect())
    }

    /// The next members of a set.
    pub(super) async fn scan_set(&self, key: &str, cursor: &mut Cursor) -> Result<Vec<String>, StoreError> {
        self.scan("SSCAN", Some(key), None, cursor).await
    }

    /// The next keys of the namespace, without it.
    pub(super) async fn scan_keys(&self, cursor: &mut Cursor) -> Result<Vec<String>, StoreError> {
        let prefix = self.key("");
        let pattern = format!("{}*", escaped(&prefix));
        let keys: Vec<Vec<u8>> = self.scan("SCAN", None, Some(&pattern), cursor).await?;
        let name = |key: Vec<u8>| {
            let key = String::from_utf8(key).ok()?;
            key.strip_prefix(&prefix).map(str::to_owned)
        };
        // What is not UTF-8 is none of ours.
        Ok(keys.into_iter().filter_map(name).collect())
    }

    /// The elements of a list from `skip` on.
    pub(super) async fn piece(&self, key: &str, skip: usize) -> Result<Vec<String>, StoreError> {
        let mut pipe = redis::pipe();
        pipe.lrange(self.key(key), skip as isize, (skip + PIECE - 1) as isize);
        let (piece,): (Vec<String>,) = self.ask("LRANGE", &pipe).await?;
        Ok(piece)
    }

    async fn scan<T: redis::FromRedisValue>(
        &self,
        command: &'static str,
        key: Option<&str>,
        pattern: Option<&str>,
        cursor: &mut Cursor,
    ) -> Result<T, StoreError> {
        let mut pipe = redis::pipe();
        let words = pipe.cmd(command);
        if let Some(key) = key {
            words.arg(self.key(key));
        }
        words.arg(cursor.0.unwrap_or_default());
        if let Some(pattern) = pattern {
            words.arg("MATCH").arg(pattern);
        }
        words.arg("COUNT").arg(PIECE);
        let ((next, found),): ((u64, T),) = self.ask(command, &pipe).await?;
        *cursor = Cursor((next != 0).then_some(next));
        Ok(found)
    }
}

/// A text as a pattern that matches nothing else.
fn escaped(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '*' | '?' | '[' | ']' | '\\' | '^') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namespace_is_no_pattern() {
        assert_eq!(escaped("{shop}:"), "{shop}:");
        assert_eq!(escaped("a*[b]?\\"), "a\\*\\[b\\]\\?\\\\");
    }
}
