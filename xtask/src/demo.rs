//! `cargo xtask demo`: parceld at work on a machine that has nothing, and nothing left of it afterwards.

use crate::cargo::build_parceld;
use crate::redis::PrivateRedis;
use crate::stage::Stage;
use crate::story;

/// Builds the program, finds or installs a Redis and tells the story. All that was started ends with us, however we end:
/// the guards of the harness outlive a Ctrl-C.
pub(crate) fn run(stay: bool) -> Result<(), String> {
    let binary = build_parceld()?;
    let redis = PrivateRedis::provide()?;
    let mut stage = Stage::set(&binary, &redis.url(), story::SETTINGS)?;
    story::tell(&mut stage)?;
    if stay {
        return stage.stay();
    }
    stage.strike()?;
    println!("\nAll that was started has ended. `cargo xtask demo --stay` keeps it up to look around in.");
    Ok(())
}
