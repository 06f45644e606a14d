//! What the tests need from the system's package manager: Redis, with no service of it started, and `ip`.

use std::process::{Command, Stdio};

use crate::command::{on_path, run};
use crate::say;

/// How one package manager installs what is needed.
struct PackageManager {
    program: &'static str,
    as_root: bool,
    /// Redis or Valkey.
    redis: &'static str,
    /// The command `ip`; none where it does not exist.
    ip: Option<&'static str>,
}

/// The first that is on PATH is asked.
const MANAGERS: [PackageManager; 6] = [
    // Debian starts a service as soon as it is installed, unless it is told not to.
    PackageManager {
        program: "apt-get",
        as_root: true,
        redis: include_str!("packages/apt-get.sh"),
        ip: Some("apt-get -qq update; apt-get -qq install --yes --no-install-recommends iproute2"),
    },
    // These start nothing by themselves. Newer Fedora and Arch have Valkey only.
    PackageManager {
        program: "dnf",
        as_root: true,
        redis: "dnf install -y valkey || dnf install -y redis",
        ip: Some("dnf install -y iproute"),
    },
    PackageManager {
        program: "zypper",
        as_root: true,
        redis: "zypper --non-interactive install redis",
        ip: Some("zypper --non-interactive install iproute2"),
    },
    PackageManager {
        program: "pacman",
        as_root: true,
        redis: "pacman -S --noconfirm --needed valkey",
        ip: Some("pacman -S --noconfirm --needed iproute2"),
    },
    PackageManager {
        program: "apk",
        as_root: true,
        redis: "apk add redis || apk add valkey",
        ip: Some("apk add iproute2"),
    },
    PackageManager {
        program: "brew",
        as_root: false,
        redis: "brew install redis",
        ip: None,
    },
];

/// Installs Redis; whether it is new enough is for the caller to see.
pub(crate) fn install_redis() -> Result<(), String> {
    let manager =
        manager().ok_or("no package manager that is known here: put a redis-server 7.0 or newer on PATH")?;
    manager.install("Redis, without starting a service of it", manager.redis)
}

/// Installs `ip`, with which a test builds a network of its own, where there is such a thing and it is missing.
pub(crate) fn provide_ip() -> Result<(), String> {
    let script = manager().and_then(|manager| Some((manager, manager.ip?)));
    match script {
        Some((manager, script)) if on_path("ip").is_none() => manager.install("iproute2", script),
        _ => Ok(()),
    }
}

fn manager() -> Option<&'static PackageManager> {
    MANAGERS.iter().find(|manager| on_path(manager.program).is_some())
}

impl PackageManager {
    fn install(&self, what: &str, script: &str) -> Result<(), String> {
        let program = self.program;
        let mut command = if self.as_root && !is_root() {
            if on_path("sudo").is_none() {
                return Err(format!(
                    "{program} is to install {what}, which needs root, and there is no sudo: install it yourself, \
                     then run this again"
                ));
            }
            let mut sudo = Command::new("sudo");
            sudo.arg("sh");
            sudo
        } else {
            Command::new("sh")
        };
        say(&format!("{program} installs {what}"));
        run(command
            .arg("-c")
            .arg(script)
            .stdout(Stdio::from(std::io::stderr())))
        .map_err(|_| format!("{program} could not install {what}: its own words are above"))
    }
}

fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
