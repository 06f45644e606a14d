//! JSON as our own programs write it, read for the figures in it. Not a validator: what is no JSON is refused, some of
//! what is nearly JSON is not.

use std::iter::Peekable;
use std::str::Chars;

/// A value; members of an object stay in the order in which they stand.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

type Input<'a> = Peekable<Chars<'a>>;

impl Json {
    /// Reads one document.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut input = text.chars().peekable();
        value(&mut input)
            .filter(|_| next_token(&mut input).is_none())
            .ok_or_else(|| format!("no JSON: {text}"))
    }

    /// The member of this name; `Null` if there is none.
    pub(crate) fn get(&self, name: &str) -> &Json {
        self.members()
            .iter()
            .find(|(known, _)| known == name)
            .map_or(&Json::Null, |(_, value)| value)
    }

    /// The members of an object; none of anything else.
    pub(crate) fn members(&self) -> &[(String, Json)] {
        match self {
            Json::Object(members) => members,
            _ => &[],
        }
    }

    /// The items of a list; none of anything else.
    pub(crate) fn items(&self) -> &[Json] {
        match self {
            Json::List(items) => items,
            _ => &[],
        }
    }

    /// A text; empty if it is none.
    pub(crate) fn text(&self) -> &str {
        match self {
            Json::Text(text) => text,
            _ => "",
        }
    }

    /// A number; 0 if it is none.
    pub(crate) fn number(&self) -> f64 {
        match self {
            Json::Number(number) => *number,
            _ => 0.0,
        }
    }

    /// A number of things; 0 if it is none.
    pub(crate) fn count(&self) -> u64 {
        self.number() as u64
    }

    /// The numbers of all members together.
    pub(crate) fn sum(&self) -> u64 {
        self.members().iter().map(|(_, value)| value.count()).sum()
    }

    /// The greatest number among the members; 0 if there are none.
    pub(crate) fn greatest(&self) -> u64 {
        let counts = self.members().iter().map(|(_, value)| value.count());
        counts.max().unwrap_or_default()
    }
}

fn value(input: &mut Input<'_>) -> Option<Json> {
    match next_token(input)? {
        '{' => list(input, '}', member).map(Json::Object),
        '[' => list(input, ']', value).map(Json::List),
        '"' => text(input).map(Json::Text),
        _ => word(input),
    }
}

fn member(input: &mut Input<'_>) -> Option<(String, Json)> {
    next_token(input).filter(|token| *token == '"')?;
    let name = text(input)?;
    next_token(input).filter(|token| *token == ':')?;
    input.next();
    Some((name, value(input)?))
}

fn list<T>(input: &mut Input<'_>, end: char, item: fn(&mut Input<'_>) -> Option<T>) -> Option<Vec<T>> {
    input.next();
    let mut items = Vec::new();
    while next_token(input)? != end {
        items.push(item(input)?);
        match next_token(input)? {
            ',' => drop(input.next()),
            token if token == end => {}
            _ => return None,
        }
    }
    input.next();
    Some(items)
}

fn text(input: &mut Input<'_>) -> Option<String> {
    input.next();
    let mut text = String::new();
    loop {
        match input.next()? {
            '"' => return Some(text),
            '\\' => text.push(escaped(input)?),
            plain => text.push(plain),
        }
    }
}

fn escaped(input: &mut Input<'_>) -> Option<char> {
    Some(match input.next()? {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'u' => {
            let digits: String = input.by_ref().take(4).collect();
            // Half of a pair has no character of its own.
            char::from_u32(u32::from_str_radix(&digits, 16).ok()?).unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        itself => itself,
    })
}

fn word(input: &mut Input<'_>) -> Option<Json> {
    let mut word = String::new();
    while let Some(letter) = input.next_if(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(*letter))
    {
        word.push(letter);
    }
    match word.as_str() {
        "null" => Some(Json::Null),
        "true" => Some(Json::Bool(true)),
        "false" => Some(Json::Bool(false)),
        number => number.parse().ok().map(Json::Number),
    }
}

/// The next character that is no white space, which stays in the input.
fn next_token(input: &mut Input<'_>) -> Option<char> {
    while input.next_if(|letter| letter.is_ascii_whitespace()).is_some() {}
    input.peek().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_read_to_the_last_bracket() {
        let json = Json::parse(r#" {"a": [1, -2.5e1, "x"], "b": {"c": null, "d": true}, "e": {}} "#).unwrap();
        assert_eq!(json.get("a").items()[0].count(), 1);
        assert_eq!(json.get("a").items()[1].number(), -25.0);
        assert_eq!(json.get("a").items()[2].text(), "x");
        assert_eq!(json.get("b").get("c"), &Json::Null);
        assert_eq!(json.get("b").get("d"), &Json::Bool(true));
        assert_eq!(json.get("e").members(), []);
        assert_eq!(json.get("nowhere").get("deeper"), &Json::Null);
    }

    #[test]
    fn escapes_in_texts_are_resolved() {
        let json = Json::parse(r#""订单\n\"\u5df2\u5173\u95ed\"\\""#).unwrap();
        assert_eq!(json.text(), "订单\n\"已关闭\"\\");
    }

    #[test]
    fn figures_of_an_object_are_added_and_compared() {
        let json = Json::parse(r#"{"a": 1, "b": 4, "c": 2}"#).unwrap();
        assert_eq!((json.sum(), json.greatest()), (7, 4));
        assert_eq!((Json::Null.sum(), Json::Null.greatest()), (0, 0));
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for text in [
            "",
            "{",
            "[1,",
            "[1 2]",
            "{\"a\" 1}",
            "{a: 1}",
            "\"open",
            "nul",
            "1 2",
            "<html>",
        ] {
            assert!(Json::parse(text).is_err(), "{text}");
        }
    }
}
