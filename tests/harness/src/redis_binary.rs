//! Which redis-server a machine has, and whether it is new enough.

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A server program on this machine that is new enough to run parceld's scripts (`#!lua` flags).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedisBinary {
    /// Where it lies.
    pub path: PathBuf,
    /// Its version, as it says itself.
    pub version: String,
}

/// What a search along PATH has brought.
#[derive(Debug, Default)]
pub struct RedisSearch {
    /// The first that will do.
    pub found: Option<RedisBinary>,
    /// One sentence for each that will not do, with the reason.
    pub passed_over: Vec<String>,
}

const NAMES: [&str; 2] = ["redis-server", "valkey-server"];

/// Redis 7.0 brought script flags; every Valkey has them.
const OLDEST: (u32, u32) = (7, 0);

impl RedisBinary {
    /// Searches PATH.
    pub fn search() -> RedisSearch {
        let folders: Vec<PathBuf> = env::split_paths(&env::var_os("PATH").unwrap_or_default()).collect();
        let candidates = NAMES
            .iter()
            .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
        let mut search = RedisSearch::default();
        for path in candidates.filter(|path| path.is_file()) {
            match Self::at(&path) {
                Ok(binary) => {
                    search.found = Some(binary);
                    break;
                }
                Err(reason) => search.passed_over.push(reason),
            }
        }
        search
    }

    fn at(path: &Path) -> Result<Self, String> {
        let output = Command::new(path)
            .arg("--version")
            .output()
            .map_err(|error| format!("{} does not run: {error}", path.display()))?;
        Self::judge(path, &String::from_utf8_lossy(&output.stdout))
    }

    fn judge(path: &Path, banner: &str) -> Result<Self, String> {
        let shown = path.display();
        let (version, number) = version_of(banner)
            .ok_or_else(|| format!("{shown} does not say its version: `{}`", banner.trim_end()))?;
        if number < OLDEST {
            return Err(format!(
                "{shown} is {version}; parceld needs {}.{} or newer",
                OLDEST.0, OLDEST.1
            ));
        }
        Ok(Self {
            path: path.to_owned(),
            version,
        })
    }
}

impl fmt::Display for RedisBinary {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.path.display(), self.version)
    }
}

/// Reads `Redis server v=7.0.15 sha=…`.
fn version_of(banner: &str) -> Option<(String, (u32, u32))> {
    let version = banner
        .split_whitespace()
        .find_map(|word| word.strip_prefix("v="))?;
    let mut numbers = version.split('.').map(str::parse);
    let number = (numbers.next()?.ok()?, numbers.next()?.ok()?);
    Some((version.to_owned(), number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_banner_of_either_family_is_read() {
        let redis = "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=ae4d\n";
        assert_eq!(version_of(redis), Some(("7.0.15".into(), (7, 0))));
        let valkey = "Valkey server v=8.1.1 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=1\n";
        assert_eq!(version_of(valkey), Some(("8.1.1".into(), (8, 1))));
        assert_eq!(version_of("sh: not found"), None);
    }

    #[test]
    fn one_that_is_too_old_is_refused_by_its_version() {
        let path = Path::new("/usr/bin/redis-server");
        let reason = RedisBinary::judge(path, "Redis server v=6.2.14 sha=00000000:0 bits=64").unwrap_err();
        assert_eq!(
            reason,
            "/usr/bin/redis-server is 6.2.14; parceld needs 7.0 or newer"
        );
        assert!(RedisBinary::judge(path, "Redis server v=7.0.0 sha=00000000:0 bits=64").is_ok());
    }
}
