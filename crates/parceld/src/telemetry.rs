//! The log: on standard error, because standard output holds data.

use tracing_subscriber::EnvFilter;

use crate::settings::Log;

/// Level of the commands that read no settings.
const DEFAULT_LEVEL: &str = "info";

/// The worker loop's own words say nothing that ours do not; a directive in the setting overrides this.
const QUIET: &str = "apalis_core=warn";

/// Begins to log as the settings say; once in a process.
pub(crate) fn start(log: Option<&Log>) {
    let level = log.map_or(DEFAULT_LEVEL, |log| &log.level);
    let builder = tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .with_env_filter(EnvFilter::new(format!("{QUIET},{level}")));
    if log.is_some_and(|log| log.json) {
        builder.json().init();
    } else {
        builder.init();
    }
}
