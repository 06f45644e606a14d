//! What the demo shows.

use crate::command::run;
use crate::stage::Stage;

/// Plays the story through the stage and prints what happened.
pub(crate) fn tell(stage: &mut Stage) -> Result<(), String> {
    println!(
        "A worker is running (process {}). What stands in Redis:",
        stage.worker().pid()
    );
    run(stage.parceld().arg("stats"))?;
    println!(
        "What the vendor saw:\n{}",
        stage.simulator("GET", "/sim/ledger", "")?
    );
    Ok(())
}
