//! What may be shown of a value that may be a secret, or may be anything.

use config::ValueKind;

/// What stands in the names of secrets.
const SECRET_WORDS: [&str; 6] = ["token", "secret", "password", "pass", "auth", "key"];
/// Names of secrets as a whole.
const SECRET_NAMES: [&str; 2] = ["access_token", "password"];
/// How alike a word, or a whole name, must be to one of these to be taken for a slip of it.
const ALIKE_WORD: f64 = 0.85;
const ALIKE_NAME: f64 = 0.75;
/// What stands for a secret.
pub(super) const MASK: &str = "***";

/// The value of a key that nobody knows: perhaps a slip in the name of a secret or of an address with one.
pub(super) fn shown_of_nobody(key: &str, value: &ValueKind) -> String {
    match value {
        ValueKind::Boolean(flag) => flag.to_string(),
        _ if may_name_a_secret(key) => format!("{MASK:?}"),
        ValueKind::I64(number) => number.to_string(),
        ValueKind::Float(number) => number.to_string(),
        ValueKind::String(text) => format!("{:?}", without_password(text)),
        _ => format!("{MASK:?}"),
    }
}

fn may_name_a_secret(key: &str) -> bool {
    let key = key.to_lowercase();
    let letters: String = key.chars().filter(char::is_ascii_alphabetic).collect();
    let is_slip = |word: &str| {
        let own = key.split(['.', '_', '-']);
        own.map(|own| strsim::jaro_winkler(own, word))
            .any(|likeness| likeness > ALIKE_WORD)
    };
    let name = key.rsplit('.').next().unwrap_or(&key);
    SECRET_WORDS
        .iter()
        .any(|word| letters.contains(word) || is_slip(word))
        || SECRET_NAMES
            .iter()
            .any(|secret| strsim::jaro_winkler(name, secret) > ALIKE_NAME)
}

/// As much of a text as a person reads.
pub(super) fn cut(text: &str) -> String {
    const LETTERS_MAX: usize = 300;
    match text.char_indices().nth(LETTERS_MAX) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// An address with user, password, query and fragment masked as far as they may be secret; one that cannot be taken
/// apart is not shown if it may hold any.
pub(super) fn without_password(address: &str) -> String {
    let Some(mut url) = url::Url::parse(address).ok().filter(url::Url::has_host) else {
        return if address.split(',').all(|one| is_host_and_port(one.trim())) {
            address.to_owned()
        } else {
            MASK.to_owned()
        };
    };
    // Signs behind the host that belong before it or behind a `?`: a password with a slash in it, or a slip.
    if !is_of_a_name(url.path()) {
        return MASK.to_owned();
    }
    let has_user = !url.username().is_empty() || url.password().is_some();
    if !has_user && url.query().is_none() && url.fragment().is_none() {
        return address.to_owned();
    }
    if url.query().is_some() {
        url.set_query(Some(MASK));
    }
    url.set_fragment(None);
    // A user without a password may be a password without its colon.
    let is_masked = match url.password() {
        Some(_) => url.set_password(Some(MASK)).is_ok(),
        None => url.username().is_empty() || url.set_username(MASK).is_ok(),
    };
    if is_masked {
        url.to_string()
    } else {
        MASK.to_owned()
    }
}

/// What a flag without its sign was to set; the rest may be a secret.
pub(super) fn key_of(flag: &str) -> String {
    let is_of_a_key = |letter: &char| letter.is_ascii_alphanumeric() || "._-".contains(*letter);
    cut(&flag.chars().take_while(is_of_a_key).collect::<String>())
}

/// Nothing but a scheme, a host and a port, none of which is secret.
fn is_host_and_port(address: &str) -> bool {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let (host, rest) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((inner, port)) if inner.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':') => {
            ("", port)
        }
        _ => (rest, ""),
    };
    let (host, port) = host
        .split_once(':')
        .unwrap_or((host, rest.trim_start_matches(':')));
    is_of_a_name(host) && port.bytes().all(|byte| byte.is_ascii_digit() || byte == b'/')
}

/// Letters of hosts and paths.
fn is_of_a_name(text: &str) -> bool {
    text.chars()
        .all(|letter| letter.is_ascii_alphanumeric() || "/._-".contains(letter))
}
