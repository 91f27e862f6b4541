//! Company names without their legal form.

use std::borrow::Cow;
use std::sync::LazyLock;

use rustc_hash::FxHashSet;

use super::text::text;

/// Legal forms at the end of names, folded and without dots, as words. What is cut may leave
/// another form at the end (`co ltd`), so cutting goes on until nothing more is found.
const FORMS_AFTER: &[&str] = &[
    "sociedad anonima",
    "sociedade anonima",
    "private limited",
    "pvt ltd",
    "pty ltd",
    "pte ltd",
    "sdn bhd",
    "sp z oo",
    "sab de cv",
    "sapi de cv",
    "sa de cv",
    "s de rl de cv",
    "de cv",
    "de rl",
    "ltd şti",
    "ltd sti",
    "ve tic",
    "limited liability company",
    "public limited company",
    "ab",
    "ag",
    "aps",
    "as",
    "asa",
    "bhd",
    "bt",
    "bv",
    "bvba",
    "ca",
    "co",
    "company",
    "corp",
    "corporation",
    "cv",
    "dd",
    "doo",
    "eireli",
    "ek",
    "eood",
    "eurl",
    "ev",
    "fzco",
    "fze",
    "gbr",
    "gmbh",
    "ggmbh",
    "gk",
    "hf",
    "ehf",
    "inc",
    "incorporated",
    "jsc",
    "kda",
    "kft",
    "kg",
    "kgaa",
    "kk",
    "kommanditgesellschaft",
    "llc",
    "llp",
    "lp",
    "limited",
    "limitada",
    "ltd",
    "ltda",
    "mbh",
    "nv",
    "nyrt",
    "oao",
    "ohg",
    "ojsc",
    "ood",
    "ooo",
    "oy",
    "oyj",
    "pao",
    "pc",
    "pjsc",
    "plc",
    "pllc",
    "pte",
    "pty",
    "pvt",
    "rt",
    "sa",
    "sarl",
    "sas",
    "sasu",
    "sca",
    "scs",
    "se",
    "sia",
    "sl",
    "slu",
    "sau",
    "snc",
    "spa",
    "spol sro",
    "sro",
    "srl",
    "srls",
    "tbk",
    "uab",
    "ug",
    "vof",
    "zao",
    "zrt",
    "ао",
    "зао",
    "оао",
    "ооо",
    "пао",
    "aktiengesellschaft",
];
/// Words that only join a name and its legal form (`GmbH & Co. KG`).
const JOINTS: &[&str] = &["and", "&", "u", "und", "y", "et"];
/// Legal forms in front of names, as words.
const FORMS_BEFORE: &[&str] = &[
    "ao", "ooo", "oao", "zao", "pao", "pt", "ао", "зао", "оао", "ооо", "пао",
];
/// Legal forms written without a space before or after the name. Longer ones first.
const FORMS_JOINED: &[&str] = &[
    "股份有限责任公司",
    "有限责任公司",
    "股份有限公司",
    "股份公司",
    "有限公司",
    "株式会社",
    "有限会社",
    "合同会社",
    "合資会社",
    "股份有限公司",
    "有限責任公司",
    "주식회사",
    "유한회사",
    "유한책임회사",
];
/// Abbreviated forms in brackets, after NFKC has opened `㈱`.
const FORMS_IN_BRACKETS: &[&str] = &["(株)", "(有)", "(同)", "(주)", "(유)"];

/// Longest form after a name, in words.
const FORM_WORDS: usize = 4;

static AFTER: LazyLock<FxHashSet<&'static str>> =
    LazyLock::new(|| FORMS_AFTER.iter().copied().collect());

/// A company's name for comparison: folded, without punctuation and legal form. Nothing if
/// the text has no letters.
pub fn company_name(raw: &str) -> Option<String> {
    let folded = text(raw);
    let mut words = words(&without_bracketed(&folded));
    let mut name = words.as_str();
    while let Some(shorter) = cut(name) {
        name = shorter;
    }
    if name.is_empty() {
        return None;
    }
    // The name is a part of `words`; the rest goes without another allocation.
    let start = name.as_ptr() as usize - words.as_ptr() as usize;
    let end = start + name.len();
    words.truncate(end);
    words.drain(..start);
    Some(words)
}

fn without_bracketed(folded: &str) -> Cow<'_, str> {
    let mut name = Cow::Borrowed(folded);
    if folded.is_ascii() {
        return name;
    }
    for form in FORMS_IN_BRACKETS {
        if name.contains(form) {
            name = Cow::Owned(name.replace(form, " "));
        }
    }
    name
}

