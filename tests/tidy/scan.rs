//! Reads the checkout's files, and Rust text with its comments and literals blanked out.

use std::path::{Path, PathBuf};

/// One text file of the checkout.
pub struct Text {
    /// Path from the checkout's root, with `/`.
    pub path: String,
    pub content: String,
}

/// The checkout's root.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every readable text file below `folder`, in path order; `target` and hidden folders other
/// than `.ci` are not part of the project's text.
pub fn texts(folder: &str) -> Vec<Text> {
    let keep = |entry: &walkdir::DirEntry| {
        let name = entry.file_name().to_string_lossy();
        entry.depth() == 0 || name == ".ci" || !(name.starts_with('.') || name == "target")
    };
    let mut found: Vec<Text> = walkdir::WalkDir::new(root().join(folder))
        .into_iter()
        .filter_entry(keep)
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .filter_map(|entry| read(entry.path()))
        .collect();
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// Every Rust file below `folder`.
pub fn rust(folder: &str) -> Vec<Text> {
    let mut found = texts(folder);
    found.retain(|text| text.path.ends_with(".rs"));
    found
}

fn read(path: &Path) -> Option<Text> {
    let content = std::fs::read_to_string(path).ok()?;
    let inside = path.strip_prefix(root()).ok()?;
    let path = inside.to_string_lossy().replace('\\', "/");
    Some(Text { path, content })
}

/// The same text, line for line, with comments and the inside of literals blanked, so that
/// braces and words in it are code.
pub fn code(source: &str) -> String {
    let bytes: Vec<char> = source.chars().collect();
    let mut out = String::with_capacity(source.len());
    let mut at = 0;
    while at < bytes.len() {
        let end = literal_end(&bytes, at);
        if end == at {
            out.push(bytes[at]);
            at += 1;
            continue;
        }
        out.extend(
            bytes[at..end]
                .iter()
                .map(|&c| if c == '\n' { c } else { ' ' }),
        );
        at = end;
    }
    out
}

/// Where the comment or literal that begins at `at` ends; `at` itself if none begins there.
fn literal_end(text: &[char], at: usize) -> usize {
    let rest = &text[at..];
    match rest {
        ['/', '/', ..] => at + rest.iter().position(|&c| c == '\n').unwrap_or(rest.len()),
        ['/', '*', ..] => block_comment_end(text, at),
        ['"', ..] => quoted_end(text, at + 1),
        ['r', '"' | '#', ..] if !follows_word(text, at) => raw_end(text, at),
        ['\'', '\\', ..] => char_end(text, at + 2),
        ['\'', _, '\'', ..] => at + 3,
        _ => at,
    }
}

fn follows_word(text: &[char], at: usize) -> bool {
    at > 0 && (text[at - 1].is_alphanumeric() && text[at - 1] != 'b' || text[at - 1] == '_')
}

fn block_comment_end(text: &[char], at: usize) -> usize {
    let mut depth = 0;
    let mut here = at;
    while here < text.len() {
        match &text[here..] {
            ['/', '*', ..] => (depth, here) = (depth + 1, here + 2),
            ['*', '/', ..] => (depth, here) = (depth - 1, here + 2),
            _ => here += 1,
        }
        if depth == 0 {
            break;
        }
    }
    here
}

fn quoted_end(text: &[char], mut here: usize) -> usize {
    while here < text.len() && text[here] != '"' {
        here += if text[here] == '\\' { 2 } else { 1 };
    }
    text.len().min(here + 1)
}

fn char_end(text: &[char], at: usize) -> usize {
    let close = text[at + 1..].iter().position(|&c| c == '\'');
    close.map_or(text.len(), |steps| at + 2 + steps)
}

fn raw_end(text: &[char], at: usize) -> usize {
    let hashes = text[at + 1..].iter().take_while(|&&c| c == '#').count();
    let open = at + 1 + hashes;
    if text.get(open) != Some(&'"') {
        return at;
    }
    let mut here = open + 1;
    while here < text.len() {
        let closes = text[here] == '"' && text[here + 1..].iter().take(hashes).all(|&c| c == '#');
        here += 1;
        if closes {
            return here + hashes;
        }
    }
    here
}

/// A function's name, its first line (from 1) and how many lines it spans.
pub struct Function {
    pub name: String,
    pub line: usize,
    pub lines: usize,
}

/// Every function with a body in blanked code, nested ones included.
pub fn functions(code: &str) -> Vec<Function> {
    let lines: Vec<&str> = code.lines().collect();
    (0..lines.len())
        .filter_map(|at| {
            let name = function_name(lines[at])?;
            let length = body_lines(&lines[at..])?;
            Some(Function {
                name,
                line: at + 1,
                lines: length,
            })
        })
        .collect()
}

fn function_name(line: &str) -> Option<String> {
    let position = line.find("fn ")?;
    let before = line[..position].trim();
    let words = [
        "pub", "const", "async", "unsafe", "extern", "(crate)", "(super)",
    ];
    let qualifiers = before
        .split_whitespace()
        .all(|word| words.iter().any(|known| word.starts_with(known)));
    let name: String = line[position + 3..]
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    (qualifiers && !name.is_empty()).then_some(name)
}

/// Lines from a function's head to the brace that closes its body; none if it ends with `;`.
fn body_lines(lines: &[&str]) -> Option<usize> {
    let mut depth = 0_i32;
    let mut brackets = 0_i32;
    for (count, line) in lines.iter().enumerate() {
        for letter in line.chars() {
            match letter {
                '(' | '[' => brackets += 1,
                ')' | ']' => brackets -= 1,
                ';' if depth == 0 && brackets == 0 => return None,
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => continue,
            }
            if letter == '}' && depth == 0 {
                return Some(count + 1);
            }
        }
    }
    None
}

#[test]
fn comments_and_literals_are_blanked_and_code_is_kept() {
    let source = "let a = \"{\\\"\"; // }\nlet b = '{'; /* { */ let c = r#\"}\"#; fn<'a>() {}";
    let blanked = code(source);
    let first = blanked.lines().next().unwrap();
    assert!(first.starts_with("let a =") && !first.contains('{') && !first.contains('}'));
    assert_eq!(blanked.lines().nth(1).unwrap().matches('{').count(), 1);
    assert!(blanked.lines().nth(1).unwrap().ends_with("fn<'a>() {}"));
}

#[test]
fn functions_are_found_with_their_lengths() {
    let source =
        "pub fn one() {\n    two();\n}\nfn head();\nconst fn three(x: [u8; 2]) -> u8 { 1 }\n";
    let found: Vec<(String, usize, usize)> = functions(&code(source))
        .into_iter()
        .map(|one| (one.name, one.line, one.lines))
        .collect();
    assert_eq!(
        found,
        [("one".to_owned(), 1, 3), ("three".to_owned(), 5, 1)]
    );
}
