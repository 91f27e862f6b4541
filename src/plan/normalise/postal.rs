//! Postal codes in their country's form.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use super::text::trim;

/// Shortest and longest code of a country whose form is not listed below: Faroese codes have
/// three digits, Iranian ones ten.
const FREE_FORM_LEN: std::ops::RangeInclusive<usize> = 3..=10;

/// Forms by country: `9` is a digit, `A` a letter, a hyphen is itself. A code is compared
/// with each form without regard to spaces and hyphens and takes the hyphens of the form,
/// so that `100 0001` and `1000001` are both `100-0001` in Japan. Sorted by country. Source:
/// Universal Postal Union, addressing systems by country.
const FORMS: &[(&str, &[&str])] = &[
    ("ar", &["9999", "A9999AAA"]),
    ("at", &["9999"]),
    ("au", &["9999"]),
    ("be", &["9999"]),
    ("bg", &["9999"]),
    ("br", &["99999-999"]),
    ("ca", &["A9A9A9"]),
    ("ch", &["9999"]),
    ("cl", &["9999999"]),
    ("cn", &["999999"]),
    ("co", &["999999"]),
    ("cz", &["99999"]),
    ("de", &["99999"]),
    ("dk", &["9999"]),
    ("ee", &["99999"]),
    ("eg", &["99999", "9999999"]),
    ("es", &["99999"]),
    ("fi", &["99999"]),
    ("fr", &["99999"]),
    (
        "gb",
        &[
            "A99AA", "A999AA", "AA99AA", "AA999AA", "A9A9AA", "AA9A9AA", "AAA9AA",
        ],
    ),
    ("gr", &["99999"]),
    ("hr", &["99999"]),
    ("hu", &["9999"]),
    ("id", &["99999"]),
    (
        "ie",
        &[
            "A99AAAA", "A999AAA", "A99A99A", "A99AA99", "A9999AA", "A999A9A", "A99A999", "A9WAAAA",
        ],
    ),
    ("il", &["9999999", "99999"]),
    ("in", &["999999"]),
    ("it", &["99999"]),
    ("jp", &["999-9999"]),
    ("kr", &["99999"]),
    ("lt", &["99999"]),
    ("lu", &["9999"]),
    ("lv", &["9999"]),
    ("mx", &["99999"]),
    ("my", &["99999"]),
    ("nl", &["9999AA"]),
    ("no", &["9999"]),
    ("nz", &["9999"]),
    ("ph", &["9999"]),
    ("pl", &["99-999"]),
    ("pr", &["99999", "99999-9999"]),
    ("pt", &["9999-999"]),
    ("ro", &["999999"]),
    ("rs", &["99999"]),
    ("ru", &["999999"]),
    ("sa", &["99999", "99999-9999"]),
    ("se", &["99999"]),
    ("sg", &["999999"]),
    ("si", &["9999"]),
    ("sk", &["99999"]),
    ("th", &["99999"]),
    ("tr", &["99999"]),
    ("tw", &["999", "99999", "999999"]),
    ("ua", &["99999"]),
    ("us", &["99999", "99999-9999"]),
    ("vn", &["99999", "999999"]),
    ("za", &["9999"]),
];

/// A postal code in the form of `country` (lower-case alpha-2): upper case, without spaces,
/// hyphens where the country's form has them. Nothing if the country's form is known and the
/// code has another; where it is not known, any short code with a digit will do.
pub fn postal<'a>(raw: &'a str, country: Option<&str>) -> Option<Cow<'a, str>> {
    let trimmed = trim(raw);
    if is_usual(trimmed, country) {
        return Some(Cow::Borrowed(trimmed));
    }
    let forms = country.and_then(forms_of);
    if let Some(forms) = forms
        && forms.iter().any(|form| has_form(trimmed, form))
    {
        return Some(Cow::Borrowed(trimmed));
    }
    let plain: String = trimmed
        .nfkc()
        .filter(|c| !c.is_whitespace() && *c != '〒')
        .map(|c| {
            if is_dash(c) {
                '-'
            } else {
                c.to_ascii_uppercase()
            }
        })
        .collect();
    match forms {
        Some(forms) => in_any_form(&plain, country?, forms).map(Cow::Owned),
        None => free_form(&plain).then_some(Cow::Owned(plain)),
    }
}

/// The beginning of a postal code, for patterns such as `2000*`: upper case, without spaces.
/// Nothing if it holds anything but letters, digits and hyphens.
pub fn postal_prefix(raw: &str) -> Option<Cow<'_, str>> {
    let trimmed = trim(raw);
    let plain = |b: u8| b.is_ascii_digit() || b.is_ascii_uppercase() || b == b'-';
    if trimmed.bytes().all(plain) {
        return (!trimmed.is_empty()).then_some(Cow::Borrowed(trimmed));
    }
    let upper = trimmed.nfkc().filter(|c| !c.is_whitespace());
    let prefix: String = upper.map(|c| c.to_ascii_uppercase()).collect();
    (!prefix.is_empty() && prefix.bytes().all(plain)).then_some(Cow::Owned(prefix))
}

/// The part of a normalised postal code that has an entry of its own in postal tables: the
/// ZIP of a ZIP+4, otherwise the code itself.
pub fn postal_area<'c>(country: &str, code: &'c str) -> &'c str {
    match (country, code.split_once('-')) {
        ("us" | "pr", Some((zip, _))) => zip,
        _ => code,
    }
}

