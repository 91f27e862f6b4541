//! Problems as text for a terminal: the sentence, the line with a caret, the remedy.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar;

use super::{Location, Problem, Problems, Severity};

/// Colours of one severity, or none.
struct Paint {
    strong: &'static str,
    frame: &'static str,
    plain: &'static str,
}

impl Paint {
    const NONE: Self = Self {
        strong: "",
        frame: "",
        plain: "",
    };

    fn of(severity: Severity, color: bool) -> Self {
        if !color {
            return Self::NONE;
        }
        Self {
            strong: match severity {
                Severity::Error => "\x1b[1;31m",
                Severity::Warning => "\x1b[1;33m",
            },
            frame: "\x1b[1;34m",
            plain: "\x1b[0m",
        }
    }
}

/// All problems, with an empty line after each.
pub(super) fn text(problems: &Problems, color: bool) -> String {
    let mut out = String::new();
    for problem in problems {
        one(&mut out, problem, &Paint::of(problem.severity(), color));
        out.push('\n');
    }
    out
}

fn one(out: &mut String, problem: &Problem, paint: &Paint) {
    let Paint { strong, plain, .. } = paint;
    let word = problem.severity().word();
    let code = problem.code.text();
    push(
        out,
        format_args!("{strong}{word}[{code}]{plain}: {}", problem.message),
    );
    let margin = margin(problem);
    excerpt(out, &problem.location, margin, "", paint);
    for (location, note) in &problem.related {
        excerpt(out, location, margin, note, paint);
    }
    let frame = paint.frame;
    push(
        out,
        format_args!("{:margin$} {frame}= help:{plain} {}", "", problem.remedy()),
    );
}

fn excerpt(out: &mut String, location: &Location, margin: usize, note: &str, paint: &Paint) {
    let Paint {
        strong,
        frame,
        plain,
    } = paint;
    push(
        out,
        format_args!("{:margin$}{frame}-->{plain} {location}", ""),
    );
    if location.line == 0 {
        return;
    }
    let (line, before, under) = caret(location);
    push(out, format_args!("{:margin$} {frame}|{plain}", ""));
    push(
        out,
        format_args!("{frame}{:>margin$} |{plain} {line}", location.line),
    );
    let note = if note.is_empty() {
        String::new()
    } else {
        format!(" {note}")
    };
    push(
        out,
        format_args!(
            "{:margin$} {frame}|{plain} {:before$}{strong}{:^<under$}{note}{plain}",
            "", "", ""
        ),
    );
}

/// The line to print, the columns before the caret and the columns under it. Tabs become
/// one space, control characters a dot, and wide characters count twice.
fn caret(location: &Location) -> (String, usize, usize) {
    let line: Vec<char> = location.excerpt.chars().map(printable).collect();
    let at = (location.column - 1).saturating_sub(location.skipped) as usize;
    let at = at.min(line.len());
    let end = (at + location.length as usize).min(line.len());
    let width = |chars: &[char]| chars.iter().map(|&one| one.width().unwrap_or(0)).sum();
    let before: usize = width(&line[..at]);
    let under: usize = width(&line[at..end]);
    (line.into_iter().collect(), before, under.max(1))
}

fn printable(one: char) -> char {
    match one {
        '\t' => ' ',
        control if control.is_control() => '.',
        other => other,
    }
}

/// Digits of the largest line number shown.
fn margin(problem: &Problem) -> usize {
    let lines = problem.related.iter().map(|(place, _)| place.line);
    let largest = lines.fold(problem.location.line, u32::max);
    largest.to_string().len()
}

fn push(out: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{line}");
    let trimmed = out.trim_end_matches(['\n', ' ']).len();
    out.truncate(trimmed);
    out.push('\n');
}
