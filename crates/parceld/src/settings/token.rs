//! The access token: from a file, a systemd credential or the settings, in this order.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::SettingsError;
use super::layers::Layers;

const TOKEN: &str = "vendor.access_token";
const TOKEN_FILE: &str = "vendor.access_token_file";
/// Where systemd puts what LoadCredential= names.
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";
/// The credential that is found without a setting.
const CREDENTIAL: &str = "access_token";

/// The token; surrounding white space is no part of it.
pub(super) fn read(layers: &Layers) -> Result<SecretString, SettingsError> {
    if let Some(path) = file(layers)? {
        let text =
            fs::read_to_string(&path).map_err(|error| unreadable(layers, &path, &error.to_string()))?;
        let token = text.trim();
        if token.is_empty() {
            return Err(unreadable(layers, &path, "it is empty"));
        }
        return Ok(token.to_owned().into());
    }
    let token = layers.optional_text(TOKEN)?;
    token.map(Into::into).ok_or_else(|| SettingsError::Missing {
        key: TOKEN,
        message: format!(
            "the worker needs the vendor's token; give it as {TOKEN_FILE}, as the systemd credential {CREDENTIAL}, \
             or as PARCELD__VENDOR__ACCESS_TOKEN"
        ),
    })
}

/// Whether there is one, read or not.
pub(super) fn is_set(layers: &Layers) -> Result<bool, SettingsError> {
    Ok(file(layers)?.is_some() || layers.optional_text(TOKEN)?.is_some())
}

fn file(layers: &Layers) -> Result<Option<PathBuf>, SettingsError> {
    let credentials = env::var_os(CREDENTIALS).map(PathBuf::from);
    let given = layers.optional_text(TOKEN_FILE)?.map(PathBuf::from);
    Ok(choose(given, credentials.as_deref()))
}

/// A relative path is a credential's name, if there is one of that name.
fn choose(given: Option<PathBuf>, credentials: Option<&Path>) -> Option<PathBuf> {
    let name = given.clone().unwrap_or_else(|| PathBuf::from(CREDENTIAL));
    let credential = credentials
        .filter(|_| name.is_relative())
        .map(|folder| folder.join(name))
        .filter(|path| path.exists());
    credential.or(given)
}

/// A credential is found without a setting, so that only its file can be named.
fn unreadable(layers: &Layers, path: &Path, why: &str) -> SettingsError {
    let message = format!("the access token cannot be read: {why}");
    if layers.is_given(TOKEN_FILE) {
        return layers.refuse(TOKEN_FILE, &message);
    }
    SettingsError::File {
        file: path.display().to_string(),
        message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_found_by_its_name_and_an_absolute_path_stands() {
        let folder = env::temp_dir().join(format!("parceld-credentials-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(CREDENTIAL), "t").unwrap();
        let credential = folder.join(CREDENTIAL);
        assert_eq!(choose(None, Some(&folder)), Some(credential.clone()));
        assert_eq!(choose(Some(CREDENTIAL.into()), Some(&folder)), Some(credential));
        assert_eq!(
            choose(Some("/etc/t".into()), Some(&folder)),
            Some("/etc/t".into())
        );
        assert_eq!(choose(Some("other".into()), Some(&folder)), Some("other".into()));
        assert_eq!(choose(None, None), None);
        fs::remove_dir_all(&folder).unwrap();
    }
}
