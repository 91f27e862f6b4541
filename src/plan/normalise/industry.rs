//! Industry codes: GB/T 4754 with its section letters, NAICS, and free words.

pub mod known;

use std::borrow::Cow;
use std::sync::LazyLock;

use rustc_hash::FxHashMap;
use smallvec::{SmallVec, smallvec};

use super::text::{text, trim};

/// Sections and divisions of GB/T 4754-2017 with their names.
const GBT_TABLE: &str = include_str!("../../../config/industry/gbt4754.csv");
/// Countries that classify by NAICS; a bare number there is a NAICS code.
const NAICS_COUNTRIES: [&str; 4] = ["ca", "mx", "pr", "us"];
/// NAICS codes have two to six digits.
const NAICS_LEN: std::ops::RangeInclusive<usize> = 2..=6;
/// GB/T 4754 codes have at most four digits after the section letter.
const GBT_DIGITS: usize = 4;
/// NAICS sectors that span several numbers, and those numbers.
const SECTORS: [(&str, &[&str]); 3] = [
    ("31-33", &["31", "32", "33"]),
    ("44-45", &["44", "45"]),
    ("48-49", &["48", "49"]),
];

/// The table by what leads ask of it.
struct Gbt {
    /// The section letter of each two-digit division.
    sections: [Option<u8>; 100],
    /// Codes by folded Chinese name.
    by_name: FxHashMap<String, &'static str>,
}

static GBT: LazyLock<Gbt> = LazyLock::new(|| {
    let mut gbt = Gbt {
        sections: [None; 100],
        by_name: FxHashMap::default(),
    };
    for line in GBT_TABLE.lines().skip(1) {
        let mut cells = line.split(',');
        let (Some(code), Some(name)) = (cells.next(), cells.next()) else {
            continue;
        };
        if let Some(division) = code
            .get(1..)
            .and_then(|digits| digits.parse::<usize>().ok())
            && let Some(section) = gbt.sections.get_mut(division)
        {
            *section = code.bytes().next();
        }
        gbt.by_name.insert(text(name).into_owned(), code);
    }
    gbt
});

/// A lead's industry: a code in upper case, or free words in lower case, so that no word is
/// taken for a section letter.
///
/// Digits of GB/T 4754 get their section letter (`3610` is `C3610`), so that `C` matches them
/// as a prefix; where `country` classifies by NAICS they stay digits. Chinese names of
/// sections and divisions give their code.
pub fn industry<'a>(raw: &'a str, country: Option<&str>) -> Option<Cow<'a, str>> {
    let trimmed = trim(raw);
    if trimmed.is_empty() {
        return None;
    }
    if is_gbt(trimmed) {
        return Some(Cow::Borrowed(trimmed));
    }
    if is_number(trimmed) {
        return Some(with_section(Cow::Borrowed(trimmed), country));
    }
    if is_words(trimmed) {
        return Some(word(trimmed));
    }
    match code_of(trimmed) {
        Some(code) => Some(with_section(code, country)),
        None => Some(word(trimmed)),
    }
}

/// What a plan's industry value accepts as prefixes of a lead's industry. A number may be
/// meant in either classification, so it also stands for its GB/T code; a NAICS sector
/// is the list of its numbers (`31-33` is `31`, `32`, `33`).
pub fn industry_prefixes(value: &str) -> SmallVec<[Box<str>; 6]> {
    let folded = industry(value, Some(NAICS_COUNTRIES[0]));
    let Some(folded) = folded else {
        return SmallVec::new();
    };
    if let Some((_, numbers)) = SECTORS.iter().find(|(sector, _)| *sector == folded) {
        return numbers.iter().flat_map(|&number| in_both(number)).collect();
    }
    in_both(&folded).into_iter().collect()
}

/// A code, and the GB/T code that leads have of it which do not say their country.
fn in_both(code: &str) -> SmallVec<[Box<str>; 2]> {
    match section_of(code) {
        Some(section) => smallvec![code.into(), format!("{section}{code}").into()],
        None => smallvec![code.into()],
    }
}

/// As many digits as NAICS codes have, or GB/T codes without their letter.
fn is_number(code: &str) -> bool {
    NAICS_LEN.contains(&code.len()) && code.bytes().all(|b| b.is_ascii_digit())
}

/// A section letter with up to four digits, upper case.
fn is_gbt(code: &str) -> bool {
    let mut bytes = code.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_uppercase())
        && code.len() <= 1 + GBT_DIGITS
        && bytes.all(|b| b.is_ascii_digit())
}

/// Whether a text has nothing that a code would have, as most that are not codes.
fn is_words(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphabetic() || matches!(c, ' ' | '\u{4e00}'..='\u{9fff}');
    text.len() > 1 && text.chars().all(fits)
}

