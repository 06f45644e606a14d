//! Redis from the system's package manager, with no service of it started.

use std::process::{Command, Stdio};

use crate::command::{on_path, run};
use crate::say;

/// How one package manager installs Redis or Valkey.
struct PackageManager {
    program: &'static str,
    as_root: bool,
    script: &'static str,
}

/// The first that is on PATH is asked.
const MANAGERS: [PackageManager; 6] = [
    // Debian starts a service as soon as it is installed, unless it is told not to.
    PackageManager {
        program: "apt-get",
        as_root: true,
        script: include_str!("packages/apt-get.sh"),
    },
    // These start nothing by themselves. Newer Fedora and Arch have Valkey only.
    PackageManager {
        program: "dnf",
        as_root: true,
        script: "dnf install -y valkey || dnf install -y redis",
    },
    PackageManager {
        program: "zypper",
        as_root: true,
        script: "zypper --non-interactive install redis",
    },
    PackageManager {
        program: "pacman",
        as_root: true,
        script: "pacman -S --noconfirm --needed valkey",
    },
    PackageManager {
        program: "apk",
        as_root: true,
        script: "apk add redis || apk add valkey",
    },
    PackageManager {
        program: "brew",
        as_root: false,
        script: "brew install redis",
    },
];

/// Installs it; whether it is new enough is for the caller to see.
pub(crate) fn install_redis() -> Result<(), String> {
    let manager = MANAGERS
        .iter()
        .find(|manager| on_path(manager.program).is_some())
        .ok_or("no package manager that is known here: put a redis-server 7.0 or newer on PATH")?;
    let mut command = if manager.as_root && !is_root() {
        if on_path("sudo").is_none() {
            return Err(format!(
                "Redis is to be installed with {}, which needs root, and there is no sudo: install a redis-server 7.0 \
                 or newer, then run this again",
                manager.program
            ));
        }
        let mut sudo = Command::new("sudo");
        sudo.arg("sh");
        sudo
    } else {
        Command::new("sh")
    };
    say(&format!(
        "installing Redis with {}; no service of it is started",
        manager.program
    ));
    run(command
        .arg("-c")
        .arg(manager.script)
        .stdout(Stdio::from(std::io::stderr())))
    .map_err(|_| {
        format!(
            "{} could not install Redis: its own words are above",
            manager.program
        )
    })
}

fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
