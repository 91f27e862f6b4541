//! Domains whose addresses belong to private persons.

use std::sync::LazyLock;

use rustc_hash::FxHashSet;

/// One domain a line, lower case.
const TABLE: &str = include_str!("../../../config/mail/free-domains.txt");

static FREE: LazyLock<FxHashSet<&'static str>> = LazyLock::new(|| {
    let lines = TABLE.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect()
});

/// Whether anyone can have an address at `domain` (lower case), so that it says nothing of a
/// company.
pub fn is_free_mail(domain: &str) -> bool {
    FREE.contains(domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_mail_is_told_from_companies() {
        for (domain, free) in [
            ("gmail.com", true),
            ("qq.com", true),
            ("163.com", true),
            ("yahoo.co.jp", true),
            ("example.com", false),
            ("huawei.com", false),
            ("", false),
        ] {
            assert_eq!(is_free_mail(domain), free, "{domain}");
        }
    }
}
