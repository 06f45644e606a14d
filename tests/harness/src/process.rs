//! A real program as a child: its output kept line by line, its life ended with its owner's.

use std::io::{self, BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::Guard;

/// A running program. Dropped, it is killed and reaped; a death of the owner kills it as well.
#[derive(Debug)]
pub struct Process {
    child: Child,
    guard: Option<Guard>,
    stdout: Lines,
    stderr: Lines,
}

/// What a process can be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGTERM: please stop.
    Terminate,
    /// SIGINT: what Ctrl-C sends.
    Interrupt,
    /// SIGSTOP: freezes it where it stands, as a paused virtual machine does.
    Stop,
    /// SIGCONT: lets a stopped process go on.
    Continue,
    /// SIGKILL: ends it between two instructions.
    Kill,
}

type Lines = Arc<Mutex<Vec<String>>>;

impl Process {
    /// Starts the program with no input and its output captured.
    pub fn start(command: &mut Command) -> io::Result<Self> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| {
                io::Error::new(
                    error.kind(),
                    format!("{}: {error}", command.get_program().display()),
                )
            })?;
        let guard = match Guard::over("kill -9 \"$1\"", &[&child.id().to_string()]) {
            Ok(guard) => guard,
            Err(error) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(error);
            }
        };
        let stdout = child.stdout.take().map(keep_lines).unwrap_or_default();
        let stderr = child.stderr.take().map(keep_lines).unwrap_or_default();
        Ok(Self {
            child,
            guard: Some(guard),
            stdout,
            stderr,
        })
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The lines it has written to standard output so far.
    pub fn stdout(&self) -> Vec<String> {
        self.stdout.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The lines it has written to standard error so far.
    pub fn stderr(&self) -> Vec<String> {
        self.stderr.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How it ended, if it has. Never waits.
    pub fn exit_status(&mut self) -> io::Result<Option<ExitStatus>> {
        let status = self.child.try_wait()?;
        if status.is_some() {
            self.stand_down();
        }
        Ok(status)
    }

    /// Sends a signal; one that has ended cannot be signalled.
    pub fn signal(&mut self, signal: Signal) -> io::Result<()> {
        // Its number may be another's by now.
        if let Some(status) = self.exit_status()? {
            return Err(io::Error::other(format!(
                "cannot send {signal:?}: the process has ended with {status}"
            )));
        }
        // The shell's own `kill`: a slim system has no other.
        let script = format!("kill -{} {}", signal.name(), self.pid());
        let sent = Command::new("sh").arg("-c").arg(&script).status()?;
        if sent.success() {
            Ok(())
        } else {
            Err(io::Error::other(format!("`{script}` failed")))
        }
    }

    /// Kills it with SIGKILL and reaps it; nothing to do for one that has ended.
    pub fn kill(&mut self) -> io::Result<ExitStatus> {
        self.child.kill()?;
        let status = self.child.wait()?;
        self.stand_down();
        Ok(status)
    }

    fn stand_down(&mut self) {
        if let Some(guard) = self.guard.take() {
            guard.stand_down();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

impl Signal {
    fn name(self) -> &'static str {
        match self {
            Self::Terminate => "TERM",
            Self::Interrupt => "INT",
            Self::Stop => "STOP",
            Self::Continue => "CONT",
            Self::Kill => "KILL",
        }
    }
}

/// Reads to the end on a thread of its own, so that a talkative child never blocks on a full pipe.
fn keep_lines(pipe: impl Read + Send + 'static) -> Lines {
    let lines = Lines::default();
    let kept = Arc::clone(&lines);
    thread::spawn(move || {
        for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            kept.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        }
    });
    lines
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::wait_until;

    const BOUND: Duration = Duration::from_secs(10);

    fn shell(script: &str) -> Process {
        Process::start(Command::new("sh").arg("-c").arg(script)).unwrap()
    }

    fn ended(process: &mut Process) -> ExitStatus {
        wait_until("it ends", BOUND, || {
            process.exit_status().unwrap().ok_or("running".into())
        })
        .unwrap()
    }

    #[test]
    fn both_outputs_are_kept_apart_line_by_line() {
        let mut process = shell("echo one; echo two >&2; echo three");
        assert!(ended(&mut process).success());
        wait_until("stdout", BOUND, || match process.stdout() {
            lines if lines == ["one", "three"] => Ok(()),
            lines => Err(format!("{lines:?}")),
        })
        .unwrap();
        wait_until("stderr", BOUND, || match process.stderr() {
            lines if lines == ["two"] => Ok(()),
            lines => Err(format!("{lines:?}")),
        })
        .unwrap();
    }

    #[test]
    fn a_signal_reaches_the_program() {
        let mut process = shell("trap 'exit 7' TERM; echo armed; while :; do sleep 0.01; done");
        wait_until("armed", BOUND, || {
            process.stdout().first().cloned().ok_or("silence".into())
        })
        .unwrap();
        process.signal(Signal::Terminate).unwrap();
        assert_eq!(ended(&mut process).code(), Some(7));
        assert!(
            process.signal(Signal::Terminate).is_err(),
            "one that has ended cannot be signalled"
        );
    }

    #[test]
    fn a_dropped_process_is_dead() {
        let process = shell("exec sleep 60");
        let pid = process.pid().to_string();
        drop(process);
        let alive = Command::new("sh")
            .args(["-c", "kill -0 \"$0\" 2>/dev/null", &pid])
            .status()
            .unwrap();
        assert!(!alive.success());
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error = Process::start(&mut Command::new("/no/such/program")).unwrap_err();
        assert!(error.to_string().contains("/no/such/program"), "{error}");
    }
}
