//! Standard output and error of a command: data on one, all else on the other.

use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

use clap::ValueEnum;
use serde::Serialize;

use super::failure::Failure;

/// `-o`: for people or for programs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    #[default]
    Text,
    Json,
}

/// Standard output, buffered. Whoever writes calls [`Data::finish`], so that a full disk
/// is noticed.
pub struct Data {
    out: BufWriter<StdoutLock<'static>>,
}

impl Data {
    pub fn open() -> Self {
        Self {
            out: BufWriter::with_capacity(1 << 16, io::stdout().lock()),
        }
    }

    /// Writes text as it is.
    pub fn text(&mut self, text: &str) -> Result<(), Failure> {
        self.bytes(text.as_bytes())
    }

    /// Writes bytes as they are.
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.out
            .write_all(bytes)
            .map_err(|why| Failure::of_output(&why))
    }

    /// Writes a value as one line of JSON.
    pub fn json(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        serde_json::to_writer(&mut self.out, value)
            .map_err(|why| Failure::of_output(&why.into()))?;
        self.text("\n")
    }

    /// Writes a value as JSON for people.
    pub fn json_pretty(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        serde_json::to_writer_pretty(&mut self.out, value)
            .map_err(|why| Failure::of_output(&why.into()))?;
        self.text("\n")
    }

    /// Hands everything to the system.
    pub fn finish(mut self) -> Result<(), Failure> {
        self.out.flush().map_err(|why| Failure::of_output(&why))
    }
}

/// For writers of other formats, such as CSV.
impl Write for Data {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Says something to the person at the terminal. Failing to is no reason to stop.
pub fn say(text: impl std::fmt::Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Whether colours suit a stream: it is a terminal, and `NO_COLOR` is unset or empty.
pub fn colors(stream: &impl IsTerminal) -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    stream.is_terminal() && !refused
}
