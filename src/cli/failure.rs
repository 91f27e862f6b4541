//! How a command ends: one exit code and, if it failed, one text that says what to do.

use std::fmt;
use std::io;
use std::process::ExitCode;

/// The exit codes of spec section 10; 3 is kept for `diff`, which does not exist yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    Ok = 0,
    /// Failed tests, or warnings under `--deny-warnings`.
    Failed = 1,
    Usage = 2,
    /// A fault of the program or of the machine under it.
    Internal = 70,
    /// The broker is away; the same command may work later.
    TryAgain = 75,
    /// Bad settings or a bad plan.
    BadConfig = 78,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command ended early. An empty message means all was said already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub exit: Exit,
    pub message: String,
}

impl Failure {
    /// Ends with `exit` and says `message`.
    pub fn new(exit: Exit, message: impl fmt::Display) -> Self {
        Self {
            exit,
            message: message.to_string(),
        }
    }

    /// Ends with `exit` after everything was said.
    pub const fn silent(exit: Exit) -> Self {
        Self {
            exit,
            message: String::new(),
        }
    }

    /// Wrong use of a command.
    pub fn usage(message: impl fmt::Display) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// Bad settings, a bad plan, or a file that cannot be read.
    pub fn bad_config(message: impl fmt::Display) -> Self {
        Self::new(Exit::BadConfig, message)
    }

    /// Something that should not happen.
    pub fn internal(message: impl fmt::Display) -> Self {
        Self::new(Exit::Internal, message)
    }

    /// Standard output cannot be written. A reader that left, such as `head`, is no fault.
    pub fn of_output(why: &io::Error) -> Self {
        match why.kind() {
            io::ErrorKind::BrokenPipe => Self::silent(Exit::Ok),
            _ => Self::internal(format_args!("cannot write to standard output: {why}")),
        }
    }
}

impl From<crate::config::BadSettings> for Failure {
    fn from(bad: crate::config::BadSettings) -> Self {
        Self::bad_config(bad)
    }
}
