//! The binary: hands over to the command line and returns its exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    bailiwick::cli::main()
}
