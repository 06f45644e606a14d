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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_614_lists_all_its_rows() {
        // 48 of SEND, one of DETAIL, and the one for messages of no document.
        assert_eq!(explain(614, None).len(), 50);
        assert_eq!(explain(614, Some(Endpoint::Detail)).len(), 2);
    }

    #[test]
    fn an_endpoint_narrows_a_code_down_to_its_own_documents() {
        let payment = explain(302, Some(Endpoint::SubmitPayment));
        assert_eq!(payment[0].scope, Some("balance"));
        let send = explain(302, Some(Endpoint::Send));
        assert_eq!(
            (send.len(), send[0].scope, send[0].class),
            (1, Some("shop"), "blocked")
        );
    }

    #[test]
    fn an_endpoint_without_rows_of_its_own_gets_all_there_are() {
        assert_eq!(explain(10402, Some(Endpoint::Send)).len(), 1);
    }

    #[test]
    fn the_codes_of_items_are_told_from_those_of_replies() {
        let zero = explain(0, Some(Endpoint::DyShipFree));
        assert_eq!(
            zero.iter().map(|row| (row.item, row.class)).collect::<Vec<_>>(),
            [(false, "success"), (true, "terminal")]
        );
    }

    #[test]
    fn a_code_of_no_table_has_no_explanation() {
        assert_eq!(explain(10401, None), []);
    }

    #[test]
    fn every_row_has_a_gloss_in_english_and_advice_in_chinese() {
        for row in codes::all() {
            let english = row.gloss.replace("E速宝", "");
            assert!(english.is_ascii() && !english.is_empty(), "{}", row.gloss);
            assert!(
                row.advice.ends_with('。') && row.advice.chars().count() >= 5,
                "{}",
                row.advice
            );
        }
    }
}
