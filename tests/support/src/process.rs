//! A real binary under test: started, read line by line, signalled, awaited with a bound.

use std::path::Path;
use std::process::{Command, ExitStatus};
use std::thread;
use std::time::Duration;

use parceld_harness::Signal;

use crate::wait_until;

/// A running program. Dropped, it is killed and reaped; a death of the test kills it as well. A panic that it told of
/// fails the test, for whatever is retried hides one.
#[derive(Debug)]
pub struct Process {
    inner: parceld_harness::Process,
    name: String,
}

/// What a program writes first that was given priority.
pub(crate) const PREFERRED: &str = "preferred";

/// How Rust, and the worker of one of its calls, tell of a panic.
const PANICS: [&str; 2] = ["panicked at", "a call ended in a panic"];

impl Process {
    /// Starts `binary` with `args` and with `envs` added to the environment; no input, output captured.
    pub fn start(binary: &Path, args: &[&str], envs: &[(&str, &str)]) -> Self {
        let name = format!("`{} {}`", binary.display(), args.join(" "));
        Self::started(Command::new(binary).args(args).envs(envs.iter().copied()), name)
    }

    /// The same ahead of all others that want the processor, if this user may have that; a line of its output says so.
    pub fn start_preferred(binary: &Path, args: &[&str]) -> Self {
        // The shell gives itself the priority before it has threads, and becomes the program: the process id is one.
        let script = format!("renice -n -15 -p $$ >/dev/null 2>&1 && echo {PREFERRED}; exec \"$0\" \"$@\"");
        let name = format!("`{} {}`", binary.display(), args.join(" "));
        Self::started(
            Command::new("sh").arg("-c").arg(script).arg(binary).args(args),
            name,
        )
    }

    fn started(command: &mut Command, name: String) -> Self {
        let inner = parceld_harness::Process::start(command)
            .unwrap_or_else(|error| panic!("{name} does not start: {error}"));
        Self { inner, name }
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.inner.pid()
    }

    /// The lines of standard output so far.
    pub fn stdout(&self) -> Vec<String> {
        self.inner.stdout()
    }

    /// The lines of standard error so far.
    pub fn stderr(&self) -> Vec<String> {
        self.inner.stderr()
    }

    /// Waits for a line that contains `pattern`, on either output, and answers it.
    pub async fn wait_for_line(&mut self, pattern: &str, bound: Duration) -> String {
        let what = format!("{} writes a line with `{pattern}`", self.name);
        wait_until(&what, bound, async || {
            let mut lines = self.stdout();
            lines.extend(self.stderr());
            lines
                .iter()
                .find(|line| line.contains(pattern))
                .cloned()
                .ok_or_else(|| self.seen())
        })
        .await
    }

    /// Sends a signal; panics when the process has ended already.
    pub fn signal(&mut self, signal: Signal) {
        self.inner
            .signal(signal)
            .unwrap_or_else(|error| panic!("{}: {error}", self.name));
    }

    /// Kills it with SIGKILL and reaps it.
    pub fn kill(&mut self) {
        self.inner
            .kill()
            .unwrap_or_else(|error| panic!("{}: {error}", self.name));
    }

    /// How it ended, if it has.
    pub fn exit_status(&mut self) -> Option<ExitStatus> {
        self.inner
            .exit_status()
            .unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    /// Waits until it has ended by itself.
    pub async fn wait_for_exit(&mut self, bound: Duration) -> ExitStatus {
        let what = format!("{} ends", self.name);
        wait_until(&what, bound, async || {
            self.exit_status().ok_or_else(|| self.seen())
        })
        .await
    }

    /// What it has written last, for a failing test to show.
    fn seen(&self) -> String {
        const LAST: usize = 20;
        let last = |lines: Vec<String>| lines[lines.len().saturating_sub(LAST)..].join("\n  ");
        format!(
            "stdout:\n  {}\nstderr:\n  {}",
            last(self.stdout()),
            last(self.stderr())
        )
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A test that fails says why itself.
        if thread::panicking() {
            return;
        }
        let stderr = self.stderr();
        let told = stderr
            .iter()
            .find(|line| PANICS.iter().any(|words| line.contains(words)));
        assert!(told.is_none(), "{} has panicked: {stderr:#?}", self.name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUND: Duration = Duration::from_secs(10);

    #[tokio::test]
    async fn a_line_and_then_the_end_are_awaited() {
        let script = "echo \"ready $WORD\"; trap 'exit 3' TERM; while :; do sleep 0.01; done";
        let mut process = Process::start(Path::new("/bin/sh"), &["-c", script], &[("WORD", "now")]);
        assert_eq!(process.wait_for_line("ready", BOUND).await, "ready now");
        assert!(process.exit_status().is_none());
        process.signal(Signal::Terminate);
        assert_eq!(process.wait_for_exit(BOUND).await.code(), Some(3));
    }

    #[tokio::test]
    #[should_panic(expected = "last seen: stdout:\n  hello")]
    async fn a_line_that_never_comes_shows_what_was_written_instead() {
        let mut process = Process::start(Path::new("/bin/sh"), &["-c", "echo hello; exec sleep 60"], &[]);
        process.wait_for_line("hello", BOUND).await;
        process.wait_for_line("goodbye", Duration::from_millis(50)).await;
    }

    #[tokio::test]
    #[should_panic(expected = "has panicked")]
    async fn a_panic_that_the_program_survived_fails_the_test() {
        let script = "echo \"thread 'main' panicked at here\" >&2; echo on; exec sleep 60";
        let mut process = Process::start(Path::new("/bin/sh"), &["-c", script], &[]);
        process.wait_for_line("panicked", BOUND).await;
    }
}
