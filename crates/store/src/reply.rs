//! Reading a move's reply, strictly: what does not fit is an error, never a guess.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

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

    /// The next element as text for a person to read, whatever bytes a hand has left in it.
    pub(crate) fn shown(&mut self) -> Result<String, StoreError> {
        match self.items.next() {
            Some(Value::BulkString(bytes)) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
            Some(Value::Nil) => Ok(String::new()),
            _ => Err(self.wrong("no text where it belongs")),
        }
    }

    /// The next element as a number; an absent one is zero, and a score may carry a fraction.
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

/// A count, a time or a score.
fn parse_number(text: &str) -> Option<u64> {
    if text.is_empty() {
        return Some(0);
    }
    text.split('.').next().and_then(|whole| whole.parse().ok())
}

/// The form of a job's hash that this version reads and writes; one that says nothing has the first form.
const JOB_FORMAT: u32 = 1;

/// Whether this is a later form than this version's; a word that is no form at all was spoilt, as in base.lua.
pub(crate) fn is_newer(format: &str) -> bool {
    let number = format.parse::<u32>().ok();
    number.is_some_and(|number| number > JOB_FORMAT && number < u32::MAX && number.to_string() == format)
}

/// The fields that a job is read from, in the order of `claim.lua`'s reply behind its id.
pub(crate) const JOB_FIELDS: [&str; 14] = [
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
    "format",
];

/// Why a job's hash does not decode. It names the field and never shows what stood there, which may be anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// Nothing stands under its name, or no job.
    Gone,
    /// A later version wrote it; it is left to that version.
    Newer,
    /// This field is not what this version writes.
    Spoilt(&'static str),
}

/// A job from its id and the fields above.
pub(crate) fn job(id: String, fields: Vec<Value>) -> Result<Job, Unreadable> {
    if fields.iter().all(|field| *field == Value::Nil) {
        return Err(Unreadable::Gone);
    }
    let mut fields = Fields(JOB_FIELDS.into_iter().zip(fields).collect());
    // First, because a later version's words may be unknown here.
    if fields.count::<u32>("format")? > JOB_FORMAT {
        return Err(Unreadable::Newer);
    }
    Ok(Job {
        id,
        kind: fields.word("kind")?,
        key: fields.text("key")?,
        remark: fields.text("remark")?,
        state: fields.word("state")?,
        step: fields.word("step")?,
        attempts: fields.count("attempts")?,
        version: fields.count("version")?,
        deaths: fields.count("deaths")?,
        max_batch: Some(fields.count("max_batch")?).filter(|units| *units > 0),
        created_at_ms: fields.count("created_ms")?,
        payload: Private::new(fields.text("payload")?),
        memory: fields.text("memory")?,
        result: fields.text("result")?,
    })
}

/// A job's fields by their names.
struct Fields(HashMap<&'static str, Value>);

impl Fields {
    /// A text; an absent one is empty.
    fn text(&mut self, name: &'static str) -> Result<String, Unreadable> {
        match self.0.remove(name) {
            Some(Value::BulkString(bytes)) => String::from_utf8(bytes).map_err(|_| Unreadable::Spoilt(name)),
            Some(Value::Nil) | None => Ok(String::new()),
            Some(_) => Err(Unreadable::Spoilt(name)),
        }
    }

    /// A word of the domain, such as a state.
    fn word<T: FromStr>(&mut self, name: &'static str) -> Result<T, Unreadable> {
        self.text(name)?.parse().map_err(|_| Unreadable::Spoilt(name))
    }

    /// A count as Redis itself writes it, or HINCRBY would refuse what was read here; an absent one is zero.
    fn count<T: TryFrom<i64> + Default>(&mut self, name: &'static str) -> Result<T, Unreadable> {
        if matches!(self.0.get(name), Some(Value::Nil) | None) {
            return Ok(T::default());
        }
        let text = self.text(name)?;
        let number = text.parse::<i64>().ok();
        number
            .filter(|number| number.to_string() == text && *number < i64::MAX)
            .and_then(|number| T::try_from(number).ok())
            .ok_or(Unreadable::Spoilt(name))
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unreadable::Gone => f.write_str("it is gone"),
            Unreadable::Newer => f.write_str("a later version of parceld wrote it; use that version"),
            Unreadable::Spoilt(field) => write!(f, "its field {field} is not what this version writes"),
        }
    }
}
