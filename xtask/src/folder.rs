//! A temporary folder that is gone with its owner.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

use parceld_harness::Guard;

static MADE: AtomicU32 = AtomicU32::new(0);

/// Removed when it is dropped, and when we die.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    _guard: Guard,
}

impl Folder {
    /// A new one, `parceld-<purpose>-<process id>-<number>`.
    pub(crate) fn new(purpose: &str) -> Result<Self, String> {
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("parceld-{purpose}-{}-{number}", process::id()));
        let failed = |error| format!("{}: {error}", path.display());
        fs::create_dir(&path).map_err(failed)?;
        let guard = Guard::over("rm -rf \"$1\"", &[&path.to_string_lossy()]).map_err(failed)?;
        Ok(Self { path, _guard: guard })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file into it; answers where it lies.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<PathBuf, String> {
        let path = self.path.join(name);
        match fs::write(&path, text) {
            Ok(()) => Ok(path),
            Err(error) => Err(format!("{}: {error}", path.display())),
        }
    }
}
