//! Lines of bounded length.

use std::io::{self, BufRead, ErrorKind};

/// Reads lines; never holds more than the limit and one buffer of the input.
pub(super) struct Lines {
    limit: usize,
    line: Vec<u8>,
}

/// What stood between two line breaks.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// A line, without its break; the last one may have none.
    Whole(&'a [u8]),
    /// Nothing but space.
    Blank,
    /// More than the limit; passed over to its end.
    Overlong,
    /// There is no more.
    End,
}

impl Lines {
    pub(super) const fn new(limit: usize) -> Self {
        Self { limit, line: Vec::new() }
    }

    /// The next line.
    pub(super) fn next(&mut self, input: &mut impl BufRead) -> io::Result<Line<'_>> {
        self.line.clear();
        let mut overlong = false;
        let mut begun = false;
        loop {
            let buffer = match input.fill_buf() {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                buffer => buffer?,
            };
            if buffer.is_empty() && !begun {
                return Ok(Line::End);
            }
            begun = true;
            let at = memchr::memchr(b'\n', buffer);
            let part = at.map_or(Some(buffer), |at| buffer.get(..at)).unwrap_or_default();
            overlong = overlong || self.line.len().saturating_add(part.len()) > self.limit;
            if overlong {
                self.line = Vec::new();
            } else {
                self.line.extend_from_slice(part);
            }
            let ended = at.is_some() || buffer.is_empty();
            let taken = part.len().saturating_add(usize::from(at.is_some()));
            input.consume(taken);
            if ended {
                break;
            }
        }
        Ok(if overlong {
            Line::Overlong
        } else if self.line.iter().all(u8::is_ascii_whitespace) {
            Line::Blank
        } else {
            Line::Whole(&self.line)
        })
    }
}
