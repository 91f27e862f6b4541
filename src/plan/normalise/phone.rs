//! Telephone numbers in E.164.

use std::borrow::Cow;

use rlibphonenumber::{NumberLengthType, PHONE_NUMBER_UTIL, PhoneNumberFormat, Region};
use smallvec::SmallVec;

use super::text::trim;

/// Longest E.164 number in digits.
const MAX_DIGITS: usize = 15;
/// Longest text that is looked at, in bytes. Numbers with extensions and remarks stay below
/// it, and the time for a text grows with its length.
const MAX_TEXT_LEN: usize = 100;

/// A number in E.164 (`+8613800138000`), read as someone in `country` (lower-case alpha-2)
/// would dial it; without a country it must begin with `+`. Nothing if no such number can
/// exist; whether it is in service is not asked.
pub fn phone<'a>(raw: &'a str, country: Option<&str>) -> Option<Cow<'a, str>> {
    simple_phone(raw, country).or_else(|| any_phone(raw, country).map(Cow::Owned))
}

/// The commonest ways to write Chinese mobile and North American numbers, at a fraction of
/// the general cost and with the same result (a test compares).
fn simple_phone<'a>(raw: &'a str, country: Option<&str>) -> Option<Cow<'a, str>> {
    let trimmed = trim(raw);
    let (rest, plus) = match trimmed.strip_prefix(['+', '＋']) {
        Some(rest) => (rest, true),
        None => (trimmed, false),
    };
    let digits = plain_digits(rest)?;
    let (calling_code, national) = match (plus, country) {
        (true, _) if digits.starts_with(b"86") => ("86", &digits[2..]),
        (true, _) if digits.starts_with(b"1") => ("1", &digits[1..]),
        (false, Some("cn")) => ("86", &digits[..]),
        (false, Some("us" | "ca")) => ("1", digits.strip_prefix(b"1").unwrap_or(&digits)),
        _ => return None,
    };
    let usual = match calling_code {
        "86" => is_chinese_mobile(national),
        _ => is_north_american(national),
    };
    if !usual {
        return None;
    }
    if plus && 1 + digits.len() == trimmed.len() {
        return Some(Cow::Borrowed(trimmed));
    }
    let mut number = String::with_capacity(1 + calling_code.len() + national.len());
    number.push('+');
    number.push_str(calling_code);
    number.push_str(std::str::from_utf8(national).ok()?);
    Some(Cow::Owned(number))
}

/// The digits of a number written with nothing but digits, spaces, hyphens, dots and round
/// brackets; digits may have full width, as Chinese keyboards write them.
fn plain_digits(text: &str) -> Option<SmallVec<[u8; MAX_DIGITS]>> {
    let mut digits = SmallVec::new();
    for c in text.chars() {
        let digit = match c {
            '0'..='9' => c as u32 - '0' as u32,
            '０'..='９' => c as u32 - '０' as u32,
            ' ' | '-' | '.' | '(' | ')' => continue,
            _ => return None,
        };
        if digits.len() == MAX_DIGITS {
            return None;
        }
        digits.push(b'0' + digit as u8);
    }
    Some(digits)
}

fn is_chinese_mobile(national: &[u8]) -> bool {
    national.len() == 11 && national[0] == b'1' && matches!(national[1], b'3'..=b'9')
}

fn is_north_american(national: &[u8]) -> bool {
    national.len() == 10 && matches!(national[0], b'2'..=b'9')
}

/// Any number in any notation, by libphonenumber's tables.
fn any_phone(raw: &str, country: Option<&str>) -> Option<String> {
    if raw.len() > MAX_TEXT_LEN {
        return None;
    }
    let region = country.and_then(|country| Region::from_code(&country.to_ascii_uppercase()).ok());
    let number = PHONE_NUMBER_UTIL.parse(raw, region).ok()?;
    let length = PHONE_NUMBER_UTIL
        .is_possible_number_with_reason(&number)
        .ok()?;
    let e164 = || number.format_as(PhoneNumberFormat::E164).into_owned();
    (length == NumberLengthType::IsPossible).then(e164)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_become_e164() {
        for (country, raw, e164) in [
            (Some("cn"), "13800138000", Some("+8613800138000")),
            (Some("cn"), " 138 0013 8000 ", Some("+8613800138000")),
            (Some("cn"), "１３８００１３８０００", Some("+8613800138000")),
            (Some("cn"), "+86 138-0013-8000", Some("+8613800138000")),
            (Some("cn"), "8613800138000", Some("+8613800138000")),
            (Some("cn"), "0086 13800138000", Some("+8613800138000")),
            (Some("cn"), "(+86) 13800138000", Some("+8613800138000")),
            (Some("cn"), "021-64321234", Some("+862164321234")),
            (Some("us"), "(202) 555-0173", Some("+12025550173")),
            (Some("us"), "1-202-555-0173", Some("+12025550173")),
            (Some("us"), "202.555.0173", Some("+12025550173")),
            (Some("us"), "202-555-0173 ext. 12", Some("+12025550173")),
            (Some("us"), "+44 20 7183 8750", Some("+442071838750")),
            (Some("us"), "tel:+1-202-555-0173", Some("+12025550173")),
            (Some("gb"), "020 7183 8750", Some("+442071838750")),
            (Some("de"), "030 123456", Some("+4930123456")),
            (Some("zz"), "13800138000", None),
            (None, "+12025550173", Some("+12025550173")),
            (None, "13800138000", None),
            (Some("us"), "555-0173", None),
            (Some("us"), "0", None),
            (Some("cn"), "无", None),
            (Some("cn"), "", None),
        ] {
            assert_eq!(
                phone(raw, country).as_deref(),
                e164,
                "{raw:?} in {country:?}"
            );
        }
    }

    #[test]
    fn a_number_in_e164_is_borrowed() {
        assert!(matches!(
            phone("+8613800138000", None),
            Some(Cow::Borrowed(_))
        ));
    }

    proptest! {
        #[test]
        fn the_short_way_agrees_with_the_long_one(
            raw in "[+]?(86|1)?[- (]?[1-9][0-9]{9,10}",
            dots in "[+]?1?[. (]?[2-9][0-9]{2}[). -]{1,2}[0-9]{3}[ .-][0-9]{4}",
            country in prop::sample::select(vec![None, Some("cn"), Some("us"), Some("ca"), Some("de")]),
        ) {
            let wide = |c: char| match c {
                '0'..='9' => char::from_u32(c as u32 - '0' as u32 + '０' as u32).unwrap_or(c),
                '+' => '＋',
                other => other,
            };
            let full: String = raw.chars().map(wide).collect();
            let half = dots.replace(['2', '5'], "２").replace('1', "１");
            for raw in [raw, dots, full, half] {
                if let Some(short) = simple_phone(&raw, country) {
                    prop_assert_eq!(Some(short.into_owned()), any_phone(&raw, country), "{}", raw);
                }
            }
        }
    }
}
