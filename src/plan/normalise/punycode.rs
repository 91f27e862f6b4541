//! Decodes punycode (RFC 3492), in which DNS writes labels outside ASCII.

const BASE: u32 = 36;
const T_MIN: u32 = 1;
const T_MAX: u32 = 26;
const SKEW: u32 = 38;
const DAMP: u32 = 700;
const INITIAL_BIAS: u32 = 72;
const INITIAL_N: u32 = 128;

/// The label behind `xn--`, given without that prefix; nothing if it is not valid.
pub(super) fn decode(encoded: &str) -> Option<String> {
    let (basic, tail) = encoded.rsplit_once('-').unwrap_or(("", encoded));
    if !encoded.is_ascii() || tail.is_empty() {
        return None;
    }
    let mut out: Vec<char> = basic.chars().collect();
    let (mut n, mut i, mut bias) = (INITIAL_N, 0u32, INITIAL_BIAS);
    let mut digits = tail.bytes().map(digit);
    while digits.len() > 0 {
        let before = i;
        i = i.checked_add(delta(&mut digits, bias)?)?;
        let count = u32::try_from(out.len()).ok()? + 1;
        bias = adapt(i - before, count, before == 0);
        n = n.checked_add(i / count)?;
        i %= count;
        out.insert(i as usize, char::from_u32(n)?);
        i += 1;
    }
    Some(out.into_iter().collect())
}

/// One number in generalised variable-length digits.
fn delta(digits: &mut impl Iterator<Item = Option<u32>>, bias: u32) -> Option<u32> {
    let (mut value, mut weight) = (0u32, 1u32);
    for k in (BASE..).step_by(BASE as usize) {
        let digit = digits.next()??;
        value = value.checked_add(digit.checked_mul(weight)?)?;
        let threshold = k.saturating_sub(bias).clamp(T_MIN, T_MAX);
        if digit < threshold {
            return Some(value);
        }
        weight = weight.checked_mul(BASE - threshold)?;
    }
    None
}

fn digit(b: u8) -> Option<u32> {
    match b {
        b'a'..=b'z' => Some(u32::from(b - b'a')),
        b'0'..=b'9' => Some(u32::from(b - b'0') + 26),
        _ => None,
    }
}

fn adapt(delta: u32, count: u32, first: bool) -> u32 {
    let mut delta = if first { delta / DAMP } else { delta / 2 };
    delta += delta / count;
    let mut k = 0;
    while delta > (BASE - T_MIN) * T_MAX / 2 {
        delta /= BASE - T_MIN;
        k += BASE;
    }
    k + (BASE - T_MIN + 1) * delta / (delta + SKEW)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_decode_as_in_rfc_3492_and_in_use() {
        for (encoded, label) in [
            ("mnchen-3ya", Some("münchen")),
            ("fsqu00a", Some("例子")),
            ("fiqs8s", Some("中国")),
            ("bcher-kva", Some("bücher")),
            ("ihqwcrb4cv8a8dqg056pqjye", Some("他们为什么不说中文")),
            ("d9juau41awczczp", Some("そのスピードで")),
            ("", None),
            ("a-", None),
            ("99999999", None),
            ("ü", None),
        ] {
            assert_eq!(decode(encoded).as_deref(), label, "{encoded}");
        }
    }
}
