//! Internet domains and e-mail addresses.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use super::punycode;
use super::text::trim;

/// Longest domain name (RFC 1035).
const MAX_DOMAIN_LEN: usize = 253;
/// Longest address that mail systems pass on (RFC 5321 gives a path 256, with its brackets).
const MAX_EMAIL_LEN: usize = 254;

/// The registrable domain (`example.co.uk`) of a domain, host or web address: lower case,
/// internationalised labels in Unicode. Nothing for addresses of machines and for names
/// without a registrable part.
pub fn domain(raw: &str) -> Option<Cow<'_, str>> {
    let trimmed = trim(raw);
    if is_plain(trimmed) {
        return registrable(trimmed).map(Cow::Borrowed);
    }
    let host = host_of(trimmed);
    if is_plain(host) {
        return registrable(host).map(Cow::Borrowed);
    }
    let readable = readable(host)?;
    registrable(&readable).map(str::to_owned).map(Cow::Owned)
}

/// An e-mail address: trimmed, NFKC, lower case. Nothing if it is not one local part, one `@`
/// and a domain with a dot.
pub fn email(raw: &str) -> Option<Cow<'_, str>> {
    let trimmed = trim(raw);
    if is_plain_address(trimmed) {
        return Some(Cow::Borrowed(trimmed));
    }
    let bare = bare_address(trimmed);
    if bare.is_ascii() {
        let lower = bare.to_ascii_lowercase();
        return is_address(&lower).then_some(Cow::Owned(lower));
    }
    let lower: String = bare.nfkc().flat_map(char::to_lowercase).nfkc().collect();
    let lower = lower.trim();
    is_address(lower).then(|| Cow::Owned(lower.to_owned()))
}

/// The domain part of a normalised e-mail address.
pub fn email_domain(address: &str) -> Option<&str> {
    address.split_once('@').map(|(_, domain)| domain)
}

/// The address within `Name <address>` and `mailto:address`.
fn bare_address(text: &str) -> &str {
    let inside = text
        .strip_suffix('>')
        .and_then(|text| text.rsplit_once('<'));
    let bare = inside.map_or(text, |(_, address)| address).trim();
    match bare.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => &bare[7..],
        _ => bare,
    }
}

/// Whether an address is in its final form already, as most are: lower-case ASCII of the
/// usual characters, one `@`, and full labels after it.
fn is_plain_address(text: &str) -> bool {
    let bytes = text.as_bytes();
    let Some(at) = bytes.iter().position(|&b| b == b'@') else {
        return false;
    };
    let local = |b: &u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'+' | b'-');
    at > 0
        && bytes.len() <= MAX_EMAIL_LEN
        && bytes[..at].iter().all(local)
        && has_full_labels(&bytes[at + 1..])
}

/// Labels of lower-case ASCII, none empty, at least two.
fn has_full_labels(host: &[u8]) -> bool {
    let (mut dots, mut before) = (0, b'.');
    for &b in host {
        match b {
            b'.' if before == b'.' => return false,
            b'.' => dots += 1,
            b'a'..=b'z' | b'0'..=b'9' | b'-' => {}
            _ => return false,
        }
        before = b;
    }
    dots > 0 && before != b'.'
}

fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let labels_are_full = domain.split('.').all(|label| !label.is_empty());
    !local.is_empty()
        && domain.contains('.')
        && labels_are_full
        && text.len() <= MAX_EMAIL_LEN
        && !domain.contains(['@', ',', ';', '<', '>'])
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// The host within a web address: without scheme, user, port, path and final dot.
fn host_of(text: &str) -> &str {
    let after_scheme = text.split_once("//").map_or(text, |(_, rest)| rest);
    let authority = after_scheme
        .split(['/', '?', '#', '\\'])
        .next()
        .unwrap_or("");
    let host = authority.rsplit('@').next().unwrap_or("");
    host.split(':').next().unwrap_or("").trim_end_matches('.')
}

/// Whether a host is in its final form already: lower-case ASCII without punycode.
fn is_plain(host: &str) -> bool {
    has_full_labels(host.as_bytes()) && !host.contains("xn--")
}

/// A host in lower case and Unicode.
fn readable(host: &str) -> Option<String> {
    let dots = |c: char| if c == '。' { '.' } else { c };
    let lower: String = if host.is_ascii() {
        host.to_ascii_lowercase()
    } else {
        let lower = host.nfkc().map(dots).flat_map(char::to_lowercase);
        lower.nfkc().collect()
    };
    let labels: Option<Vec<Cow<'_, str>>> = lower.split('.').map(readable_label).collect();
    let fits = |label: &Cow<'_, str>| {
        let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
        !label.is_empty() && label.chars().all(fits)
    };
    let labels = labels.filter(|labels| labels.iter().all(fits))?;
    Some(labels.join("."))
}

fn readable_label(label: &str) -> Option<Cow<'_, str>> {
    match label.strip_prefix("xn--") {
        Some(encoded) => punycode::decode(encoded).map(Cow::Owned),
        None => Some(Cow::Borrowed(label)),
    }
}

fn registrable(host: &str) -> Option<&str> {
    if host.len() > MAX_DOMAIN_LEN || host.ends_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    psl::domain_str(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_registrable_and_readable() {
        for (raw, normal) in [
            ("example.com", Some("example.com")),
            ("WWW.Example.COM", Some("example.com")),
            (
                "https://www.example.co.uk:8443/a?b#c",
                Some("example.co.uk"),
            ),
            ("//mail.example.com.cn/", Some("example.com.cn")),
            ("example.com.", Some("example.com")),
            ("user@example.com", Some("example.com")),
            ("ｅｘａｍｐｌｅ．ｃｏｍ", Some("example.com")),
            ("例子。中国", Some("例子.中国")),
            ("xn--mnchen-3ya.de", Some("münchen.de")),
            ("MÜNCHEN.de", Some("münchen.de")),
            ("xn--fsqu00a.xn--fiqs8s", Some("例子.中国")),
            ("crm.internal", Some("crm.internal")),
            ("com", None),
            ("co.uk", None),
            ("localhost", None),
            ("192.168.0.1", None),
            ("exa mple.com", None),
            ("a..com", None),
            ("n/a", None),
            ("", None),
            ("xn--.de", None),
        ] {
            assert_eq!(domain(raw).as_deref(), normal, "{raw:?}");
        }
    }

    #[test]
    fn addresses_have_one_at_and_a_domain() {
        for (raw, normal) in [
            ("wang@example.com", Some("wang@example.com")),
            (" Wang@Example.COM ", Some("wang@example.com")),
            ("ｗａｎｇ＠example．com", Some("wang@example.com")),
            ("Wang Wei <wang@example.com>", Some("wang@example.com")),
            ("MAILTO:wang@example.com", Some("wang@example.com")),
            ("王@例子.中国", Some("王@例子.中国")),
            ("wang+crm@example.com", Some("wang+crm@example.com")),
            ("wang", None),
            ("@example.com", None),
            ("wang@", None),
            ("wang@localhost", None),
            ("a@b@example.com", None),
            ("wang wei@example.com", None),
            ("wang@example..com", None),
            ("wang@example.com, li@example.com", None),
            ("", None),
        ] {
            assert_eq!(email(raw).as_deref(), normal, "{raw:?}");
        }
        assert_eq!(email_domain("wang@example.com"), Some("example.com"));
    }
}
