//! Postal codes as runs of keys: codes of one form stand together, so that ranges are runs.

use std::collections::BTreeSet;

use smallvec::SmallVec;

use crate::plan::condition::PostalCodes;

use super::super::postal::form_of;
use super::span::{Key, Run};

/// The forms of a ZIP and of a ZIP+4, which lies where its ZIP lies.
pub const ZIP_FORMS: [&str; 2] = ["00000", "00000-0000"];

/// What the keys of codes begin with whose form no condition names.
const OTHER_FORMS: u8 = u8::MAX;

/// The keys of the codes that fit.
pub fn runs(codes: &PostalCodes, forms: &BTreeSet<String>) -> Vec<Run> {
    match codes {
        PostalCodes::Exact(code) => between(code, code),
        PostalCodes::Range(from, to) => between(from, to),
        PostalCodes::Prefix(prefix) => beginning_with(prefix, forms).collect(),
    }
}

/// Codes of one form between two, both included.
fn between(from: &str, to: &str) -> Vec<Run> {
    let form = form_of(from);
    let mut runs = vec![run(&form, from, to)];
    if form == ZIP_FORMS[0] {
        let (from, to) = (format!("{from}-0000"), format!("{to}-9999"));
        runs.push(run(ZIP_FORMS[1], &from, &to));
    }
    runs
}

fn run(form: &str, from: &str, to: &str) -> Run {
    Run {
        from: key(form, from),
        to: Some(after(form, to)),
    }
}

/// The codes of each named form that begin so, and those of other forms.
pub fn beginning_with<'f>(
    prefix: &'f str,
    forms: &'f BTreeSet<String>,
) -> impl Iterator<Item = Run> + 'f {
    let begins = form_of(prefix);
    let of_forms = forms
        .iter()
        .filter(move |form| form.starts_with(&*begins))
        .map(move |form| {
            let rest = &form[prefix.len()..];
            let last = rest.replace('0', "9").replace('A', "Z");
            run(form, &format!("{prefix}{rest}"), &format!("{prefix}{last}"))
        });
    let mut others: Key = SmallVec::from_slice(&[OTHER_FORMS]);
    others.extend_from_slice(prefix.as_bytes());
    of_forms.chain([Run::beginning_with(others)])
}

fn key(form: &str, code: &str) -> Key {
    let mut key = Key::from_slice(form.as_bytes());
    key.push(0);
    key.extend_from_slice(code.as_bytes());
    key
}

/// The key of the next code of the same form, or the end of that form's keys.
fn after(form: &str, code: &str) -> Key {
    let mut next = code.as_bytes().to_vec();
    for byte in next.iter_mut().rev() {
        match *byte {
            b'9' => *byte = b'0',
            b'Z' => *byte = b'A',
            b'0'..=b'8' | b'A'..=b'Y' => {
                *byte += 1;
                let mut key = Key::from_slice(form.as_bytes());
                key.push(0);
                key.extend_from_slice(&next);
                return key;
            }
            _ => {}
        }
    }
    let mut end = Key::from_slice(form.as_bytes());
    end.push(1);
    end
}

/// The last code before a key that ends a run; `None` where that cannot be told.
pub fn code_before(key: &Key) -> Option<String> {
    let end = key.iter().position(|byte| *byte <= 1)?;
    let form = &key[..end];
    if key[end] == 1 {
        let last = std::str::from_utf8(form).ok()?;
        return Some(last.replace('0', "9").replace('A', "Z"));
    }
    let mut code = key[end + 1..].to_vec();
    for byte in code.iter_mut().rev() {
        match *byte {
            b'0' => *byte = b'9',
            b'A' => *byte = b'Z',
            b'1'..=b'9' | b'B'..=b'Z' => {
                *byte -= 1;
                return String::from_utf8(code).ok();
            }
            _ => {}
        }
    }
    None
}

/// The key that a code has if conditions name its form.
pub fn key_of(code: &str) -> Key {
    key(&form_of(code), code)
}

/// The code of a key; `None` where the key is not that of a code.
pub fn code_of(key: &Key) -> Option<String> {
    let text = match key.iter().position(|byte| *byte == 0) {
        Some(end) if end + 1 < key.len() => &key[end + 1..],
        Some(_) => return None,
        None => key.strip_prefix(&[OTHER_FORMS])?,
    };
    let code = std::str::from_utf8(text)
        .ok()
        .filter(|code| !code.is_empty())?;
    Some(code.to_owned())
}
