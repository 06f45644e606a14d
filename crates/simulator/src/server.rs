//! Connections: one task each, hyper's HTTP/1 directly, so that a reply can be cut at any byte.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

use crate::body::Body;
use crate::call::{self, Cut};
use crate::control;
use crate::options::Options;
use crate::world::World;

/// Out of file handles: some will be free again in a while.
const AFTER_FAILED_ACCEPT: Duration = Duration::from_millis(50);

/// Stands in for the vendor on this listener, until the future is dropped.
///
/// Every call but those under `/sim/` counts as one to the vendor.
///
/// # Errors
///
/// When the listener has no address.
pub async fn serve(listener: TcpListener, options: Options) -> io::Result<()> {
    tracing::info!(address = %listener.local_addr()?, "the simulator listens");
    let world = Arc::new(World::new(options));
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(connection(stream, Arc::clone(&world)));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(AFTER_FAILED_ACCEPT).await;
            }
        }
    }
}

async fn connection(stream: TcpStream, world: Arc<World>) {
    // Nagle's algorithm would hold answers back and blur the times that the ledger is judged by.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    let service = service_fn(|request| answer(Arc::clone(&world), request));
    if let Err(error) = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await
    {
        tracing::debug!(%error, "a connection ended early");
    }
}

async fn answer(world: Arc<World>, request: Request<Incoming>) -> Result<Response<Body>, Cut> {
    // The first thing done, while the body may still be on its way.
    let arrived = Instant::now();
    if request.uri().path().starts_with(control::PREFIX) {
        return Ok(control::answer(&world, request).await);
    }
    call::answer(world, request, arrived).await
}
