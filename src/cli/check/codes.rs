//! `check --codes`: what each problem's code stands for and what to do about it.

use std::fmt::Write as _;

use serde_json::json;

use crate::cli::failure::Failure;
use crate::cli::output::{Data, Format};
use crate::plan::Code;

/// Prints every code, in order.
pub fn list(format: Format) -> Result<(), Failure> {
    let mut data = Data::open();
    match format {
        Format::Text => data.text(&text())?,
        Format::Json => {
            let codes = Code::ALL.iter().map(|code| {
                json!({
                    "code": code.text(),
                    "severity": code.severity().word(),
                    "title": code.title(),
                    "help": code.remedy(),
                })
            });
            data.json_pretty(&codes.collect::<Vec<_>>())?;
        }
    }
    data.finish()
}

fn text() -> String {
    let mut text = String::new();
    for code in Code::ALL {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{} {}: {}",
            code.text(),
            code.severity().word(),
            code.title()
        );
        let _ = writeln!(text, "     {}", code.remedy());
    }
    text
}
