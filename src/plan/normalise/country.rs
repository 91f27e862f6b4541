//! Countries by their ISO 3166-1 codes and by the names that a gazetteer has for them.

use std::borrow::Cow;

use super::text::{text, trim};
use crate::plan::gazetteer::{COUNTRY, Gazetteer};

/// Alpha-2 and alpha-3 codes joined, sorted. Source: ISO 3166-1 as of 2025, and Kosovo by the
/// code that is in use for it.
const CODES: &str = "\
    adand aeare afafg agatg aiaia alalb amarm aoago aqata ararg asasm ataut auaus awabw \
    axala azaze babih bbbrb bdbgd bebel bfbfa bgbgr bhbhr bibdi bjben blblm bmbmu bnbrn \
    bobol bqbes brbra bsbhs btbtn bvbvt bwbwa byblr bzblz cacan cccck cdcod cfcaf cgcog \
    chche ciciv ckcok clchl cmcmr cnchn cocol crcri cucub cvcpv cwcuw cxcxr cycyp czcze \
    dedeu djdji dkdnk dmdma dodom dzdza ececu eeest egegy ehesh ereri esesp eteth fifin \
    fjfji fkflk fmfsm fofro frfra gagab gbgbr gdgrd gegeo gfguf ggggy ghgha gigib glgrl \
    gmgmb gngin gpglp gqgnq grgrc gssgs gtgtm gugum gwgnb gyguy hkhkg hmhmd hnhnd hrhrv \
    hthti huhun ididn ieirl ilisr imimn inind ioiot iqirq irirn isisl itita jejey jmjam \
    jojor jpjpn keken kgkgz khkhm kikir kmcom knkna kpprk krkor kwkwt kycym kzkaz lalao \
    lblbn lclca lilie lklka lrlbr lslso ltltu lulux lvlva lylby mamar mcmco mdmda memne \
    mfmaf mgmdg mhmhl mkmkd mlmli mmmmr mnmng momac mpmnp mqmtq mrmrt msmsr mtmlt mumus \
    mvmdv mwmwi mxmex mymys mzmoz nanam ncncl nener nfnfk ngnga ninic nlnld nonor npnpl \
    nrnru nuniu nznzl omomn papan peper pfpyf pgpng phphl pkpak plpol pmspm pnpcn prpri \
    pspse ptprt pwplw pypry qaqat rereu rorou rssrb rurus rwrwa sasau sbslb scsyc sdsdn \
    seswe sgsgp shshn sisvn sjsjm sksvk slsle smsmr snsen sosom srsur ssssd ststp svslv \
    sxsxm sysyr szswz tctca tdtcd tfatf tgtgo ththa tjtjk tktkl tltls tmtkm tntun toton \
    trtur tttto tvtuv twtwn tztza uaukr uguga umumi ususa uyury uzuzb vavat vcvct veven \
    vgvgb vivir vnvnm vuvut wfwlf wswsm xkxkk yeyem ytmyt zazaf zmzmb zwzwe";

/// Letters and a space.
const ENTRY_LEN: usize = 6;
/// Codes in use beside ISO's own: the European Union's for the United Kingdom and Greece.
const ALSO: [(&str, &str); 2] = [("uk", "gb"), ("el", "gr")];
/// Marks a pair of letters that is no country.
const NONE: u8 = u8::MAX;
/// The entry of each pair of letters.
static BY_ALPHA2: [u8; 26 * 26] = index(0, 2);
/// The entry of each three letters.
static BY_ALPHA3: [u8; 26 * 26 * 26] = index(2, 3);

/// The table of the codes of `len` letters that begin at `first` in each entry.
const fn index<const SLOTS: usize>(first: usize, len: usize) -> [u8; SLOTS] {
    let codes = CODES.as_bytes();
    let mut table = [NONE; SLOTS];
    let mut entry = 0;
    while entry * ENTRY_LEN < codes.len() {
        let (mut slot, mut letter) = (0, 0);
        while letter < len {
            let at = entry * ENTRY_LEN + first + letter;
            slot = slot * 26 + (codes[at] - b'a') as usize;
            letter += 1;
        }
        table[slot] = entry as u8;
        entry += 1;
    }
    table
}

