//! Standard output, as a pipeline wants it: a reader that has left ends nothing.

use std::io::{self, BufWriter, Stdout, Write};

use serde::Serialize;

/// Where data goes; what nobody reads any more is dropped.
pub(crate) struct Output {
    out: BufWriter<Stdout>,
    is_closed: bool,
}

impl Output {
    pub(crate) fn new() -> Self {
        Output {
            out: BufWriter::new(io::stdout()),
            is_closed: false,
        }
    }

    /// Text as it is, line ends included.
    pub(crate) fn text(&mut self, text: &str) -> io::Result<()> {
        if self.is_closed {
            return Ok(());
        }
        let written = self.out.write_all(text.as_bytes());
        self.unless_closed(written)
    }

    /// One JSON document on one line.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> io::Result<()> {
        let mut line = serde_json::to_string(value)?;
        line.push('\n');
        self.text(&line)
    }

    /// Everything written so far leaves now.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        if self.is_closed {
            return Ok(());
        }
        let flushed = self.out.flush();
        self.unless_closed(flushed)
    }

    /// `head` and the like leave early; the work of the command goes on all the same.
    fn unless_closed(&mut self, result: io::Result<()>) -> io::Result<()> {
        match result {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.is_closed = true;
                Ok(())
            }
            other => other,
        }
    }
}

/// A word on standard error for whoever typed the command, whatever is logged.
pub(crate) fn note(text: &str) {
    // With standard error closed there is nobody left to be told.
    let _ = writeln!(io::stderr(), "parceld: {text}");
}