/// Plain digits in the two countries most leads come from, without looking at the table.
fn is_usual(code: &str, country: Option<&str>) -> bool {
    matches!((country, code.len()), (Some("us"), 5) | (Some("cn"), 6))
        && code.bytes().all(|b| b.is_ascii_digit())
}

fn forms_of(country: &str) -> Option<&'static [&'static str]> {
    let at = FORMS
        .binary_search_by(|(own, _)| (*own).cmp(country))
        .ok()?;
    Some(FORMS[at].1)
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | 'ー')
}

fn fits(b: u8, class: u8) -> bool {
    match class {
        b'9' => b.is_ascii_digit(),
        b'A' => b.is_ascii_uppercase(),
        literal => b == literal,
    }
}

fn has_form(code: &str, form: &str) -> bool {
    code.len() == form.len()
        && code
            .bytes()
            .zip(form.bytes())
            .all(|(b, class)| fits(b, class))
}

fn in_any_form(plain: &str, country: &str, forms: &[&str]) -> Option<String> {
    let bare: String = plain.chars().filter(|&c| c != '-').collect();
    let local = without_country(&bare, country, forms);
    forms.iter().find_map(|form| in_form(local, form))
}

/// `D-10115`, `DE-10115` and `CH-8000` carry their country in front of codes of digits.
fn without_country<'c>(bare: &'c str, country: &str, forms: &[&str]) -> &'c str {
    if !forms.iter().all(|form| form.starts_with('9')) {
        return bare;
    }
    let digits = bare.trim_start_matches(|c: char| c.is_ascii_uppercase());
    let marker = &bare[..bare.len() - digits.len()];
    let own = marker.eq_ignore_ascii_case(country)
        || matches!(
            (country, marker),
            ("de", "D") | ("at", "A") | ("fr", "F") | ("it", "I")
        )
        || matches!(
            (country, marker),
            ("be", "B") | ("lu", "L") | ("es", "E") | ("se", "S")
        );
    if own { digits } else { bare }
}

/// `bare`, which has no hyphens, with the hyphens of `form`, if it has that form.
fn in_form(bare: &str, form: &str) -> Option<String> {
    if bare.len() != form.bytes().filter(|&class| class != b'-').count() {
        return None;
    }
    let mut bytes = bare.bytes();
    let mut code = String::with_capacity(form.len());
    for class in form.bytes() {
        if class == b'-' {
            code.push('-');
            continue;
        }
        let b = bytes.next().filter(|&b| fits(b, class))?;
        code.push(char::from(b));
    }
    Some(code)
}

/// Whether a code of an unlisted country may pass: letters, digits and inner hyphens, with at
/// least one digit (`N-A` and `NONE` are no codes).
fn free_form(plain: &str) -> bool {
    FREE_FORM_LEN.contains(&plain.len())
        && plain
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && plain.bytes().any(|b| b.is_ascii_digit())
        && !plain.starts_with('-')
        && !plain.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postal_codes_take_their_countrys_form() {
        for (country, raw, normal) in [
            ("us", "02134", Some("02134")),
            ("us", " 02134-1234 ", Some("02134-1234")),
            ("us", "021341234", Some("02134-1234")),
            ("us", "02134 1234", Some("02134-1234")),
            ("us", "US-02134", Some("02134")),
            ("us", "2134", None),
            ("us", "ABCDE", None),
            ("cn", "200030", Some("200030")),
            ("cn", "２０００３０", Some("200030")),
            ("cn", "200 030", Some("200030")),
            ("cn", "20003", None),
            ("gb", "sw1a 1aa", Some("SW1A1AA")),
            ("gb", "M1 1AE", Some("M11AE")),
            ("gb", "123456", None),
            ("ca", "k1a 0b1", Some("K1A0B1")),
            ("ca", "K1A-0B1", Some("K1A0B1")),
            ("de", "D-10115", Some("10115")),
            ("de", "DE 10115", Some("10115")),
            ("de", "X-10115", None),
            ("jp", "〒100-0001", Some("100-0001")),
            ("jp", "1000001", Some("100-0001")),
            ("jp", "１００－０００１", Some("100-0001")),
            ("pl", "00950", Some("00-950")),
            ("nl", "1234 ab", Some("1234AB")),
            ("se", "114 55", Some("11455")),
            ("ie", "D02 X285", Some("D02X285")),
            ("xx", "ab 123", Some("AB123")),
            ("xx", "n/a", None),
            ("xx", "none", None),
            ("us", "", None),
        ] {
            assert_eq!(
                postal(raw, Some(country)).as_deref(),
                normal,
                "{country} {raw:?}"
            );
        }
        assert_eq!(postal(" 2000 30", None).as_deref(), Some("200030"));
        assert_eq!(postal("-1", None), None);
    }

    #[test]
    fn the_table_is_sorted_for_its_binary_search() {
        assert!(FORMS.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn prefixes_and_areas_follow_the_codes() {
        assert_eq!(postal_prefix(" sw1a ").as_deref(), Some("SW1A"));
        assert_eq!(postal_prefix("2000").as_deref(), Some("2000"));
        assert_eq!(postal_prefix("２０").as_deref(), Some("20"));
        assert_eq!(postal_prefix(""), None);
        assert_eq!(postal_prefix("2*"), None);
        assert_eq!(postal_area("us", "02134-1234"), "02134");
        assert_eq!(postal_area("jp", "100-0001"), "100-0001");
    }
}
