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
    // A parked scope shows the message as its reason: better the documented one than none.
    let msg = if msg.trim().is_empty() { row.message } else { msg };
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

/// A call that names no shop can only block its endpoint. So does one that the points do not cover, unless it is a
/// payment: only of those is known what they need, and a balance that covers nothing would heal again and again.
fn scope(blocks: Blocks, endpoint: Endpoint, shop: Option<&Id>) -> Scope {
    match (blocks, shop) {
        (Blocks::Account, _) => Scope::Account,
        (Blocks::Balance, _) if endpoint == Endpoint::SubmitPayment => Scope::Balance,
        (Blocks::Shop, Some(shop)) => Scope::Shop(shop.as_str().to_owned()),
        (Blocks::Shop, None) | (Blocks::Balance | Blocks::Endpoint, _) => Scope::Endpoint(endpoint),
    }
}

fn unlisted(code: i64, msg: &str) -> Refusal {
    Refusal {
        verdict: Verdict::Unknown,
        code: Some(code),
        msg: msg.to_owned(),
        advice: format!(
            "错误码 {code} 不在对方文档中。请凭此错误码和原始信息联系对方客服，确认含义后再决定重试或取消。"
        ),
        class: ErrorClass::Unknown,
        hint: Hint::None,
        link: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every row of the vendor's documents, written down apart from the table that is tested.
    const DOCUMENTED: &str = include_str!("../tests/codes.tsv");

    struct Documented {
        documents: &'static str,
        code: i64,
        message: &'static str,
        class: &'static str,
        scope: &'static str,
        note: &'static str,
    }

    fn documented() -> Vec<Documented> {
        let lines = DOCUMENTED.lines().filter(|line| !line.starts_with('#'));
        let rows = lines.map(|line| match line.split('\t').collect::<Vec<_>>()[..] {
            [documents, code, message, class, scope, note] => Documented {
                documents,
                code: code.parse().unwrap(),
                message,
                class,
                scope,
                note,
            },
            _ => panic!("{line}"),
        });
        rows.collect()
    }

    fn endpoints(documents: &str) -> &'static [Endpoint] {
        codes::all()
            .find(|row| row.documents.name == documents)
            .unwrap()
            .documents
            .endpoints
    }

    /// How the same message may be spelt in a live reply (trap A17).
    fn spellings(message: &str) -> [String; 4] {
        let full_width = |c: char| match c {
            '!'..='~' => char::from_u32(u32::from(c) - 0x21 + 0xFF01).unwrap(),
            ' ' => '\u{3000}',
            other => other,
        };
        let tight: String = message.chars().filter(|c| *c != ' ').collect();
        [
            message.to_owned(),
            message.chars().map(full_width).collect(),
            tight
                .chars()
                .map(|c| {
                    if c.is_ascii_punctuation() {
                        full_width(c)
                    } else {
                        c
                    }
                })
                .collect(),
            format!(" {tight}!\n"),
        ]
    }

    fn judged(endpoint: Endpoint, code: i64, msg: &str) -> Refusal {
        classify(endpoint, code, msg, Some(&Id::from("S1")), || {
            Some("http://link".to_owned())
        })
    }

    #[test]
    fn every_documented_code_and_message_means_what_its_row_says_in_every_spelling() {
        let mut judgements = 0;
        for row in documented().iter().filter(|row| row.class != "success") {
            for endpoint in endpoints(row.documents) {
                for msg in spellings(row.message) {
                    let refusal = judged(*endpoint, row.code, &msg);
                    let case = format!("{endpoint} {} {msg:?}: {refusal:?}", row.code);
                    assert_eq!(refusal.verdict, verdict(row, *endpoint), "{case}");
                    assert_eq!(refusal.hint, hint(row), "{case}");
                    assert_eq!((refusal.code, refusal.msg), (Some(row.code), msg), "{case}");
                    assert!(!refusal.advice.is_ascii(), "{case}");
                    assert_eq!(refusal.link.is_some(), row.scope == "shop", "{case}");
                    judgements += 1;
                }
            }
        }
        assert!(judgements > 600, "{judgements}");
    }

    fn verdict(row: &Documented, endpoint: Endpoint) -> Verdict {
        match (row.class, row.scope) {
            ("retryable", _) => Verdict::Retryable,
            ("look-up", _) if endpoint.has_effect() => Verdict::Unknown,
            ("terminal" | "look-up", _) => Verdict::Terminal,
            ("blocked", "credential") => Verdict::Blocked(Scope::Account),
            ("blocked", "balance") if endpoint == Endpoint::SubmitPayment => Verdict::Blocked(Scope::Balance),
            ("blocked", "balance") => Verdict::Blocked(Scope::Endpoint(endpoint)),
            ("blocked", "shop") => Verdict::Blocked(Scope::Shop("S1".to_owned())),
            ("blocked", "endpoint") => Verdict::Blocked(Scope::Endpoint(endpoint)),
            (class, scope) => panic!("{class} {scope}"),
        }
    }

    /// P1 to P3 and C (section 4), and the codes of section 6.
    fn hint(row: &Documented) -> Hint {
        match (row.note, row.code) {
            ("P1" | "P2" | "P3" | "C", _) => Hint::Effected,
            ("R", _) => Hint::TryOnceMore,
            (_, 10407 | 10408 | 10410 | 10412 | 10413 | 10416) => Hint::Effected,
            _ => Hint::None,
        }
    }

    #[test]
    fn every_message_finds_its_own_row_and_every_row_its_message() {
        let documented = documented();
        for row in documented.iter().filter(|row| row.code == 614) {
            for msg in spellings(row.message) {
                let found = fitting(codes::envelope(614), endpoints(row.documents)[0], &msg).unwrap();
                assert_eq!(found.message, row.message, "{msg}");
            }
        }
        for row in
            codes::all().filter(|row| row.part == codes::Part::Envelope && !row.message.starts_with('('))
        {
            let same = |other: &&Documented| (other.code, other.message) == (row.code, row.message);
            assert!(
                documented.iter().any(|other| same(&other)),
                "{} {}",
                row.code,
                row.message
            );
        }
    }

    #[test]
    fn of_two_rows_with_the_same_text_the_first_counts() {
        let twins: Vec<&Row> = codes::envelope(614)
            .filter(|row| row.message == "物流订单不存在")
            .collect();
        assert_eq!(twins.len(), 2);
        assert_eq!(
            judged(Endpoint::Send, 614, "物流订单不存在").advice,
            twins[0].advice
        );
    }

    #[test]
    fn telling_words_are_written_in_normal_form_and_occur_in_their_own_message() {
        for row in codes::all() {
            for phrase in row.words {
                assert!(
                    phrase
                        .split('…')
                        .all(|part| normalise(part) == part && !part.is_empty()),
                    "{phrase}"
                );
            }
            let own = row
                .words
                .iter()
                .any(|phrase| telling(&normalise(row.message), phrase).is_some());
            assert!(row.words.is_empty() || own, "{}", row.message);
        }
    }

    #[test]
    fn a_code_that_needs_its_message_has_a_meaning_without_one() {
        let bare = |endpoint, code| judged(endpoint, code, "").verdict;
        let shop = Verdict::Blocked(Scope::Shop("S1".to_owned()));
        assert_eq!(
            bare(Endpoint::SubmitPayment, 302),
            Verdict::Blocked(Scope::Balance)
        );
        assert_eq!(bare(Endpoint::Send, 302), shop);
        assert_eq!(bare(Endpoint::OrderCreate, 302), shop);
        assert_eq!(bare(Endpoint::Send, 204), Verdict::Terminal);
        assert_eq!(bare(Endpoint::Send, 614), Verdict::Terminal);
        assert_eq!(judged(Endpoint::SubmitPayment, 302, " ").msg, "点券余额不足");
    }

    #[test]
    fn the_words_decide_even_where_the_document_of_the_endpoint_lacks_them() {
        let shop = Verdict::Blocked(Scope::Shop("S1".to_owned()));
        assert_eq!(judged(Endpoint::SubmitPayment, 302, "未授权店铺").verdict, shop);
        let sends = Verdict::Blocked(Scope::Endpoint(Endpoint::Send));
        assert_eq!(judged(Endpoint::Send, 302, "点券余额不足").verdict, sends);
        let short = "免费次数或点券余额不足,请充值";
        assert_eq!(judged(Endpoint::Send, 204, short).verdict, sends);
        assert_eq!(
            judged(Endpoint::SubmitPayment, 204, short).verdict,
            Verdict::Blocked(Scope::Balance)
        );
        let quota = judged(Endpoint::SubmitPayment, 204, "请求异常:API调用次数不足");
        assert_eq!(
            quota.verdict,
            Verdict::Blocked(Scope::Endpoint(Endpoint::SubmitPayment))
        );
        assert_eq!(
            judged(Endpoint::DyShipFree, 614, "已生成发货单").hint,
            Hint::Effected
        );
    }

    #[test]
    fn a_614_that_is_in_no_document_is_terminal_but_may_be_an_echo() {
        let refusal = judged(Endpoint::Send, 614, "全新的提示");
        assert_eq!(
            (refusal.verdict, refusal.hint),
            (Verdict::Terminal, Hint::Effected)
        );
    }

    #[test]
    fn a_block_for_want_of_authorisation_without_a_shop_stops_the_endpoint() {
        let refusal = classify(Endpoint::OrderCreate, 302, "未授权店铺", None, || None);
        assert_eq!(
            refusal.verdict,
            Verdict::Blocked(Scope::Endpoint(Endpoint::OrderCreate))
        );
    }

    #[test]
    fn a_code_in_no_table_is_unknown_everywhere_and_keeps_the_vendors_words() {
        for endpoint in Endpoint::ALL {
            for code in [10401, 10404, 10405, 10414, 10415, -1, 1, 500] {
                let refusal = judged(*endpoint, code, "某种错误");
                assert_eq!(
                    (refusal.verdict, refusal.class),
                    (Verdict::Unknown, ErrorClass::Unknown)
                );
                assert_eq!((refusal.code, refusal.msg.as_str()), (Some(code), "某种错误"));
                assert!(refusal.advice.contains(&code.to_string()), "{}", refusal.advice);
            }
        }
    }
}
