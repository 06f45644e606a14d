//! The Redis image that is built here, where none can be pulled.

use std::process::Command;

use crate::cargo::source_root;
use crate::command::run;
use crate::{redis, say};

/// What deploy/build-redis-image.sh calls it.
pub(crate) const LOCAL_IMAGE: &str = "parceld-redis:local";

/// Builds it from the redis-server of this machine, which is installed first if need be.
pub(crate) fn build() -> Result<String, String> {
    redis::find_or_install()?;
    say("building the local Redis image from the redis-server of this machine");
    let script = source_root().join("deploy/build-redis-image.sh");
    run(Command::new("sh").arg(script).arg(LOCAL_IMAGE))?;
    Ok(LOCAL_IMAGE.to_owned())
}
