//! Cargo, called again from within: the same toolchain, the same target directory.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command;

/// The cargo that runs us. Not moved to another folder, since a relative CARGO_TARGET_DIR is relative to ours.
pub(crate) fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// The root of the source tree.
pub(crate) fn source_root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask lies in a folder of the workspace")
}

/// Builds the program in the development profile, which is there in a third of the time of a release.
pub(crate) fn build_parceld() -> Result<PathBuf, String> {
    command::run(cargo().args(["build", "--locked", "--package", "parceld", "--bin", "parceld"]))?;
    // Built with the profile and into the target directory that we come from ourselves.
    let own = env::current_exe().map_err(|error| format!("where xtask lies is not known: {error}"))?;
    Ok(own.with_file_name("parceld"))
}

/// Builds the program as it is shipped.
pub(crate) fn build_release() -> Result<PathBuf, String> {
    command::run(cargo().args([
        "build",
        "--release",
        "--locked",
        "--package",
        "parceld",
        "--bin",
        "parceld",
    ]))?;
    let own = env::current_exe().map_err(|error| format!("where xtask lies is not known: {error}"))?;
    let target = own
        .ancestors()
        .nth(2)
        .expect("xtask lies in the folder of a profile, in the target directory");
    Ok(target.join("release/parceld"))
}
