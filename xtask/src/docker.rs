//! Redis in a container, by the `docker` command.

use std::env;
use std::process::{self, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use parceld_harness::{Guard, Process, wait_until};

use crate::image::LOCAL_IMAGE;
use crate::say;

/// A container that is removed with its owner, however it ends.
#[derive(Debug)]
pub(crate) struct RedisContainer {
    image: String,
    port: u16,
    _guard: Guard,
}

/// Names the image instead of the official one, in the tests as well.
pub(crate) const IMAGE_VARIABLE: &str = "PARCELD_TEST_REDIS_IMAGE";
const OFFICIAL_IMAGE: &str = "redis:7";

/// A registry behind a wall must not hold us up for long; a slow line needs its time.
const PULL_BOUND: Duration = Duration::from_secs(120);

static STARTED: AtomicU32 = AtomicU32::new(0);

impl RedisContainer {
    /// Starts an image that is there or can be pulled; the error says why there is none.
    pub(crate) fn start() -> Result<Self, String> {
        if !answers() {
            return Err("no Docker engine answers".to_owned());
        }
        let image = available_image().ok_or("no image of Redis is here or can be pulled")?;
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let name = format!("parceld-demo-redis-{}-{number}", process::id());
        // Before the container, so that no instant is unwatched.
        let guard = Guard::over("docker rm --force --volumes \"$1\"", &[&name])
            .map_err(|error| format!("a guard for the container does not start: {error}"))?;
        output(&[
            "run",
            "--detach",
            "--name",
            &name,
            "--publish",
            "127.0.0.1::6379",
            &image,
            "redis-server",
            "--protected-mode",
            "no",
            "--save",
            "",
            "--appendonly",
            "yes",
            "--appendfsync",
            "always",
        ])?;
        let published = output(&["port", &name, "6379/tcp"])?;
        let port = published
            .lines()
            .find_map(|line| line.rsplit(':').next()?.parse().ok())
            .ok_or_else(|| format!("no port in `{published}`"))?;
        Ok(Self {
            image,
            port,
            _guard: guard,
        })
    }

    pub(crate) fn image(&self) -> &str {
        &self.image
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }
}

/// Whether a Docker engine answers.
pub(crate) fn answers() -> bool {
    output(&["version", "--format", "{{.Server.Version}}"]).is_ok()
}

/// The image that was asked for, else the official one, else the local one; pulled if need be.
pub(crate) fn available_image() -> Option<String> {
    if let Some(asked) = env::var(IMAGE_VARIABLE).ok().filter(|image| !image.is_empty()) {
        return pull(&asked)
            .map(|()| asked)
            .inspect_err(|reason| say(reason))
            .ok();
    }
    if is_here(OFFICIAL_IMAGE) {
        return Some(OFFICIAL_IMAGE.to_owned());
    }
    if is_here(LOCAL_IMAGE) {
        return Some(LOCAL_IMAGE.to_owned());
    }
    pull(OFFICIAL_IMAGE)
        .map(|()| OFFICIAL_IMAGE.to_owned())
        .inspect_err(|reason| say(reason))
        .ok()
}

fn is_here(image: &str) -> bool {
    output(&["image", "inspect", "--format", "{{.Id}}", image]).is_ok()
}

fn pull(image: &str) -> Result<(), String> {
    if is_here(image) {
        return Ok(());
    }
    say(&format!("pulling the image {image}"));
    let failed = |reason: String| format!("the image {image} cannot be pulled: {reason}");
    let mut pull = Process::start(Command::new("docker").args(["pull", "--quiet", image]))
        .map_err(|error| failed(error.to_string()))?;
    let status = wait_until("the pull ends", PULL_BOUND, || match pull.exit_status() {
        Ok(Some(status)) => Ok(status),
        Ok(None) => Err("still pulling".to_owned()),
        Err(error) => Err(error.to_string()),
    })
    .map_err(failed)?;
    if status.success() {
        Ok(())
    } else {
        Err(failed(pull.stderr().join(" ")))
    }
}

fn output(words: &[&str]) -> Result<String, String> {
    let failed = |reason: &str| format!("`docker {}`: {}", words.join(" "), reason.trim_end());
    let output = Command::new("docker")
        .args(words)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| failed(&error.to_string()))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned());
    }
    Err(failed(&String::from_utf8_lossy(&output.stderr)))
}
