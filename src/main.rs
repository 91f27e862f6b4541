//! The binary: hands over to the command line and returns its exit code.

use std::process::ExitCode;

/// Memory for all but the client library, which is written in C and keeps the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    bailiwick::cli::main()
}