/// The alpha-2 code, lower case, that an alpha-2 or alpha-3 code in any case means. Names
/// are the gazetteer's business.
pub fn iso_country(code: &str) -> Option<&'static str> {
    match code.as_bytes() {
        [one, two] => by_alpha2(*one, *two).or_else(|| also(code)),
        [one, two, three] => by_alpha3([*one, *two, *three]),
        _ => None,
    }
}

/// The alpha-2 code, lower case, of a country given by an ISO code or by a name or alias of
/// the gazetteer. ISO codes win over names.
pub fn country(raw: &str, gazetteer: &Gazetteer) -> Option<Cow<'static, str>> {
    let trimmed = trim(raw);
    if let Some(code) = iso_country(trimmed) {
        return Some(Cow::Borrowed(code));
    }
    let folded = text(trimmed);
    if let Some(code) = iso_country(&folded) {
        return Some(Cow::Borrowed(code));
    }
    let coded = gazetteer.by_code(&folded);
    let coded = coded.filter(|&ix| gazetteer.node(ix).level == COUNTRY);
    let ix = coded.or_else(|| gazetteer.country_by_name(&folded))?;
    let code = &*gazetteer.node(ix).code;
    Some(match iso_country(code) {
        Some(code) => Cow::Borrowed(code),
        None => Cow::Owned(code.to_owned()),
    })
}

fn by_alpha2(one: u8, two: u8) -> Option<&'static str> {
    let letter = |b: u8| usize::from(b.to_ascii_lowercase().wrapping_sub(b'a'));
    let (one, two) = (letter(one), letter(two));
    if one >= 26 || two >= 26 {
        return None;
    }
    let entry = BY_ALPHA2[one * 26 + two];
    (entry != NONE).then(|| alpha2_at(usize::from(entry)))
}

fn alpha2_at(entry: usize) -> &'static str {
    &CODES[entry * ENTRY_LEN..entry * ENTRY_LEN + 2]
}

fn also(code: &str) -> Option<&'static str> {
    let named = ALSO
        .iter()
        .find(|(also, _)| code.eq_ignore_ascii_case(also))?;
    Some(named.1)
}

fn by_alpha3(letters: [u8; 3]) -> Option<&'static str> {
    let mut slot = 0;
    for b in letters {
        let letter = usize::from(b.to_ascii_lowercase().wrapping_sub(b'a'));
        if letter >= 26 {
            return None;
        }
        slot = slot * 26 + letter;
    }
    let entry = BY_ALPHA3[slot];
    (entry != NONE).then(|| alpha2_at(usize::from(entry)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_either_length_and_any_case_mean_the_same_country() {
        for (code, country) in [
            ("cn", Some("cn")),
            ("CN", Some("cn")),
            ("CHN", Some("cn")),
            ("usa", Some("us")),
            ("US", Some("us")),
            ("DEU", Some("de")),
            ("UK", Some("gb")),
            ("zz", None),
            ("ZZZ", None),
            ("c", None),
            ("1a", None),
            ("上", None),
            ("", None),
            ("{{", None),
        ] {
            assert_eq!(iso_country(code), country, "{code}");
        }
    }

    #[test]
    fn names_of_countries_come_from_the_gazetteer() {
        let gazetteer = crate::plan::gazetteer::tests::real();
        for (raw, code) in [
            (" CN ", Some("cn")),
            ("ＣＮ", Some("cn")),
            ("China", Some("cn")),
            ("中国", Some("cn")),
            ("P.R. China", Some("cn")),
            ("united states of america", Some("us")),
            ("U.S.A.", Some("us")),
            ("Deutschland", Some("de")),
            ("CA", Some("ca")),
            ("California", None),
            ("", None),
        ] {
            assert_eq!(country(raw, gazetteer).as_deref(), code, "{raw:?}");
        }
    }

    #[test]
    fn every_entry_is_found_by_both_codes() {
        let entries: Vec<&str> = CODES.split(' ').collect();
        assert!(entries.is_sorted());
        assert_eq!(entries.len(), 250);
        for entry in entries {
            assert_eq!(iso_country(&entry[..2]), Some(&entry[..2]));
            assert_eq!(iso_country(&entry[2..]), Some(&entry[..2]));
        }
    }
}
