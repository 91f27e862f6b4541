//! Administrative codes: their canonical form and what their digits say of their ancestors.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// Longest code part after the country. Village codes of GB/T 10114 have twelve digits, US
/// census blocks fifteen; anything longer is not a code.
const MAX_LOCAL_LEN: usize = 16;

/// The canonical form of a code: lower-case country, a hyphen, the rest in upper case, as in
/// `cn-310104` or `de-BY`; a country alone is its alpha-2 code.
///
/// A code without a country takes `country` (lower-case alpha-2), except two letters when
/// there is none, which are a country. Trailing zero pairs of Chinese codes fall away
/// (`cn-310000` is `cn-31`), and US codes regain the zero that spreadsheets drop.
pub fn canonical<'a>(raw: &'a str, country: Option<&str>) -> Option<Cow<'a, str>> {
    let trimmed = raw.trim();
    if is_canonical(trimmed) && !names_bare_region(trimmed, country) {
        return Some(Cow::Borrowed(trimmed));
    }
    if trimmed.is_ascii() {
        return assemble(trimmed, country).map(Cow::Owned);
    }
    let plain: String = trimmed.nfkc().collect();
    assemble(plain.trim(), country).map(Cow::Owned)
}

/// Whether `text` is already what [`canonical`] would make of it, read with its own country.
fn is_canonical(text: &str) -> bool {
    let (country, local) = split(text);
    let named = country.len() == 2 && country.bytes().all(|b| b.is_ascii_lowercase());
    if !named || text.len() > 2 && local.is_empty() {
        return false;
    }
    let upper = |b: u8| b.is_ascii_digit() || b.is_ascii_uppercase() || b == b'-';
    local.len() <= MAX_LOCAL_LEN
        && local.bytes().all(upper)
        && !local.starts_with('-')
        && !local.ends_with('-')
        && shorten(country, local).len() == local.len()
        && !(country == "us" && lost_zero(local))
}

/// Two letters beside a country are one of its regions (`by` in `de`), unless they are the
/// country itself.
fn names_bare_region(text: &str, country: Option<&str>) -> bool {
    text.len() == 2 && country.is_some_and(|own| !own.eq_ignore_ascii_case(text))
}

fn assemble(text: &str, country: Option<&str>) -> Option<String> {
    let (own, local) = parts(text, country)?;
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    if local.len() > MAX_LOCAL_LEN || !local.bytes().all(fits) {
        return None;
    }
    let local = local.trim_matches('-');
    let mut code = String::with_capacity(own.len() + local.len() + 2);
    code.push_str(own);
    code.make_ascii_lowercase();
    if local.is_empty() {
        return Some(code);
    }
    code.push('-');
    let start = code.len();
    if code == "us-" && lost_zero(local) {
        code.push('0');
    }
    code.push_str(local);
    code[start..].make_ascii_uppercase();
    let kept = shorten(&code[..start - 1], &code[start..]).len();
    code.truncate(start + kept);
    Some(code)
}

/// Country and local part of a code as typed; `None` if it has no country at all.
fn parts<'t>(text: &'t str, country: Option<&'t str>) -> Option<(&'t str, &'t str)> {
    let letters = |part: &str| part.bytes().all(|b| b.is_ascii_alphabetic());
    let head = text.get(..2).filter(|head| letters(head));
    match (head, text.as_bytes().get(2)) {
        (Some(head), Some(b'-' | b'_')) if text.len() > 3 => Some((head, &text[3..])),
        (Some(head), None) if !names_bare_region(text, country) => Some((head, "")),
        _ => country.filter(|_| !text.is_empty()).map(|own| (own, text)),
    }
}

/// Splits a canonical code after its country: `cn-310104` into `cn` and `310104`.
pub fn split(code: &str) -> (&str, &str) {
    code.split_once('-').unwrap_or((code, ""))
}

/// US state and county codes lose a leading zero in spreadsheets: `6037` is `06037`.
fn lost_zero(local: &str) -> bool {
    matches!(local.len(), 1 | 4) && local.bytes().all(|b| b.is_ascii_digit())
}

