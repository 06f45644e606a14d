//! The table of codes, read out for an operator.

use parceld_domain::endpoint::Endpoint;
use serde::Serialize;

use crate::codes::{self, Meaning, Part, Row};

/// One documented meaning of a code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The code.
    pub code: i64,
    /// The documents that list it, such as `ERP` or `SEND`.
    pub documents: &'static str,
    /// The endpoints that these documents describe.
    pub endpoints: &'static [Endpoint],
    /// Whether it is the code of one item in a reply, not of the reply itself.
    pub item: bool,
    /// The vendor's message.
    pub message: &'static str,
    /// `success`, `retryable`, `terminal`, `blocked` or `unknown` (look up first).
    pub class: &'static str,
    /// What it blocks: `account`, `balance`, `shop`, `endpoint`.
    pub scope: Option<&'static str>,
    /// The message in English.
    pub gloss: &'static str,
    /// What to do, in Chinese.
    pub advice: &'static str,
}

/// Every documented meaning of this code; with an endpoint, those documented for it, or all if there are none.
#[must_use]
pub fn explain(code: i64, endpoint: Option<Endpoint>) -> Vec<Explanation> {
    let all: Vec<&Row> = codes::all().filter(|row| row.code == code).collect();
    let own = |row: &&&Row| endpoint.is_some_and(|endpoint| row.documents.endpoints.contains(&endpoint));
    let rows: Vec<&Row> = all.iter().filter(own).copied().collect();
    let rows = if rows.is_empty() { all } else { rows };
    rows.into_iter().map(Explanation::of).collect()
}

impl Explanation {
    fn of(row: &Row) -> Self {
        Explanation {
            code: row.code,
            documents: row.documents.name,
            endpoints: row.documents.endpoints,
            item: row.part == Part::Item,
            message: row.message,
            class: row.meaning.as_str(),
            scope: match row.meaning {
                Meaning::Blocked(blocks) => Some(blocks.as_str()),
                _ => None,
            },
            gloss: row.gloss,
            advice: row.advice,
        }
    }
}
