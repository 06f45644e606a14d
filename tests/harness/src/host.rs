//! The host that a server runs on: this one, or one of a [`crate::Lan`].

use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Command;

/// Where a program runs, and at which address others reach it.
#[derive(Debug, Clone)]
pub struct Host {
    address: Ipv4Addr,
    namespace: Option<String>,
}

impl Host {
    /// This machine, reached by itself only.
    pub fn here() -> Self {
        Host {
            address: Ipv4Addr::LOCALHOST,
            namespace: None,
        }
    }

    pub(crate) fn in_namespace(namespace: String, address: Ipv4Addr) -> Self {
        Host {
            address,
            namespace: Some(namespace),
        }
    }

    /// The address at which its servers listen.
    pub fn address(&self) -> Ipv4Addr {
        self.address
    }

    /// A command that runs the program there; its process is the program itself.
    pub fn command(&self, program: &Path) -> Command {
        let Some(namespace) = &self.namespace else {
            return Command::new(program);
        };
        let mut command = Command::new("ip");
        command.args(["netns", "exec", namespace]).arg(program);
        command
    }
}
