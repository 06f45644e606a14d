//! Comparing the vendor's messages by their telling words (trap A17).

use unicode_normalization::UnicodeNormalization;

/// What separates the parts of a phrase that may have something in between.
const GAP: char = '…';

/// A message without its dress: NFKC, lower case, neither white space nor punctuation.
pub(crate) fn normalise(text: &str) -> String {
    text.nfkc()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// How many letters of the phrase the normalised message bears out; `None` if a part of it is missing.
///
/// The parts of a phrase, separated by `…`, must occur in their order: the vendor's messages can be templates (H9).
pub(crate) fn telling(normalised: &str, phrase: &str) -> Option<usize> {
    let mut rest = normalised;
    let mut letters = 0;
    for part in phrase.split(GAP) {
        let at = rest.find(part)?;
        rest = &rest[at + part.len()..];
        letters += part.chars().count();
    }
    Some(letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_width_signs_and_blanks_make_no_difference() {
        let plain = normalise("请求异常:API 调用次数不足,请前往网站兑换次数。");
        assert_eq!(plain, "请求异常api调用次数不足请前往网站兑换次数");
        assert_eq!(
            normalise("请求异常：API调用次数不足，请前往网站兑换次数！"),
            plain
        );
    }

    #[test]
    fn the_parts_of_a_phrase_must_occur_in_their_order() {
        let message = normalise("参数:trade_id:P07 无效");
        assert_eq!(telling(&message, "参数…无效"), Some(4));
        assert_eq!(telling(&message, "无效…参数"), None);
    }
}
