//! Free text: trimmed, NFKC, case-folded, with single inner spaces.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// The folded form of a text, equal for texts that differ only in case, width, composition
/// or white space. Empty if there is nothing but white space.
pub fn text(raw: &str) -> Cow<'_, str> {
    let trimmed = trim(raw);
    match form(trimmed) {
        Form::Folded => Cow::Borrowed(trimmed),
        Form::Capitals => Cow::Owned(trimmed.to_ascii_lowercase()),
        Form::Ascii => Cow::Owned(squeeze(trimmed.chars().map(|c| c.to_ascii_lowercase()))),
        // Lower-casing may leave characters that NFKC would compose or decompose, hence the
        // second pass: without it folding twice would differ from folding once.
        Form::Any => Cow::Owned(squeeze(trimmed.nfkc().flat_map(fold_char).nfkc())),
    }
}

/// The folded text, or nothing if it is empty.
pub fn some_text(raw: &str) -> Option<Cow<'_, str>> {
    Some(text(raw)).filter(|folded| !folded.is_empty())
}

/// A language tag: folded, with the hyphens of BCP 47 (`zh_CN` is `zh-cn`).
pub fn language(raw: &str) -> Option<Cow<'_, str>> {
    let tag = some_text(raw)?;
    if tag.contains('_') {
        return Some(Cow::Owned(tag.replace('_', "-")));
    }
    Some(tag)
}

/// `str::trim`, quicker for what has nothing to trim: ASCII and Han at both ends.
pub(super) fn trim(raw: &str) -> &str {
    match raw.as_bytes() {
        [0x21..=0x7e, .., 0x21..=0x7e] => raw,
        [0xe4..=0xe9, _, _, .., 0xe4..=0xe9, _, _] => raw,
        _ => raw.trim(),
    }
}

/// The text in compatibility form: full-width digits and letters become plain ones.
pub(super) fn nfkc(raw: &str) -> Cow<'_, str> {
    if raw.is_ascii() {
        return Cow::Borrowed(raw);
    }
    Cow::Owned(raw.nfkc().collect())
}

/// How much folding a trimmed text needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// None. Some folded texts are taken for [`Form::Any`] all the same, never the reverse.
    Folded,
    /// Lower case, as all of it is printable ASCII with single spaces.
    Capitals,
    /// Lower case and single spaces.
    Ascii,
    /// All there is.
    Any,
}

fn form(trimmed: &str) -> Form {
    let (mut capitals, mut gaps, mut before) = (false, false, 0);
    for (at, &b) in trimmed.as_bytes().iter().enumerate() {
        match b {
            b' ' => gaps |= before == b' ',
            b'A'..=b'Z' => capitals = true,
            b'!'..=b'~' => {}
            0x80.. if capitals || gaps || !is_stable(&trimmed[at..], before) => return Form::Any,
            0x80.. => return Form::Folded,
            _ => gaps = true,
        }
        before = b;
    }
    match (gaps, capitals) {
        (false, false) => Form::Folded,
        (false, true) => Form::Capitals,
        (true, _) => Form::Ascii,
    }
}

/// Whether a text that stands behind `before` has single spaces and only characters that NFKC
/// and case folding leave alone wherever they stand: printable ASCII without capitals, and
/// the Han ideographs of the base block.
fn is_stable(text: &str, before: u8) -> bool {
    let mut before = char::from(before);
    text.chars().all(|c| {
        let double = (before, c) == (' ', ' ');
        before = c;
        !double && matches!(c, ' '..='@' | '['..='~' | '\u{4e00}'..='\u{9fff}')
    })
}

/// Lower case, with the three letters whose full case folding is not their lower case.
fn fold_char(c: char) -> impl Iterator<Item = char> {
    let (mapped, extra) = match c {
        'ß' | 'ẞ' => ('s', Some('s')),
        'ς' => ('σ', None),
        other => (other, None),
    };
    mapped.to_lowercase().chain(extra)
}

/// Joins the words of `chars` by single spaces.
fn squeeze(chars: impl Iterator<Item = char>) -> String {
    let mut out = String::new();
    let mut gap = false;
    for c in chars {
        if c.is_whitespace() {
            gap = !out.is_empty();
            continue;
        }
        if std::mem::take(&mut gap) {
            out.push(' ');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_fold_to_one_form() {
        for (raw, folded) in [
            ("CRM", "crm"),
            ("  Webform\t", "webform"),
            ("Los   Angeles\u{a0}County", "los angeles county"),
            ("ＣＲＭ　１２", "crm 12"),
            ("上海市", "上海市"),
            ("上 海", "上 海"),
            ("Straße", "strasse"),
            ("STRASSE", "strasse"),
            ("ΟΔΟΣ", "οδοσ"),
            ("οδος", "οδοσ"),
            ("Cafe\u{301}", "café"),
            ("①", "1"),
            ("", ""),
            ("\u{3000}", ""),
        ] {
            assert_eq!(text(raw), folded, "{raw:?}");
        }
    }

    #[test]
    fn language_tags_have_hyphens() {
        for (raw, tag) in [
            ("zh", Some("zh")),
            ("zh_CN", Some("zh-cn")),
            ("EN-us", Some("en-us")),
            (" ", None),
        ] {
            assert_eq!(language(raw).as_deref(), tag, "{raw:?}");
        }
    }

    #[test]
    fn folded_text_is_borrowed() {
        for raw in ["crm", " 上海市 ", "no. 88-2"] {
            assert!(matches!(text(raw), Cow::Borrowed(_)), "{raw}");
        }
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(raw in "\\PC{0,24}") {
            let once = text(&raw).into_owned();
            prop_assert_eq!(text(&once), once.as_str());
        }

        #[test]
        fn case_and_space_do_not_matter(raw in "[a-z0-9 ]{0,24}") {
            let louder = format!(" {} ", raw.to_uppercase().replace(' ', "  "));
            prop_assert_eq!(text(&louder), text(&raw));
        }
    }
}
