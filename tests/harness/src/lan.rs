//! Hosts with network interfaces of their own, and a switch between them whose plugs can be pulled: Linux network
//! namespaces. Unlike a killed process, a host without a network answers nothing, not even that a connection is gone.

use std::net::Ipv4Addr;
use std::process::{self, Command};

use crate::{Guard, Host};

/// Some hosts and this one on a network of their own; all of it goes with the owner.
#[derive(Debug)]
pub struct Lan {
    hosts: Vec<Host>,
    switch: String,
    _sweep: Guard,
}

/// Networks of 198.18.0.0/15, which is kept for measurements and stands in nobody's routes.
const NETWORKS: u32 = 512;
/// The last part of this machine's address; the hosts begin at the other one.
const HERE: u8 = 1;
const FIRST_HOST: u8 = 11;

impl Lan {
    /// Builds it, all plugs in; the error says what this machine does not allow. Needs Linux, root and `ip`.
    pub fn of(count: u8) -> Result<Self, String> {
        let id = process::id();
        let network = id % NETWORKS;
        let [_, _, _, low] = network.to_be_bytes();
        let second = if network >= NETWORKS / 2 { 19 } else { 18 };
        let address = |last: u8| Ipv4Addr::new(198, second, low, last);
        let switch = format!("parceld-switch-{id}");
        let name = |number: u8| format!("parceld-host-{id}-{number}");
        let mut namespaces = vec![switch.clone()];
        namespaces.extend((0..count).map(name));
        let names: Vec<&str> = namespaces.iter().map(String::as_str).collect();
        // The far ends of all cables go with their namespaces. The programs in them have guards of their own.
        let sweep = Guard::over("for name in \"$@\"; do ip netns del \"$name\"; done", &names)
            .map_err(|error| error.to_string())?;
        // The bridge has a namespace too: a firewall of this machine would filter what crosses it.
        ip(&["netns", "add", &switch])?;
        ip(&["-netns", &switch, "link", "add", "switch", "type", "bridge"])?;
        ip(&["-netns", &switch, "link", "set", "switch", "up"])?;
        let cable = format!("plh{id}");
        plug_in(&switch, "here", &cable, None, address(HERE))?;
        let mut hosts = Vec::new();
        for number in 0..count {
            let (namespace, address) = (name(number), address(FIRST_HOST + number));
            ip(&["netns", "add", &namespace])?;
            ip(&["-netns", &namespace, "link", "set", "lo", "up"])?;
            let cable = format!("pl{number}n{id}");
            plug_in(&switch, &plug(number), &cable, Some(&namespace), address)?;
            hosts.push(Host::in_namespace(namespace, address));
        }
        Ok(Lan {
            hosts,
            switch,
            _sweep: sweep,
        })
    }

    /// Its hosts, this one left out.
    pub fn hosts(&self) -> &[Host] {
        &self.hosts
    }

    /// Pulls a host's plug: what is sent to it or by it is lost without a word.
    pub fn pull(&self, number: u8) {
        self.set(number, "down");
    }

    /// Puts the plug in again.
    pub fn put_back(&self, number: u8) {
        self.set(number, "up");
    }

    fn set(&self, number: u8, state: &str) {
        ip(&["-netns", &self.switch, "link", "set", &plug(number), state])
            .expect("the plug was there when the network was built");
    }
}

/// The end of a host's cable at the switch.
fn plug(number: u8) -> String {
    format!("plug{number}")
}

/// A cable from the switch to a host, or to this machine.
fn plug_in(
    switch: &str,
    plug: &str,
    cable: &str,
    namespace: Option<&str>,
    address: Ipv4Addr,
) -> Result<(), String> {
    ip(&[
        "link", "add", cable, "type", "veth", "peer", "name", plug, "netns", switch,
    ])?;
    ip(&["-netns", switch, "link", "set", plug, "master", "switch", "up"])?;
    let own = match namespace {
        Some(namespace) => {
            ip(&["link", "set", cable, "netns", namespace])?;
            vec!["-netns", namespace]
        }
        None => Vec::new(),
    };
    let address = format!("{address}/24");
    ip(&[own.as_slice(), &["address", "add", &address, "dev", cable]].concat())?;
    ip(&[own.as_slice(), &["link", "set", cable, "up"]].concat())
}

fn ip(words: &[&str]) -> Result<(), String> {
    let said = Command::new("ip").args(words).output();
    let said = said.map_err(|error| format!("`ip` does not run: {error}"))?;
    if said.status.success() {
        return Ok(());
    }
    Err(format!(
        "`ip {}`: {}",
        words.join(" "),
        String::from_utf8_lossy(&said.stderr).trim_end()
    ))
}
