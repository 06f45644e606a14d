//! What cargo knows about the workspace and all that it builds on.

use std::collections::BTreeSet;
use std::env;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

/// One package of the workspace or beneath it.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) licence: Option<String>,
    /// A member of the workspace.
    pub(crate) ours: bool,
    /// Names of the packages that it names itself, for building or running; those of its tests apart.
    pub(crate) dependencies: BTreeSet<String>,
    /// Features that it is built with where none is asked for.
    pub(crate) default_features: BTreeSet<String>,
}

/// All packages that are built on this platform.
pub(crate) fn packages() -> &'static [Package] {
    static PACKAGES: OnceLock<Vec<Package>> = OnceLock::new();
    PACKAGES.get_or_init(|| {
        let metadata = metadata();
        let members: Vec<&str> = array(&metadata["workspace_members"])
            .iter()
            .filter_map(Value::as_str)
            .collect();
        array(&metadata["packages"])
            .iter()
            .map(|package| read_package(package, &metadata["resolve"], &members))
            .collect()
    })
}

/// The root of the source tree.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("test-support lies two folders below the root")
}

fn read_package(package: &Value, resolve: &Value, members: &[&str]) -> Package {
    let text = |field: &str| package[field].as_str().map(str::to_owned);
    let id = text("id").expect("a package has an id");
    let for_tests = |dependency: &&Value| dependency["kind"].as_str() == Some("dev");
    Package {
        name: text("name").expect("a package has a name"),
        version: text("version").expect("a package has a version"),
        licence: text("license"),
        ours: members.contains(&id.as_str()),
        dependencies: array(&package["dependencies"])
            .iter()
            .filter(|dependency| !for_tests(dependency))
            .filter_map(|dependency| dependency["name"].as_str().map(str::to_owned))
            .collect(),
        default_features: array(&resolve["nodes"])
            .iter()
            .filter(|node| node["id"] == package["id"])
            .flat_map(|node| array(&node["features"]))
            .filter_map(|feature| feature.as_str().map(str::to_owned))
            .collect(),
    }
}

/// Of this platform only: cargo would have to fetch the packages of all others.
fn metadata() -> Value {
    let cargo = env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let about = output(Command::new("rustc").arg("-vV"));
    let host = about
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .expect("rustc says its host");
    let words = [
        "metadata",
        "--format-version",
        "1",
        "--locked",
        "--filter-platform",
        host,
    ];
    let text = output(Command::new(cargo).current_dir(root()).args(words));
    serde_json::from_str(&text).expect("cargo metadata writes JSON")
}

fn output(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("its output is UTF-8")
}

fn array(value: &Value) -> &[Value] {
    value.as_array().expect("cargo metadata has an array here")
}
