//! `parceld park` and `parceld resume`: an operator stops a scope, or lets it go on.

use parceld_domain::scope::Scope;
use serde_json::json;

use super::failure::Failure;
use super::output::note;
use super::{Session, connect};

#[derive(clap::Args)]
pub(crate) struct ParkArgs {
    /// account, balance, `shop:<id>` or `endpoint:<name>`
    scope: Scope,
    /// Why; everybody sees it until the scope is resumed.
    #[arg(long)]
    reason: String,
}

#[derive(clap::Args)]
#[group(required = true, multiple = false)]
pub(crate) struct ResumeArgs {
    /// account, balance, `shop:<id>` or `endpoint:<name>`
    scope: Option<Scope>,
    /// Every parked scope.
    #[arg(long)]
    all: bool,
}

pub(crate) async fn park(args: ParkArgs, mut session: Session) -> Result<(), Failure> {
    let store = connect::store(&session.settings).await?;
    store
        .ask(async |store| store.hold(&args.scope, &args.reason).await)
        .await?;
    session.output.json(&json!({"parked": args.scope}))?;
    Ok(session.output.flush()?)
}

pub(crate) async fn resume(args: ResumeArgs, mut session: Session) -> Result<(), Failure> {
    let store = connect::store(&session.settings).await?;
    let scopes = match args.scope {
        Some(scope) => vec![scope],
        None => store
            .ask(async |store| store.parked_scopes().await)
            .await?
            .iter()
            .filter_map(|scope| scope.parse().ok())
            .collect(),
    };
    let mut resumed = Vec::new();
    for scope in scopes {
        if store.ask(async |store| store.resume(&scope).await).await? {
            resumed.push(scope);
        } else {
            note(&format!("{scope} was not parked"));
        }
    }
    session.output.json(&json!({"resumed": resumed}))?;
    Ok(session.output.flush()?)
}
