//! Reading a move's reply, strictly: what does not fit is an error, never a guess.

use std::collections::HashMap;

use parceld_domain::job::Job;
use parceld_domain::private::Private;
use redis::Value;

use crate::error::StoreError;

/// A cursor over the elements of a reply.
pub(crate) struct Reply {
    what: &'static str,
    items: std::vec::IntoIter<Value>,
}

impl Reply {
    pub(crate) fn new(what: &'static str, items: Vec<Value>) -> Self {
        Reply {
            what,
            items: items.into_iter(),
        }
    }

    pub(crate) fn wrong(&self, found: &str) -> StoreError {
        StoreError::Corrupt {
            what: format!("the reply of {}", self.what),
            found: found.to_owned(),
        }
    }

    /// The next element as text; an absent one is empty.
    pub(crate) fn text(&mut self) -> Result<String, StoreError> {
        match self.items.next() {
            Some(Value::BulkString(bytes)) => String::from_utf8(bytes).map_err(|_| self.wrong("not UTF-8")),
            Some(Value::SimpleString(text)) => Ok(text),
            Some(Value::Int(number)) => Ok(number.to_string()),
            Some(Value::Nil) => Ok(String::new()),
            Some(_) => Err(self.wrong("a list where text belongs")),
            None => Err(self.wrong("too short")),
        }
    }

    /// The next element as a number; an absent one is zero.
    pub(crate) fn number(&mut self) -> Result<u64, StoreError> {
        let text = self.text()?;
        parse_number(&text).ok_or_else(|| self.wrong(&text))
    }

    /// The next element as a list.
    pub(crate) fn list(&mut self) -> Result<Vec<Value>, StoreError> {
        match self.items.next() {
            Some(Value::Array(items)) => Ok(items),
            _ => Err(self.wrong("no list where one belongs")),
        }
    }

    /// The next element as a list to be read in turn.
    pub(crate) fn inner(&mut self) -> Result<Reply, StoreError> {
        Ok(Reply::new(self.what, self.list()?))
    }

    /// The next element as a number that may be below zero; `None` where it is empty.
    pub(crate) fn signed(&mut self) -> Result<Option<i64>, StoreError> {
        let text = self.text()?;
        if text.is_empty() {
            return Ok(None);
        }
        // A score may carry a fraction or an exponent.
        let number: f64 = text.parse().map_err(|_| self.wrong(&text))?;
        Ok(Some(text.parse().unwrap_or(number as i64)))
    }

    /// The next element as yes or no.
    pub(crate) fn flag(&mut self) -> Result<bool, StoreError> {
        Ok(self.number()? != 0)
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.items.len() == 0
    }

    /// The next element as names and values in turn.
    pub(crate) fn pairs(&mut self) -> Result<HashMap<String, String>, StoreError> {
        let what = self.what;
        let mut items = Reply::new(what, self.list()?);
        let mut pairs = HashMap::new();
        while items.items.len() > 0 {
            pairs.insert(items.text()?, items.text()?);
        }
        Ok(pairs)
    }

    /// A word of the domain, such as a state.
    pub(crate) fn word<T: std::str::FromStr>(&mut self) -> Result<T, StoreError>
    where
        T::Err: std::fmt::Display,
    {
        let text = self.text()?;
        text.parse()
            .map_err(|error: T::Err| self.wrong(&error.to_string()))
    }
}

/// A count or a time; an absent one is zero, and a score may carry a fraction.
fn parse_number(text: &str) -> Option<u64> {
    if text.is_empty() {
        return Some(0);
    }
    text.split('.').next().and_then(|whole| whole.parse().ok())
}

/// The fields that a job is read from, in the order of `claim.lua`'s reply behind its id.
pub(crate) const JOB_FIELDS: [&str; 13] = [
    "kind",
    "key",
    "remark",
    "state",
    "step",
    "attempts",
    "version",
    "deaths",
    "max_batch",
    "created_ms",
    "payload",
    "memory",
    "result",
];

/// A job from its id and the fields above.
pub(crate) fn job(id: String, fields: Vec<Value>) -> Result<Job, StoreError> {
    let mut reply = Reply::new("a job", fields);
    Ok(Job {
        id,
        kind: reply.word()?,
        key: reply.text()?,
        remark: reply.text()?,
        state: reply.word()?,
        step: reply.word()?,
        attempts: reply.number()? as u32,
        version: reply.number()?,
        deaths: reply.number()? as u32,
        max_batch: Some(reply.number()? as u32).filter(|units| *units > 0),
        created_at_ms: reply.number()?,
        payload: Private::new(reply.text()?),
        memory: reply.text()?,
        result: reply.text()?,
    })
}
