//! `${file:…}` and `${env:…}` in values: how a secret gets in without standing in a settings file.

use std::path::Path;

/// A value after expansion.
#[derive(Debug, PartialEq, Eq)]
pub struct Expanded {
    pub text: String,
    /// Part of it came from a file or variable and must never be printed.
    pub secret: bool,
}

/// Replaces each `${file:PATH}` by that file's content without its last line break and each
/// `${env:NAME}` by that variable. `$${` stands for a literal `${`. Relative paths start at
/// `base`. Errors name the file or variable, never a content.
pub fn expand(
    text: &str,
    base: &Path,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Expanded, String> {
    let mut out = String::with_capacity(text.len());
    let mut secret = false;
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        if rest[..at].ends_with('$') {
            out.push_str(&rest[..at - 1]);
            out.push_str("${");
            rest = &rest[at + 2..];
            continue;
        }
        out.push_str(&rest[..at]);
        let (inside, after) = rest[at + 2..]
            .split_once('}')
            .ok_or("`${` is not closed by `}`; write `$${` for the characters themselves")?;
        out.push_str(&fetch(inside, base, &variable)?);
        secret = true;
        rest = after;
    }
    out.push_str(rest);
    Ok(Expanded { text: out, secret })
}

/// The content of a file that holds one secret, without its last line break.
pub fn read_file(path: &Path) -> Result<String, String> {
    let content = std::fs::read_to_string(path)
        .map_err(|why| format!("cannot read the file {}: {why}", path.display()))?;
    Ok(content.trim_end_matches(['\r', '\n']).to_owned())
}

fn fetch(
    inside: &str,
    base: &Path,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<String, String> {
    match inside.split_once(':') {
        Some(("file", path)) => read_file(&base.join(path)),
        Some(("env", name)) => {
            variable(name).ok_or_else(|| format!("the environment variable {name} is not set"))
        }
        _ => Err("only `${file:PATH}` and `${env:NAME}` are known".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<(&str, bool), &str>) {
        let variable = |name: &str| (name == "WORD").then(|| "open sesame".to_owned());
        let got = expand(text, Path::new("/nowhere"), variable);
        match (got, expected) {
            (Ok(got), Ok((text, secret))) => {
                assert_eq!((got.text.as_str(), got.secret), (text, secret));
            }
            (Err(got), Err(part)) => assert!(got.contains(part), "{got}"),
            (got, expected) => panic!("{text}: got {got:?}, expected {expected:?}"),
        }
    }

    #[test]
    fn values_expand_from_files_and_variables() {
        check("plain", Ok(("plain", false)));
        check("${env:WORD}", Ok(("open sesame", true)));
        check(
            "<${env:WORD}> and <${env:WORD}>",
            Ok(("<open sesame> and <open sesame>", true)),
        );
        check("costs $${5}", Ok(("costs ${5}", false)));
        check("${env:NONE}", Err("variable NONE is not set"));
        check("${file:gone}", Err("/nowhere/gone"));
        check("${vault:x}", Err("only `${file:PATH}`"));
        check("${env:WORD", Err("not closed"));
    }

    #[test]
    fn a_file_loses_its_last_line_break_only() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("word"), " two words \n").unwrap();
        let got = expand("${file:word}", folder.path(), |_| None).unwrap();
        assert_eq!(got.text, " two words ");
    }
}
