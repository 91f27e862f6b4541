//! Problems as workflow commands, which annotate the lines of a pull request.

use std::fmt::Write as _;

use crate::plan::Problem;

/// One command a problem.
pub fn commands<'p>(problems: impl Iterator<Item = &'p Problem>) -> String {
    let mut text = String::new();
    for problem in problems {
        let place = &problem.location;
        let mut at = format!("file={}", escape(&place.file, true));
        if place.line > 0 {
            let end = place.column + place.length;
            // Writing to a string cannot fail.
            let _ = write!(
                at,
                ",line={},col={},endColumn={end}",
                place.line, place.column
            );
        }
        let message = escape(&format!("{}. {}", problem.message, problem.remedy()), false);
        let (word, code) = (super::word(problem), problem.code.text());
        let _ = writeln!(text, "::{word} {at},title={code}::{message}");
    }
    text
}

/// The escapes of workflow commands; properties also end at `,` and `:`.
fn escape(text: &str, property: bool) -> String {
    let text = text
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A");
    match property {
        true => text.replace(':', "%3A").replace(',', "%2C"),
        false => text,
    }
}
