//! `config show`: every setting in force and where it came from, secrets masked.

use clap::Subcommand;
use serde_json::{Map, json};

use crate::config::{Settings, Shown};

use super::Frame;
use super::failure::Failure;
use super::output::{Data, Format};

/// Look at the settings in force
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Print every setting with its value and where it came from; secrets are masked
    #[command(after_help = "\
Examples:
  bailiwick config show
  BAILIWICK__KAFKA__GROUP=west bailiwick config show --set http.listen=127.0.0.1:9000
  bailiwick config show --config /etc/bailiwick/bailiwick.toml -o json")]
    Show,
}

pub fn run(args: Args, frame: &Frame) -> Result<(), Failure> {
    let What::Show = args.what;
    let settings = frame.settings()?;
    let mut data = Data::open();
    match frame.output {
        Format::Text => data.text(&table(&settings))?,
        Format::Json => data.json_pretty(&tree(&settings))?,
    }
    data.finish()
}

fn table(settings: &Settings) -> String {
    let lines = settings.shown.iter().map(|(key, Shown { value, origin })| {
        let value = value
            .as_ref()
            .map_or("(not set)".to_owned(), |text| format!("{text:?}"));
        (format!("{key} = {value}"), origin.to_string())
    });
    let lines: Vec<(String, String)> = lines.collect();
    let width = lines
        .iter()
        .map(|(left, _)| left.chars().count())
        .max()
        .unwrap_or(0);
    lines
        .iter()
        .map(|(left, origin)| format!("{left:width$}  # {origin}\n"))
        .collect()
}

fn tree(settings: &Settings) -> Map<String, serde_json::Value> {
    let entries = settings.shown.iter().map(|(key, Shown { value, origin })| {
        (
            key.clone(),
            json!({"value": value, "origin": origin.to_string()}),
        )
    });
    entries.collect()
}
