//! Lengths of time and amounts of bytes as people write them in settings.

use std::time::Duration;

/// Units of time, longest first so that printing finds the largest that divides.
const TIME_MS: [(&str, u64); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// Units of size; the decimal ones are what disk and network people write.
const SIZE: [(&str, u64); 7] = [
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1_000),
    ("B", 1),
];

/// Reads `500ms`, `90s`, `10m`, `4h` or `180d`. A bare number has no unit and is refused.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let (number, unit) = split_unit(text)?;
    let (_, scale) = TIME_MS.iter().find(|(name, _)| *name == unit)?;
    Some(Duration::from_millis(number.checked_mul(*scale)?))
}

/// The shortest way to write `time` that [`parse_duration`] reads back.
pub fn show_duration(time: Duration) -> String {
    let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let fits = |scale: u64| millis >= scale && millis.is_multiple_of(scale);
    match TIME_MS.iter().find(|(_, scale)| fits(*scale)) {
        Some((unit, scale)) => format!("{}{unit}", millis / scale),
        None => format!("{millis}ms"),
    }
}

/// Reads `524288`, `512KiB`, `8MiB` or `1MB`; a bare number is bytes.
pub fn parse_bytes(text: &str) -> Option<u64> {
    let (number, unit) = split_unit(text)?;
    if unit.is_empty() {
        return Some(number);
    }
    let (_, scale) = SIZE.iter().find(|(name, _)| *name == unit)?;
    number.checked_mul(*scale)
}

fn split_unit(text: &str) -> Option<(u64, &str)> {
    let text = text.trim();
    let end = text
        .find(|one: char| !one.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    Some((number.parse().ok()?, unit.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_with_a_unit_and_print_the_same() {
        for (text, millis) in [
            ("500ms", 500),
            ("90s", 90_000),
            ("10m", 600_000),
            ("4h", 14_400_000),
            ("180d", 15_552_000_000),
        ] {
            let read = parse_duration(text).unwrap();
            assert_eq!(read.as_millis(), millis, "{text}");
            assert_eq!(show_duration(read), text);
        }
        for text in ["", "10", "ten s", "10 parsecs", "-5s", "99999999999999999d"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    #[test]
    fn sizes_read_with_and_without_a_unit() {
        for (text, bytes) in [
            ("524288", 524_288),
            ("512KiB", 524_288),
            ("8 MiB", 8 << 20),
            ("1MB", 1_000_000),
        ] {
            assert_eq!(parse_bytes(text), Some(bytes), "{text}");
        }
        assert_eq!(parse_bytes("1 elephant"), None);
    }
}
