//! Streets and house numbers.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use super::text::{some_text, trim};

/// What people write in front of a house number, after case folding and NFKC (which turns
/// `№` and `Nº` into `no`).
const MARKERS: [&str; 12] = [
    "number", "num.", "num", "no.", "no", "nr.", "nr", "n°", "nº", "#", "第", "门牌",
];

/// A street's name, folded; its suffix (`road`, `路`) stays, because it tells streets apart.
pub fn street(raw: &str) -> Option<Cow<'_, str>> {
    some_text(raw)
}

/// The leading number of a house number: 88 for `88号`, `88-2`, `No. 88` and `８８`; 12 for
/// `12A`. Nothing if it begins with anything but a number or a word for one.
pub fn house_number(raw: &str) -> Option<u32> {
    let trimmed = trim(raw);
    if trimmed.starts_with(|c: char| c.is_ascii_digit()) {
        return leading_number(trimmed);
    }
    let plain: String = trimmed.nfkc().flat_map(char::to_lowercase).collect();
    let plain = plain.trim();
    let marker = MARKERS.iter().find(|marker| plain.starts_with(**marker));
    let rest = marker.map_or(plain, |marker| &plain[marker.len()..]);
    leading_number(rest.trim_start_matches([' ', ':', '.']))
}

fn leading_number(text: &str) -> Option<u32> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn house_numbers_begin_with_their_number() {
        for (raw, number) in [
            ("88", Some(88)),
            ("88号", Some(88)),
            ("８８号", Some(88)),
            ("88-2", Some(88)),
            ("88/2", Some(88)),
            ("12A", Some(12)),
            (" 12 bis", Some(12)),
            ("No. 88", Some(88)),
            ("NO.88", Some(88)),
            ("№ 88", Some(88)),
            ("Nº 88", Some(88)),
            ("#88", Some(88)),
            ("Nr. 7", Some(7)),
            ("第88号", Some(88)),
            ("88弄12号", Some(88)),
            ("0088", Some(88)),
            ("", None),
            ("号", None),
            ("Flat 3", None),
            ("-5", None),
            ("99999999999", None),
        ] {
            assert_eq!(house_number(raw), number, "{raw:?}");
        }
    }

    #[test]
    fn streets_keep_their_suffix() {
        for (raw, folded) in [
            ("漕溪北路", Some("漕溪北路")),
            (" Main  Street ", Some("main street")),
            ("MAIN ST.", Some("main st.")),
            ("", None),
        ] {
            assert_eq!(street(raw).as_deref(), folded, "{raw:?}");
        }
    }
}
