//! The binary: hands over to the command line and returns its exit code.

use std::process::ExitCode;

/// Memory for every thread, of the client library too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    bailiwick::cli::main()
}
