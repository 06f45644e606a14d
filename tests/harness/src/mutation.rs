//! Sound documents made hostile: what a disk, a hand, another program or an attacker makes of them.

/// One change of a document: which, where, and with what; any three numbers are one.
pub type Mutation = (u8, u16, u8);

/// What programs trip over.
const TOKENS: [&[u8]; 18] = [
    b"\xef\xbb\xbf",
    b"\x00",
    b"\r\n",
    b"\xff\xfe",
    b"\\ud800",
    b"\\u0000",
    b"NaN",
    b"-Infinity",
    b"1e309",
    b"-0",
    b"1692089714634374451",
    b"202011041511461997011",
    b"null",
    b"\"",
    b"{",
    b"]",
    b",",
    b"=",
];
/// Deeper than any reader here follows.
const NESTING: usize = 300;

/// The document after these changes, one after the other.
#[must_use]
pub fn mutated(document: &[u8], mutations: &[Mutation]) -> Vec<u8> {
    let mut bytes = document.to_vec();
    for (what, place, with) in mutations {
        let at = usize::from(*place) % (bytes.len() + 1);
        let end = (at + 1 + usize::from(*with)).min(bytes.len());
        match what % 8 {
            0 if at < bytes.len() => bytes[at] ^= 1 << (with % 8),
            1 if at < bytes.len() => bytes[at] = *with,
            2 => bytes.truncate(at),
            3 => drop(bytes.drain(at..end)),
            4 => {
                let again = bytes[at..end].to_vec();
                bytes.splice(at..at, again);
            }
            5 => {
                let opening = if with % 2 == 0 { "[" } else { "{\"a\":" };
                bytes.splice(at..at, opening.repeat(NESTING).into_bytes());
            }
            _ => {
                let token = TOKENS[usize::from(*with) % TOKENS.len()];
                bytes.splice(at..at, token.iter().copied());
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mutation_of_every_document_ends_and_most_change_it() {
        let mut changed = 0;
        for what in 0..8 {
            for place in [0, 1, 5, 9, u16::MAX] {
                for with in [0, 1, 7, 200, u8::MAX] {
                    changed += usize::from(mutated(b"{\"a\":1}", &[(what, place, with)]) != b"{\"a\":1}");
                    let _ = mutated(b"", &[(what, place, with)]);
                }
            }
        }
        assert!(changed > 150, "{changed}");
    }
}
