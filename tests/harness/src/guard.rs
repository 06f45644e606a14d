//! A watch over what must not outlive this process. Statics are never dropped and a SIGKILL drops nothing, so the watch
//! is a shell that reads from a pipe which only we hold: the kernel closes it however we end.

use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

/// Runs a shell script when this process has ended, however it ended, or when the guard is dropped.
#[derive(Debug)]
pub struct Guard {
    watcher: Child,
}

impl Guard {
    /// Starts the watch. The script reads `args` as `$1`, `$2` and so on.
    pub fn over(script: &str, args: &[&str]) -> io::Result<Self> {
        let watcher = Command::new("sh")
            .arg("-c")
            .arg(format!("if read -r _; then exit 0; fi\n{script}"))
            .arg("guard")
            .args(args)
            .stdin(Stdio::piped())
            // An inherited output would keep a pipe behind `cargo test` open.
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Ctrl-C goes to a whole process group, and the watch must survive it.
            .process_group(0)
            .spawn()?;
        Ok(Self { watcher })
    }

    /// Ends the watch without running the script.
    pub fn stand_down(mut self) {
        if let Some(stdin) = &mut self.watcher.stdin {
            // A watcher that is gone has nothing left to be told.
            let _ = stdin.write_all(b"stand down\n");
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.watcher.stdin.take());
        let _ = self.watcher.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marker(name: &str) -> std::path::PathBuf {
        std::env::temp_dir().join(format!("parceld-guard-{name}-{}", std::process::id()))
    }

    #[test]
    fn a_dropped_guard_has_run_its_script() {
        let marker = marker("dropped");
        drop(Guard::over("touch \"$1\"", &[marker.to_str().unwrap()]).unwrap());
        assert!(marker.exists());
        std::fs::remove_file(marker).unwrap();
    }

    #[test]
    fn a_guard_that_stands_down_runs_nothing() {
        let marker = marker("stood-down");
        Guard::over("touch \"$1\"", &[marker.to_str().unwrap()])
            .unwrap()
            .stand_down();
        assert!(!marker.exists());
    }
}
