//! `parceld jobs cancel`: ends jobs that nothing was sent for.

use parceld_domain::cancel::cancel;
use serde_json::json;

use super::operate::{AGAIN, operate};
use crate::cli::failure::Failure;
use crate::cli::{Session, connect};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The jobs' ids.
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
}

pub(crate) async fn run(args: Args, mut session: Session) -> Result<(), Failure> {
    let store = connect::store(&session.settings).await?;
    let moved = operate(&store, &args.ids, |job, _| {
        cancel(job).map_err(|refusal| refusal.to_string())
    })
    .await
    .map_err(|failure| failure.hint(AGAIN))?;
    session
        .output
        .json(&json!({"cancelled": moved.count, "refused": moved.refused}))?;
    session.output.flush()?;
    if moved.is_any_unknown {
        return Err(Failure::new(
            "an id names no job; `parceld jobs show KEY` finds the id of a key",
        ));
    }
    Ok(())
}
