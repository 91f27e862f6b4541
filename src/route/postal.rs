//! Postal codes: exact codes, prefixes and ranges, and the ZIP inside a ZIP+4.

use crate::plan::Facts;
use crate::plan::condition::{PostalCodes, PostalPattern};

use super::truth::Truth;

/// Digits of a United States ZIP.
const ZIP_LEN: usize = 5;

/// Digits that a ZIP+4 adds behind the hyphen.
const PLUS_LEN: usize = 4;

/// Whether the lead's postal code, which is there, lies in the pattern. A pattern of one
/// country is a conjunction with that country, so a lead without a country leaves a code
/// that fits unknown.
pub fn lies_in(facts: &Facts<'_>, pattern: &PostalPattern) -> Truth {
    let Some(code) = facts.postal.as_deref() else {
        return Truth::Unknown;
    };
    let country = match (&pattern.country, &facts.country) {
        (None, _) => Truth::True,
        (Some(_), None) => Truth::Unknown,
        (Some(wanted), Some(held)) => Truth::of(**wanted == **held),
    };
    Truth::all([Truth::of(fits(&pattern.codes, code)), country])
}

/// Whether a code, or the ZIP inside it, is among these.
pub fn fits(codes: &PostalCodes, code: &str) -> bool {
    matches(codes, code) || zip_of(code).is_some_and(|zip| matches(codes, zip))
}

fn matches(codes: &PostalCodes, code: &str) -> bool {
    match codes {
        PostalCodes::Exact(wanted) => **wanted == *code,
        PostalCodes::Prefix(prefix) => code.starts_with(&**prefix),
        PostalCodes::Range(from, to) => same_form(from, code) && **from <= *code && *code <= **to,
    }
}

/// The ZIP of a ZIP+4 such as `02134-1234`. The form alone decides: besides the United
/// States their territories, which have country codes of their own, use it too.
#[inline]
pub fn zip_of(code: &str) -> Option<&str> {
    let bytes = code.as_bytes();
    let is_zip_plus_four = bytes.len() == ZIP_LEN + 1 + PLUS_LEN
        && bytes[ZIP_LEN] == b'-'
        && bytes[..ZIP_LEN].iter().all(u8::is_ascii_digit)
        && bytes[ZIP_LEN + 1..].iter().all(u8::is_ascii_digit);
    is_zip_plus_four.then(|| &code[..ZIP_LEN])
}

/// Whether two codes have digits, letters and signs at the same places. Codes of one form
/// and length are ordered by their bytes.
#[inline]
pub fn same_form(one: &str, other: &str) -> bool {
    one.len() == other.len()
        && one
            .bytes()
            .zip(other.bytes())
            .all(|(a, b)| form(a) == form(b))
}

/// The form of a code, itself a code of that form.
pub fn form_of(code: &str) -> String {
    code.chars()
        .map(|letter| {
            if letter.is_ascii() {
                char::from(form(letter as u8))
            } else {
                letter
            }
        })
        .collect()
}

/// What a range of codes has in common with each of its members: a sign stands for itself.
#[inline]
fn form(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => b'0',
        b'A'..=b'Z' | b'a'..=b'z' => b'A',
        sign => sign,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(code: &str) -> Box<str> {
        code.into()
    }

    #[test]
    fn codes_lie_in_exact_codes_prefixes_and_ranges_of_their_form() {
        let exact = PostalCodes::Exact(text("02134"));
        let prefix = PostalCodes::Prefix(text("2000"));
        let range = PostalCodes::Range(text("90001"), text("90099"));
        let letters = PostalCodes::Range(text("K1A0A0"), text("K1A9Z9"));
        let plus = PostalCodes::Range(text("02134-1000"), text("02134-1999"));
        for (codes, code, expected) in [
            (&exact, "02134", true),
            (&exact, "02134-1234", true),
            (&exact, "02135-1234", false),
            (&exact, "021345", false),
            (&prefix, "200030", true),
            (&prefix, "2000", true),
            (&prefix, "200", false),
            (&range, "90001", true),
            (&range, "90099", true),
            (&range, "90099-0001", true),
            (&range, "90100", false),
            (&range, "900015", false),
            (&range, "9000A", false),
            (&letters, "K1A0B1", true),
            (&letters, "K1AB01", false),
            (&plus, "02134-1500", true),
            (&plus, "02134", false),
        ] {
            assert_eq!(fits(codes, code), expected, "{code} in {codes:?}");
        }
    }

    #[test]
    fn only_five_and_four_digits_hold_a_zip() {
        assert_eq!(zip_of("02134-1234"), Some("02134"));
        for code in [
            "02134",
            "150-0001",
            "01310-100",
            "0213A-1234",
            "02134 1234",
            "地址地址地-12",
        ] {
            assert_eq!(zip_of(code), None, "{code}");
        }
    }
}
