//! Redis in a container, by testcontainers.

use std::process::{self, Command, Stdio};
use std::time::Duration;

use parceld_harness::Guard;
use testcontainers::core::{IntoContainerPort, WaitFor};
use testcontainers::runners::AsyncRunner;
use testcontainers::{ContainerAsync, GenericImage, ImageExt};
use tokio::time::timeout;

use crate::redis::variable;

/// A running container with a Redis in it, removed when this process ends, however it ends.
#[derive(Debug)]
pub(crate) struct Container {
    url: String,
    // Testcontainers removes a container when its handle is dropped, which a static's never is. Kept for the life of
    // the process, that is; the guard does the removing.
    _handle: Box<ContainerAsync<GenericImage>>,
    _guard: Guard,
}

const IMAGE: &str = "PARCELD_TEST_REDIS_IMAGE";
const OFFICIAL: &str = "redis:7";
const PORT: u16 = 6379;

/// A pull goes over the network; a registry that is behind a wall must not hold the tests up for long.
const START_BOUND: Duration = Duration::from_secs(90);

impl Container {
    /// Starts the image, pulling it if need be; the error says why there is no container.
    pub(crate) async fn start() -> Result<Self, String> {
        an_engine_answers()?;
        let image = variable(IMAGE).unwrap_or_else(|| OFFICIAL.to_owned());
        let (name, tag) = image
            .rsplit_once(':')
            .ok_or_else(|| format!("{IMAGE}={image} has no tag"))?;
        let container = format!("parceld-test-redis-{}", process::id());
        // Before the container, so that no instant is unwatched.
        let guard = Guard::over("docker rm --force --volumes \"$1\"", &[&container])
            .map_err(|error| format!("a guard for the container does not start: {error}"))?;
        let request = GenericImage::new(name, tag)
            .with_exposed_port(PORT.tcp())
            .with_wait_for(WaitFor::message_on_stdout("Ready to accept connections"))
            .with_container_name(container)
            .with_cmd([
                "redis-server",
                "--protected-mode",
                "no",
                "--save",
                "",
                "--appendonly",
                "no",
            ]);
        let handle = timeout(START_BOUND, request.start())
            .await
            .map_err(|_| format!("the image {image} was not there and running within {START_BOUND:?}"))?
            .map_err(|error| format!("the image {image} does not run: {error}"))?;
        let port = handle
            .get_host_port_ipv4(PORT)
            .await
            .map_err(|error| error.to_string())?;
        let host = handle
            .get_host()
            .await
            .map_err(|error| error.to_string())?
            .to_string();
        // The port is published for IPv4, and `localhost` may be looked up as ::1 first.
        let host = if host == "localhost" {
            "127.0.0.1".to_owned()
        } else {
            host
        };
        Ok(Self {
            url: format!("redis://{host}:{port}/0"),
            _handle: Box::new(handle),
            _guard: guard,
        })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

fn an_engine_answers() -> Result<(), String> {
    let answer = Command::new("docker")
        .args(["version", "--format", "{{.Server.Version}}"])
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("`docker` does not run: {error}"))?;
    if answer.status.success() {
        return Ok(());
    }
    Err(format!(
        "no Docker engine answers: {}",
        String::from_utf8_lossy(&answer.stderr).trim_end()
    ))
}