/// Words joined by single spaces: dots, apostrophes and slashes vanish, so that abbreviations
/// close up (`s.a.`, `a/s`), every other punctuation parts words, and `&` is the word `and`.
fn words(folded: &str) -> String {
    let mut out = String::with_capacity(folded.len() + 4);
    let mut gap = false;
    for c in folded.chars() {
        match c {
            '.' | '\'' | '’' | '/' | '·' => {}
            '&' | '+' => {
                push_word(&mut out, "and");
                gap = true;
            }
            c if is_letter(c) => {
                if std::mem::take(&mut gap) && !out.is_empty() {
                    out.push(' ');
                }
                out.push(c);
            }
            _ => gap = true,
        }
    }
    out
}

/// Letters and digits; the commonest ranges without the table.
fn is_letter(c: char) -> bool {
    match c {
        'a'..='z' | '0'..='9' | '\u{4e00}'..='\u{9fff}' => true,
        '\0'..='\u{7f}' => false,
        other => other.is_alphanumeric(),
    }
}

fn push_word(out: &mut String, word: &str) {
    if !out.is_empty() {
        out.push(' ');
    }
    out.push_str(word);
}

/// The name with one legal form less, if it has one and something else.
fn cut(name: &str) -> Option<&str> {
    let shorter = cut_after(name)
        .or_else(|| cut_before(name))
        .or_else(|| cut_joined(name))?;
    let shorter = shorter.trim();
    (!shorter.is_empty()).then_some(shorter)
}

fn cut_joined(name: &str) -> Option<&str> {
    if name.is_ascii() {
        return None;
    }
    let cut = |form: &&str| name.strip_suffix(form).or_else(|| name.strip_prefix(form));
    FORMS_JOINED.iter().find_map(cut)
}

/// Cuts the longest form at the end, and what joined it to the name.
fn cut_after(name: &str) -> Option<&str> {
    let spaces = name.rmatch_indices(' ').take(FORM_WORDS);
    let starts = spaces.filter(|&(at, _)| AFTER.contains(&name[at + 1..]));
    let shorter = &name[..starts.last()?.0];
    let (rest, last) = shorter.rsplit_once(' ').unwrap_or(("", shorter));
    Some(if JOINTS.contains(&last) {
        rest
    } else {
        shorter
    })
}

fn cut_before(name: &str) -> Option<&str> {
    let (first, rest) = name.split_once(' ')?;
    FORMS_BEFORE.contains(&first).then_some(rest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_lose_their_legal_form() {
        for (raw, name) in [
            ("Acme Inc.", Some("acme")),
            ("ACME, INC", Some("acme")),
            ("Acme Co., Ltd.", Some("acme")),
            ("Acme L.L.C.", Some("acme")),
            ("Acme Corporation Limited", Some("acme")),
            ("Muster GmbH & Co. KG", Some("muster")),
            ("Müller AG", Some("müller")),
            ("Groß SE", Some("gross")),
            ("Société Générale S.A.", Some("société générale")),
            ("Maersk A/S", Some("maersk")),
            ("Firma Sp. z o.o.", Some("firma")),
            ("Cemex S.A.B. de C.V.", Some("cemex")),
            ("Johnson & Johnson", Some("johnson and johnson")),
            ("Johnson and Johnson Inc", Some("johnson and johnson")),
            ("华为技术有限公司", Some("华为技术")),
            ("中国石化股份有限公司", Some("中国石化")),
            ("华为技术（上海）有限公司", Some("华为技术 上海")),
            ("株式会社日立製作所", Some("日立製作所")),
            ("トヨタ自動車株式会社", Some("トヨタ自動車")),
            ("㈱日立", Some("日立")),
            ("삼성전자 주식회사", Some("삼성전자")),
            ("ООО Ромашка", Some("ромашка")),
            ("PT Astra International Tbk", Some("astra international")),
            ("Coca-Cola", Some("coca cola")),
            ("GmbH", Some("gmbh")),
            ("Inc Co", Some("inc")),
            ("Co", Some("co")),
            ("Unico", Some("unico")),
            ("- . -", None),
            ("", None),
        ] {
            assert_eq!(company_name(raw).as_deref(), name, "{raw:?}");
        }
    }

    proptest! {
        #[test]
        fn a_name_without_form_stays_as_it_is(raw in "\\PC{0,30}") {
            if let Some(name) = company_name(&raw) {
                prop_assert_eq!(company_name(&name), Some(name));
            }
        }
    }
}
