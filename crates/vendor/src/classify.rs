//! What a code means: the row of the table that fits, turned into a refusal. Pure.

use parceld_domain::endpoint::Endpoint;
use parceld_domain::id::Id;
use parceld_domain::scope::Scope;
use parceld_domain::verdict::{ErrorClass, Hint, Refusal, Verdict};

use crate::codes::{self, Blocks, Meaning, Row};
use crate::message::{normalise, telling};

/// The refusal that this code and message are, at this endpoint; `link` is asked for only where a shop is blocked.
pub(crate) fn classify(
    endpoint: Endpoint,
    code: i64,
    msg: &str,
    shop: Option<&Id>,
    link: impl FnOnce() -> Option<String>,
) -> Refusal {
    let Some(row) = fitting(codes::envelope(code), endpoint, msg) else {
        return unlisted(code, msg);
    };
    let (verdict, class) = match row.meaning {
        Meaning::Retryable => (Verdict::Retryable, ErrorClass::Retryable),
        Meaning::Blocked(blocks) => (
            Verdict::Blocked(scope(blocks, endpoint, shop)),
            ErrorClass::Blocked,
        ),
        Meaning::LookUp if endpoint.has_effect() => (Verdict::Unknown, ErrorClass::Unknown),
        Meaning::Success | Meaning::Terminal | Meaning::LookUp => (Verdict::Terminal, ErrorClass::Terminal),
    };
    Refusal {
        verdict,
        code: Some(code),
        msg: msg.to_owned(),
        advice: row.advice.to_owned(),
        class,
        hint: row.hint,
        link: if row.meaning == Meaning::Blocked(Blocks::Shop) {
            link()
        } else {
            None
        },
    }
}

/// The row whose words tell most, first among those documented for the endpoint, then among all (H7); without
/// telling words the row that stands for the bare code.
fn fitting(
    rows: impl Iterator<Item = &'static Row> + Clone,
    endpoint: Endpoint,
    msg: &str,
) -> Option<&'static Row> {
    let normalised = normalise(msg);
    let own = rows
        .clone()
        .filter(|row| row.documents.endpoints.contains(&endpoint));
    best(own.clone(), &normalised)
        .or_else(|| best(rows.clone(), &normalised))
        .or_else(|| bare(own))
        .or_else(|| bare(rows))
}

fn best(rows: impl Iterator<Item = &'static Row>, normalised: &str) -> Option<&'static Row> {
    let mut best: Option<(usize, &'static Row)> = None;
    for row in rows {
        let letters = row
            .words
            .iter()
            .filter_map(|phrase| telling(normalised, phrase))
            .max();
        // Of equals the first counts, so that the table's order decides.
        if let Some(letters) = letters
            && best.is_none_or(|(most, _)| letters > most)
        {
            best = Some((letters, row));
        }
    }
    best.map(|(_, row)| row)
}

fn bare(mut rows: impl Iterator<Item = &'static Row>) -> Option<&'static Row> {
    rows.find(|row| row.bare)
}

/// A call that names no shop can only block its endpoint.
fn scope(blocks: Blocks, endpoint: Endpoint, shop: Option<&Id>) -> Scope {
    match (blocks, shop) {
        (Blocks::Account, _) => Scope::Account,
        (Blocks::Balance, _) => Scope::Balance,
        (Blocks::Shop, Some(shop)) => Scope::Shop(shop.as_str().to_owned()),
        (Blocks::Shop, None) | (Blocks::Endpoint, _) => Scope::Endpoint(endpoint),
    }
}

fn unlisted(code: i64, msg: &str) -> Refusal {
    Refusal {
        verdict: Verdict::Unknown,
        code: Some(code),
        msg: msg.to_owned(),
        advice: format!(
            "错误码 {code} 不在对方文档中。请凭此错误码和原始信息联系对方客服,确认含义后再决定重试或取消。"
        ),
        class: ErrorClass::Unknown,
        hint: Hint::None,
        link: None,
    }
}
