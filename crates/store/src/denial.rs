//! An account that Redis refuses, in words of ours: its own name the user.

use redis::{ErrorKind, RedisError};

/// Why the account is refused, if the error with this code says so.
pub(crate) fn reason(code: Option<&str>, error: &RedisError) -> Option<String> {
    let wants_login = || {
        // A database that is chosen before a login; redis-rs leaves the code out.
        let detail = error.detail();
        detail.is_some_and(|detail| detail.contains("Authentication required"))
    };
    match code {
        Some("NOPERM") => Some(missing_right(&error.to_string())),
        Some("NOAUTH") => Some("it wants a password".to_owned()),
        Some("WRONGPASS") => Some("the user or the password is wrong".to_owned()),
        _ if error.kind() == ErrorKind::AuthenticationFailed => {
            Some("the user or the password is wrong".to_owned())
        }
        _ if wants_login() => Some("it wants a password".to_owned()),
        _ => None,
    }
}

/// What the user may not do, behind the name that Redis begins with.
fn missing_right(words: &str) -> String {
    match words.find("permissions to ") {
        Some(at) => format!("the user has no {}", &words[at..]),
        None => "the user has too few rights".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_right_is_told_without_the_name_of_the_user() {
        for (said, told) in [
            (
                "NOPERM: User erp has no permissions to run the 'info' command",
                "the user has no permissions to run the 'info' command",
            ),
            (
                "NOPERM: No permissions to access a key",
                "the user has no permissions to access a key",
            ),
            ("NOPERM: erp may not", "the user has too few rights"),
        ] {
            assert_eq!(missing_right(said), told);
        }
    }
}
