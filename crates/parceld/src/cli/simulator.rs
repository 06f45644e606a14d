//! `parceld simulator`: the vendor's stand-in as a program of its own.

use std::net::SocketAddr;

use parceld_simulator::Options;
use serde_json::json;
use tokio::net::TcpListener;

use super::failure::Failure;
use super::output::Output;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where to listen; port 0 picks a free one.
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// How it behaves, a JSON object of what `GET /sim/state` calls options.
    #[arg(long, value_name = "JSON", value_parser = options)]
    options: Option<Options>,
}

pub(crate) async fn run(args: Args) -> Result<(), Failure> {
    let listener = TcpListener::bind(args.listen)
        .await
        .map_err(|error| Failure::new(format!("cannot listen on {}: {error}", args.listen)))?;
    let mut output = Output::new();
    output.json(&json!({"listening": listener.local_addr()?}))?;
    output.flush()?;
    Ok(parceld_simulator::serve(listener, args.options.unwrap_or_default()).await?)
}

fn options(text: &str) -> Result<Options, serde_json::Error> {
    serde_json::from_str(text)
}
