//! Which industry codes there are, so that a plan's slip of the pen is noticed.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::{GBT, GBT_TABLE, NAICS_COUNTRIES, SECTORS, industry, is_gbt};

/// NAICS codes of two to six digits with their names.
const NAICS_TABLE: &str = include_str!("../../../../config/industry/naics.csv");

/// Divisions of ISIC and NACE by section, as European leads have them: ISIC 4 and NACE 2, and
/// behind them where NACE 2.1 and ISIC 5 moved a section. Source: United Nations Statistics
/// Division; Regulation (EC) 1893/2006 and (EU) 2023/137.
const ISIC: [(u8, u8, u8); 33] = [
    (b'A', 1, 3),
    (b'B', 5, 9),
    (b'C', 10, 33),
    (b'D', 35, 35),
    (b'E', 36, 39),
    (b'F', 41, 43),
    (b'G', 45, 47),
    (b'H', 49, 53),
    (b'I', 55, 56),
    (b'J', 58, 63),
    (b'K', 64, 66),
    (b'L', 68, 68),
    (b'M', 69, 75),
    (b'N', 77, 82),
    (b'O', 84, 84),
    (b'P', 85, 85),
    (b'Q', 86, 88),
    (b'R', 90, 93),
    (b'S', 94, 96),
    (b'T', 97, 98),
    (b'U', 99, 99),
    (b'K', 61, 63),
    (b'L', 64, 66),
    (b'M', 68, 68),
    (b'N', 69, 75),
    (b'O', 77, 82),
    (b'P', 84, 84),
    (b'Q', 85, 85),
    (b'R', 86, 88),
    (b'S', 90, 93),
    (b'T', 94, 96),
    (b'U', 97, 98),
    (b'V', 99, 99),
];

/// A number of up to four digits may be one of GB/T 4754 or ISIC without its letter.
const MAX_UNLETTERED: usize = 4;

/// NAICS codes of digits, sorted.
static NAICS: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
    let rows = NAICS_TABLE.lines().skip(1);
    let codes = rows.filter_map(|row| row.split(',').next());
    codes.filter(|code| is_digits(code)).collect()
});

/// Whether an industry as a plan writes it is no code, although it looks like one. Words in
/// small letters, which leads may have too, do not. Where `country` has a classification of
/// its own, of which nothing is known here, nothing is said.
pub fn is_unknown(value: &str, country: Option<&str>) -> bool {
    if country.is_some_and(|own| own != "cn" && !NAICS_COUNTRIES.contains(&own)) {
        return false;
    }
    let Some(code) = industry(value, Some(NAICS_COUNTRIES[0])) else {
        return false;
    };
    let known = is_known(&code) || SECTORS.iter().any(|(sector, _)| *sector == code);
    !known && (is_gbt(&code) || is_digits(&code) || looks_like_code(value.trim()))
}

/// What a code that is not known may have been meant to be: its longest beginning that is one,
/// of numbers at least a NAICS subsector.
pub fn beginning(value: &str) -> Option<String> {
    let code = industry(value, Some(NAICS_COUNTRIES[0]))?;
    let lettered = is_gbt(&code);
    let least = if lettered { 1 } else { 3 };
    let beginnings = (least..code.len()).rev().filter_map(|end| code.get(..end));
    let mut known = beginnings.filter(|begin| match lettered {
        true => is_known(begin),
        false => NAICS.contains(begin),
    });
    known.next().map(str::to_owned)
}

/// All codes that have a name and begin as one that is not known does, with a letter or a
/// digit.
pub fn codes_like(value: &str) -> impl Iterator<Item = &'static str> {
    let divisions = GBT_TABLE.lines().skip(1);
    let divisions = divisions.filter_map(|row| row.split(',').next());
    let sectors = SECTORS.iter().map(|(sector, _)| *sector);
    let all = divisions.chain(sectors).chain(NAICS.iter().copied());
    let begins_with_digit = |code: &str| code.starts_with(|first: char| first.is_ascii_digit());
    let digit = begins_with_digit(value.trim());
    all.filter(move |code| begins_with_digit(code) == digit)
}

/// Whether a code begins one of the tables' codes, or is below a division of theirs.
fn is_known(code: &str) -> bool {
    if is_gbt(code) {
        let (section, digits) = code.split_at(1);
        return is_division(Some(section.as_bytes()[0]), digits);
    }
    if !is_digits(code) {
        return false;
    }
    let mut behind = NAICS.range(code..);
    let naics = behind.next().is_some_and(|next| next.starts_with(code));
    naics || code.len() <= MAX_UNLETTERED && is_division(None, code)
}

/// Whether digits begin a division, or something below one, of a section or of any.
fn is_division(section: Option<u8>, digits: &str) -> bool {
    let written = digits.get(..2).unwrap_or(digits);
    let number: usize = written.parse().unwrap_or(0);
    let fits = |own: u8, division: usize| {
        let begins = match written.len() {
            0 => true,
            1 => division / 10 == number,
            _ => division == number,
        };
        begins && section.is_none_or(|section| section == own)
    };
    let divisions = GBT.sections.iter().enumerate();
    let mut gbt = divisions.filter_map(|(division, own)| Some(((*own)?, division)));
    let mut isic = ISIC.iter().flat_map(|&(own, first, last)| {
        (first..=last).map(move |division| (own, usize::from(division)))
    });
    gbt.any(|(own, division)| fits(own, division))
        || isic.any(|(own, division)| fits(own, division))
}

/// Capitals, digits and what joins them: two letters, or something with a digit.
fn looks_like_code(text: &str) -> bool {
    let fits = |byte: u8| {
        byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.')
    };
    text.bytes().all(fits) && (text.len() <= 2 || text.bytes().any(|byte| byte.is_ascii_digit()))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_no_classification_are_told_from_others_and_from_words() {
        for (value, country, unknown) in [
            ("C", None, false),
            ("c36", None, false),
            ("C3610", None, false),
            ("C10", None, false),
            ("J62.01", None, false),
            ("Q9", None, true),
            ("C99", None, true),
            ("X", None, true),
            ("C36101", None, true),
            ("3", None, false),
            ("36", None, false),
            ("3341", None, false),
            ("334111", None, false),
            ("31-33", None, false),
            ("31-34", None, true),
            ("99999", None, true),
            ("334999", None, true),
            ("62020", Some("gb"), false),
            ("Q9", Some("jp"), false),
            ("Q9", Some("us"), true),
            ("ZZ", None, true),
            ("zz", None, false),
            ("Software", None, false),
            ("SOFTWARE", None, false),
            ("制造业", None, false),
            ("软件", None, false),
        ] {
            assert_eq!(
                is_unknown(value, country),
                unknown,
                "{value} in {country:?}"
            );
        }
        let known = codes_like("C").chain(codes_like("3"));
        let unknown: Vec<_> = known.filter(|code| is_unknown(code, None)).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }

    #[test]
    fn the_beginning_that_is_a_code_is_found() {
        for (value, meant) in [
            ("C99", Some("C")),
            ("Q9", Some("Q")),
            ("C9936", Some("C")),
            ("334999", Some("334")),
            ("99999", None),
            ("ZZ", None),
            ("31-34", None),
        ] {
            assert_eq!(beginning(value).as_deref(), meant, "{value}");
        }
    }
}
