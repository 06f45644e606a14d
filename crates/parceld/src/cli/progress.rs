//! How far a long command has come, on a terminal only.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

/// A line on standard error that is written over and over.
pub(crate) struct Progress {
    is_shown: bool,
    total: Option<u64>,
    drawn: Option<Instant>,
}

/// Often enough to live, rarely enough to cost nothing.
const EVERY: Duration = Duration::from_millis(100);
const WIDTH: u64 = 24;

impl Progress {
    /// Towards `total` bytes, if it is known.
    pub(crate) fn new(total: Option<u64>) -> Self {
        Progress {
            is_shown: io::stderr().is_terminal(),
            total: total.filter(|total| *total > 0),
            drawn: None,
        }
    }

    /// Shows where the command stands.
    pub(crate) fn show(&mut self, bytes: u64, words: &str) {
        if !self.is_shown || self.drawn.is_some_and(|drawn| drawn.elapsed() < EVERY) {
            return;
        }
        self.drawn = Some(Instant::now());
        let bar = self.total.map(|total| bar(bytes, total)).unwrap_or_default();
        draw(&format!("\r{bar}{words}\x1b[K"));
    }

    /// Takes the line away again.
    pub(crate) fn end(&mut self) {
        if self.drawn.take().is_some() {
            draw("\r\x1b[K");
        }
    }
}

fn bar(bytes: u64, total: u64) -> String {
    let full = (bytes.min(total) * WIDTH / total) as usize;
    let empty = WIDTH as usize - full;
    format!(
        "[{}{}] {:>3} %  ",
        "#".repeat(full),
        ".".repeat(empty),
        bytes.min(total) * 100 / total
    )
}

/// A terminal that cannot be written to shows nothing.
fn draw(text: &str) {
    let mut out = io::stderr();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
