//! Lines of a stream of any length, read in bounded memory.

use std::io::{self, BufRead, BufReader, Read};

/// One line without its end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// Its bytes.
    Whole(Vec<u8>),
    /// It was longer than allowed and is not kept; so many bytes.
    TooLong(usize),
}

/// A reader of lines, each at most `longest` bytes.
pub(crate) struct Lines<R> {
    reader: BufReader<R>,
    longest: usize,
    /// Bytes taken from the stream so far.
    pub(crate) bytes: u64,
}

const BUFFER: usize = 256 * 1024;

impl<R: Read> Lines<R> {
    pub(crate) fn new(reader: R, longest: usize) -> Self {
        Lines {
            reader: BufReader::with_capacity(BUFFER, reader),
            longest,
            bytes: 0,
        }
    }

    /// The next line; `None` at the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<Line>> {
        let (mut line, mut length) = (Vec::new(), 0);
        loop {
            let buffer = match self.reader.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                buffer => buffer?,
            };
            if buffer.is_empty() && length == 0 {
                return Ok(None);
            }
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let taken = &buffer[..end.unwrap_or(buffer.len())];
            let room = self.longest.saturating_sub(line.len());
            line.extend_from_slice(&taken[..taken.len().min(room)]);
            length += taken.len();
            let used = taken.len() + usize::from(end.is_some());
            let is_last = buffer.is_empty() || end.is_some();
            self.reader.consume(used);
            self.bytes += used as u64;
            if is_last {
                return Ok(Some(if length > self.longest {
                    Line::TooLong(length)
                } else {
                    Line::Whole(line)
                }));
            }
        }
    }

    /// Whether the next line is there already, so that reading it cannot wait for whoever writes.
    pub(crate) fn has_next(&self) -> bool {
        self.reader.buffer().contains(&b'\n')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<Line> {
        let mut lines = Lines::new(text.as_bytes(), 4);
        std::iter::from_fn(|| lines.next().unwrap()).collect()
    }

    fn whole(text: &str) -> Line {
        Line::Whole(text.into())
    }

    #[test]
    fn lines_end_at_line_feeds_and_at_the_end() {
        assert_eq!(lines(""), []);
        assert_eq!(lines("a\n\nbcde"), [whole("a"), whole(""), whole("bcde")]);
        assert_eq!(lines("\n"), [whole("")]);
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over_and_counted() {
        assert_eq!(lines("abcdef\nx\n"), [Line::TooLong(6), whole("x")]);
        assert_eq!(lines("abcdef"), [Line::TooLong(6)]);
    }
}