/// The text as a code, without the dots and spaces of NACE and ISIC and without the words
/// that follow a code (`C36 汽车制造业`).
fn code_of(trimmed: &str) -> Option<Cow<'_, str>> {
    let plain = super::text::nfkc(trimmed);
    let upper = plain.trim().to_ascii_uppercase().replace('.', "");
    let first = upper.split([' ', ':', '、']).next().unwrap_or("");
    let sector = SECTORS.iter().any(|(sector, _)| *sector == first);
    let section_alone = first.len() == 1 && upper.len() > 1;
    let code = is_number(first) || sector || is_gbt(first) && !section_alone;
    code.then(|| Cow::Owned(first.to_owned()))
}

fn with_section<'a>(code: Cow<'a, str>, country: Option<&str>) -> Cow<'a, str> {
    let naics = country.is_some_and(|country| NAICS_COUNTRIES.contains(&country));
    match section_of(&code).filter(|_| !naics) {
        Some(section) => Cow::Owned(format!("{section}{code}")),
        None => code,
    }
}

/// The GB/T section that a number of two to four digits lies in.
fn section_of(code: &str) -> Option<char> {
    let number = code.len() <= GBT_DIGITS && code.bytes().all(|b| b.is_ascii_digit());
    let division: usize = code.get(..2).filter(|_| number)?.parse().ok()?;
    GBT.sections[division].map(char::from)
}

/// Words: the code of a section or division they name, else themselves.
fn word(trimmed: &str) -> Cow<'_, str> {
    let folded = text(trimmed);
    match GBT.by_name.get(&*folded) {
        Some(code) => Cow::Borrowed(code),
        None => folded,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn industries_are_codes_with_their_section_or_words() {
        for (country, raw, normal) in [
            (Some("cn"), "C36", Some("C36")),
            (Some("cn"), "c36", Some("C36")),
            (Some("cn"), "36", Some("C36")),
            (Some("cn"), "3610", Some("C3610")),
            (Some("cn"), "３６１０", Some("C3610")),
            (None, "3610", Some("C3610")),
            (Some("cn"), "C", Some("C")),
            (Some("cn"), "C36 汽车制造业", Some("C36")),
            (Some("cn"), "汽车制造业", Some("C36")),
            (Some("cn"), "制造业", Some("C")),
            (Some("us"), "3345", Some("3345")),
            (Some("us"), "334111", Some("334111")),
            (Some("us"), "31-33", Some("31-33")),
            (None, "334111", Some("334111")),
            (Some("de"), "C26.11", Some("C2611")),
            (Some("us"), "Manufacturing", Some("manufacturing")),
            (Some("us"), "A shop", Some("a shop")),
            (Some("cn"), "软件", Some("软件")),
            (Some("cn"), "99", Some("99")),
            (Some("cn"), " ", None),
        ] {
            let found = industry(raw, country);
            assert_eq!(found.as_deref(), normal, "{raw:?} in {country:?}");
        }
    }

    #[test]
    fn plan_values_are_prefixes_in_both_classifications() {
        for (value, prefixes) in [
            ("C", &["C"][..]),
            ("c36", &["C36"]),
            ("36", &["36", "C36"]),
            ("334", &["334", "C334"]),
            ("334111", &["334111"]),
            ("31-33", &["31", "C31", "32", "C32", "33", "C33"]),
            ("44-45", &["44", "D44", "45", "D45"]),
            ("48-49", &["48", "E48", "49", "E49"]),
            ("制造业", &["C"]),
            ("Software", &["software"]),
            ("", &[]),
        ] {
            let found = industry_prefixes(value);
            assert!(
                found.iter().map(|one| &**one).eq(prefixes.iter().copied()),
                "{value} {found:?}"
            );
        }
    }

    #[test]
    fn a_sector_takes_what_its_numbers_take() {
        for (sector, country, lead, taken) in [
            ("31-33", Some("us"), "334111", true),
            ("31-33", Some("us"), "31-33", true),
            ("31-33", None, "3341", true),
            ("31-33", None, "334111", true),
            ("31-33", Some("cn"), "C31", true),
            ("31-33", Some("us"), "44", false),
            ("44-45", None, "4451", true),
            ("44-45", Some("us"), "45", true),
            ("48-49", None, "492", true),
            ("48-49", Some("us"), "50", false),
        ] {
            let code = industry(lead, country).unwrap();
            let prefixes = industry_prefixes(sector);
            let found = prefixes.iter().any(|prefix| code.starts_with(&**prefix));
            assert_eq!(found, taken, "{sector}: {lead} in {country:?}");
        }
    }

    #[test]
    fn the_table_has_every_division() {
        let divisions = GBT.sections.iter().flatten().count();
        assert_eq!(divisions, 97);
        assert_eq!(GBT.sections[36], Some(b'C'));
    }
}
