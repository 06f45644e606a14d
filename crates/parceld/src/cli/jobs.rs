//! `parceld jobs`: looking at jobs, retrying and cancelling them.

mod cancel;
mod list;
mod operate;
mod record;
mod retry;
mod show;

use super::Session;
use super::failure::Failure;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Jobs, newest first.
    List(list::Args),
    /// One job with its history.
    Show(show::Args),
    /// Back to work, with attempts counted anew.
    Retry(retry::Args),
    /// End jobs that nothing was sent for.
    Cancel(cancel::Args),
}

pub(crate) async fn run(command: Command, session: Session) -> Result<(), Failure> {
    match command {
        Command::List(args) => list::run(args, session).await,
        Command::Show(args) => show::run(args, session).await,
        Command::Retry(args) => retry::run(args, session).await,
        Command::Cancel(args) => cancel::run(args, session).await,
    }
}
