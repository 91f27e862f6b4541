//! `completion SHELL`: prints a completion script.

use clap::CommandFactory;
use clap_complete::Shell;

use super::failure::Failure;
use super::output::Data;
use super::{Cli, Frame};

/// Print a completion script for a shell
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  bailiwick completion bash > /etc/bash_completion.d/bailiwick
  bailiwick completion zsh > ~/.zfunc/_bailiwick
  bailiwick completion fish > ~/.config/fish/completions/bailiwick.fish")]
pub struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub fn run(args: Args, _frame: &Frame) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "bailiwick", &mut script);
    let mut data = Data::open();
    data.bytes(&script)?;
    data.finish()
}