/// Cuts the zeros by which a long code names an ancestor.
fn shorten<'t>(country: &str, local: &'t str) -> &'t str {
    if !local.bytes().all(|b| b.is_ascii_digit()) {
        return local;
    }
    let steps: &[(usize, usize)] = match country {
        "cn" => &[(12, 9), (9, 6), (6, 4), (4, 2)],
        "us" => &[(5, 2)],
        _ => &[],
    };
    let mut local = local;
    for &(from, to) in steps {
        if local.len() == from && local[to..].bytes().all(|b| b == b'0') {
            local = &local[..to];
        }
    }
    local
}

/// The code that `code`'s structure names as its parent, in canonical form: `us-06` for
/// `us-06037`, `cn-3101` for `cn-310104`, `de` for `de-BY`. Nothing for a country.
pub fn structural_parent(code: &str) -> Option<&str> {
    let (country, local) = split(code);
    if local.is_empty() {
        return None;
    }
    let digits = local.bytes().all(|b| b.is_ascii_digit());
    let keep = match (country, local.len()) {
        ("cn", 3..=4) | ("us", 3..=5) if digits => 2,
        ("cn", 5..=6) if digits => 4,
        ("cn", 7..=9) if digits => 6,
        ("cn", 10..) if digits => 9,
        ("us", 6..) if digits => 5,
        _ => local.rfind('-').unwrap_or(0),
    };
    let kept = shorten(country, &local[..keep]);
    Some(match kept.len() {
        0 => country,
        kept => &code[..country.len() + 1 + kept],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_one_canonical_form() {
        for (raw, country, canonical_form) in [
            ("cn-310104", None, Some("cn-310104")),
            ("CN-310104", None, Some("cn-310104")),
            (" cn_310104 ", None, Some("cn-310104")),
            ("310104", Some("cn"), Some("cn-310104")),
            ("３１０１０４", Some("cn"), Some("cn-310104")),
            ("310104", None, None),
            ("cn-310000", None, Some("cn-31")),
            ("cn-310100", None, Some("cn-3101")),
            ("cn-310104000000", None, Some("cn-310104")),
            ("cn-310104001000", None, Some("cn-310104001")),
            ("cn-110000000000", None, Some("cn-11")),
            ("us-06037", None, Some("us-06037")),
            ("6037", Some("us"), Some("us-06037")),
            ("6", Some("us"), Some("us-06")),
            ("us-06000", None, Some("us-06")),
            ("de-by", None, Some("de-BY")),
            ("BY", Some("de"), Some("de-BY")),
            ("by", Some("by"), Some("by")),
            ("DE", None, Some("de")),
            ("de", Some("us"), Some("us-DE")),
            ("de-", None, None),
            ("gb-eng", None, Some("gb-ENG")),
            ("", Some("cn"), None),
            ("310104; drop", Some("cn"), None),
            ("上海", Some("cn"), None),
            ("é-1", None, None),
        ] {
            let found = canonical(raw, country);
            assert_eq!(found.as_deref(), canonical_form, "{raw:?} in {country:?}");
            if let Some(code) = found {
                assert_eq!(canonical(&code, None).as_deref(), Some(&*code), "{code}");
            }
        }
    }

    #[test]
    fn structure_names_the_parent() {
        for (code, parent) in [
            ("cn-310104", Some("cn-3101")),
            ("cn-3101", Some("cn-31")),
            ("cn-31", Some("cn")),
            ("cn-460001", Some("cn-46")),
            ("cn-310104001", Some("cn-310104")),
            ("cn-310104001002", Some("cn-310104001")),
            ("cn-SH", Some("cn")),
            ("us-06037", Some("us-06")),
            ("us-06", Some("us")),
            ("us-06037101110", Some("us-06037")),
            ("de-BY", Some("de")),
            ("fr-IDF-75", Some("fr-IDF")),
            ("cn", None),
        ] {
            assert_eq!(structural_parent(code), parent, "{code}");
        }
    }
}
