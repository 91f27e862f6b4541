//! Finds the account a lead belongs to: by id, by domain, by company name.

use std::ops::Range as Span;

use rapidfuzz::fuzz::{Args, ratio_with_args};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::condition::{Clause, Condition, Dimension, Test, Value};
use super::model::{AccountIx, Plan, TerritoryIx};
use super::normalise;

/// How alike two names must be, as rapidfuzz's ratio: the share of letters that need neither
/// insertion nor deletion. At 0.92 a typing error in a name of a dozen letters passes
/// (`Microsft`), while names that differ in a short word (`Acme East`, `Acme West`) do not.
const NAME_CUTOFF: f64 = 0.92;
/// Longest company name that is compared, in bytes. Registers hold names of up to about 160
/// letters; the time of a comparison grows with the square.
const MAX_NAME_LEN: usize = 512;

/// The accounts of a plan, indexed by what leads know of them.
#[derive(Debug, Default)]
pub struct Accounts {
    by_id: FxHashMap<Box<str>, AccountIx>,
    /// `None` where several accounts claim the domain.
    by_domain: FxHashMap<Box<str>, Option<AccountIx>>,
    /// Positions in `names`.
    by_name: FxHashMap<Box<str>, SmallVec<[u32; 1]>>,
    /// Sorted by length in letters, then name, then account.
    names: Vec<Named>,
    /// The letters of each name, apart so that a scan touches nothing else.
    letters: Vec<Letters>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Named {
    /// In letters.
    len: usize,
    name: Box<str>,
    account: AccountIx,
    /// Countries the account's territory is limited to; empty if it is not.
    countries: Vec<Box<str>>,
}

/// What a company name found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NameMatch {
    /// The account whose name is most alike, and how alike.
    One(AccountIx, f64),
    Nothing,
    /// So many accounts are equally alike; none is guessed.
    Ambiguous(usize),
}

impl Accounts {
    /// The index of a plan's accounts.
    pub fn new(plan: &Plan) -> Self {
        let mut accounts = Self::default();
        for (at, account) in plan.accounts.iter().enumerate() {
            let ix = AccountIx(at as u32);
            accounts.by_id.insert(account.id.clone(), ix);
            for domain in &account.domains {
                accounts.add_domain(domain, ix);
            }
            let Some(name) = account.name.as_deref().and_then(normalise::company_name) else {
                continue;
            };
            let (len, name) = (name.chars().count(), name.into());
            let countries = account
                .territory
                .map_or(Vec::new(), |ix| countries_of(plan, ix));
            accounts.names.push(Named {
                len,
                name,
                account: ix,
                countries,
            });
        }
        accounts.names.sort();
        for (at, named) in accounts.names.iter().enumerate() {
            accounts
                .by_name
                .entry(named.name.clone())
                .or_default()
                .push(at as u32);
            accounts.letters.push(Letters::of(&named.name));
        }
        accounts
    }

    fn add_domain(&mut self, domain: &str, ix: AccountIx) {
        let Some(domain) = normalise::domain(domain) else {
            return;
        };
        let known = self.by_domain.entry(domain.into()).or_insert(Some(ix));
        if *known != Some(ix) {
            *known = None;
        }
    }

    /// How many names there are to compare with.
    pub fn names(&self) -> usize {
        self.names.len()
    }

    /// The account with this id.
    pub fn by_id(&self, id: &str) -> Option<AccountIx> {
        self.by_id.get(id).copied()
    }

    /// The only account with this registrable domain.
    pub fn by_domain(&self, domain: &str) -> Option<AccountIx> {
        self.by_domain.get(domain).copied().flatten()
    }

    /// The account whose name is most like a lead's company name, if one is more alike than
    /// all others. An account whose territory lies in other countries than the lead is none.
    pub fn by_name(&self, raw: &str, country: Option<&str>) -> NameMatch {
        if raw.len() > MAX_NAME_LEN {
            return NameMatch::Nothing;
        }
        let Some(name) = normalise::company_name(raw) else {
            return NameMatch::Nothing;
        };
        let mut best = Best::default();
        for &at in self.by_name.get(&*name).map_or(&[][..], |all| &all[..]) {
            best.offer(&self.names[at as usize], 1.0, country);
        }
        if best.count == 0 {
            self.offer_alike(&name, country, &mut best);
        }
        match (best.account, best.count) {
            (Some(account), 1) => NameMatch::One(account, best.score.0),
            (_, 0) => NameMatch::Nothing,
            (_, many) => NameMatch::Ambiguous(many),
        }
    }

    /// Offers every name above the cutoff. Lengths and letters rule out nearly all of them
    /// before anything is compared.
    fn offer_alike(&self, name: &str, country: Option<&str>, best: &mut Best) {
        let len = name.chars().count();
        let letters = Letters::of(name);
        let cutoff = Args::default().score_cutoff(NAME_CUTOFF);
        for at in self.alike_lengths(len) {
            let named = &self.names[at];
            if letters.distance(self.letters[at]) > allowed_distance(len, named.len)
                || !same_numbers(name, &named.name)
            {
                continue;
            }
            // Not rapidfuzz's batch comparator: in 0.5.0 it takes `acme widgts` and `acme
            // widgets` for 0.917 alike, where the ratio is 0.957.
            if let Some(ratio) = ratio_with_args(name.chars(), named.name.chars(), &cutoff) {
                best.offer(named, ratio, country);
            }
        }
    }

    /// Names whose length alone does not rule them out.
    fn alike_lengths(&self, len: usize) -> Span<usize> {
        let too_short = |named: &Named| {
            named.len < len && (len - named.len) as u32 > allowed_distance(len, named.len)
        };
        let not_too_long = |named: &Named| {
            named.len <= len || (named.len - len) as u32 <= allowed_distance(len, named.len)
        };
        let first = self.names.partition_point(too_short);
        let end = self.names.partition_point(not_too_long);
        first..end.max(first)
    }
}

/// Insertions and deletions that leave two names of these lengths at the cutoff.
fn allowed_distance(one: usize, other: usize) -> u32 {
    // The smallest amount above the product keeps a distance that lies exactly on the cutoff.
    ((1.0 - NAME_CUTOFF) * (one + other) as f64 + 1e-9) as u32
}

/// Whether two names have the same numbers: `Fund 12` is not `Fund 13`, however alike.
fn same_numbers(one: &str, other: &str) -> bool {
    let is_digit = |b: &u8| b.is_ascii_digit();
    one.bytes()
        .filter(is_digit)
        .eq(other.bytes().filter(is_digit))
}

/// The best name so far.
#[derive(Default)]
struct Best {
    /// Likeness, then whether the country is known to agree.
    score: (f64, bool),
    account: Option<AccountIx>,
    /// Accounts with this score.
    count: usize,
}

impl Best {
    fn offer(&mut self, named: &Named, ratio: f64, country: Option<&str>) {
        let limited = country.filter(|_| !named.countries.is_empty());
        let agrees = limited.map(|country| named.countries.iter().any(|one| **one == *country));
        if agrees == Some(false) {
            return;
        }
        let score = (ratio, agrees.is_some());
        if score > self.score {
            *self = Self {
                score,
                account: Some(named.account),
                count: 1,
            };
        } else if score == self.score && self.account != Some(named.account) {
            self.count += 1;
        }
    }
}

/// Which of 64 classes of letters occur in a name, once and more than once. Each insertion or
/// deletion changes at most one bit, so that the bits that differ bound the distance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Letters {
    once: u64,
    more: u64,
}

impl Letters {
    fn of(name: &str) -> Self {
        let mut letters = Self { once: 0, more: 0 };
        for c in name.chars() {
            let bit = 1 << (u32::from(c) % 64);
            letters.more |= letters.once & bit;
            letters.once |= bit;
        }
        letters
    }

    fn distance(self, other: Self) -> u32 {
        (self.once ^ other.once).count_ones() + (self.more ^ other.more).count_ones()
    }
}

/// Countries that a territory is limited to: those of the nearest condition that names any.
pub(super) fn countries_of(plan: &Plan, territory: TerritoryIx) -> Vec<Box<str>> {
    let mut at = Some(territory);
    while let Some(ix) = at {
        let mut countries = Vec::new();
        name_countries(plan, &plan.territory(ix).condition, &mut countries);
        if !countries.is_empty() {
            countries.sort();
            countries.dedup();
            return countries;
        }
        at = plan.territory(ix).parent;
    }
    Vec::new()
}

fn name_countries(plan: &Plan, condition: &Condition, countries: &mut Vec<Box<str>>) {
    match condition {
        Condition::All(parts) => {
            for part in parts {
                name_countries(plan, part, countries);
            }
        }
        Condition::Clause(Clause {
            dimension: Dimension::Country | Dimension::Admin,
            test: Test::OneOf(values),
        }) => {
            countries.extend(values.iter().filter_map(|value| match value {
                Value::Text(country) => Some(country.clone()),
                Value::Admin(ix) => Some(plan.gazetteer.country_of(*ix).into()),
                _ => None,
            }));
        }
        Condition::Clause(_) | Condition::Any(_) | Condition::Not(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::plan::model::Account;
    use crate::plan::normalise::tests::plan_without_places;

    /// 2 × longest common subsequence / total length, from the textbook.
    fn plain_ratio(one: &str, other: &str) -> f64 {
        let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
        let mut longest = vec![vec![0usize; other.len() + 1]; one.len() + 1];
        for i in 0..one.len() {
            for j in 0..other.len() {
                longest[i + 1][j + 1] = if one[i] == other[j] {
                    longest[i][j] + 1
                } else {
                    longest[i][j + 1].max(longest[i + 1][j])
                };
            }
        }
        let total = one.len() + other.len();
        1.0 - (total - 2 * longest[one.len()][other.len()]) as f64 / total as f64
    }

    /// The best account by comparing with every name.
    fn plain_match(accounts: &[Account], raw: &str) -> NameMatch {
        let Some(name) = normalise::company_name(raw) else {
            return NameMatch::Nothing;
        };
        let mut alike: Vec<(f64, AccountIx)> = Vec::new();
        for (at, account) in accounts.iter().enumerate() {
            let own = account.name.as_deref().and_then(normalise::company_name);
            let Some(own) = own else { continue };
            let ratio = plain_ratio(&name, &own);
            if ratio >= NAME_CUTOFF && same_numbers(&name, &own) {
                alike.push((ratio, AccountIx(at as u32)));
            }
        }
        let best = alike.iter().map(|one| one.0).fold(0.0, f64::max);
        alike.retain(|one| one.0 == best);
        match alike[..] {
            [] => NameMatch::Nothing,
            [(ratio, ix)] => NameMatch::One(ix, ratio),
            _ => NameMatch::Ambiguous(alike.len()),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

        #[test]
        fn the_filters_lose_no_name(
            names in prop::collection::vec("[ab上海]{1,3}[abc ]{4,12}[0-1]?[ab]{0,20}", 1..40),
            asked in "[ab上海]{1,3}[abc ]{4,12}[0-1]?[ab]{0,20}",
            at in any::<prop::sample::Index>(),
            cut in 0usize..12,
        ) {
            let rows: Vec<(String, String)> =
                names.iter().enumerate().map(|(at, name)| (format!("A-{at:02}"), name.clone())).collect();
            let rows: Vec<(&str, &str, &str)> =
                rows.iter().map(|(id, name)| (&**id, &**name, "")).collect();
            let plan = plan_without_places(&rows);
            let accounts = Accounts::new(&plan);
            let mut near: Vec<char> = names[at.index(names.len())].chars().collect();
            near.remove(cut.min(near.len() - 1));
            for asked in [asked, near.into_iter().collect()] {
                prop_assert_eq!(accounts.by_name(&asked, None), plain_match(&plan.accounts, &asked));
            }
        }
    }

    #[test]
    fn accounts_of_other_countries_do_not_match_by_name() {
        let mut plan =
            plan_without_places(&[("A-1", "Acme Trading", ""), ("A-2", "Acme Trading", "")]);
        for (country, at) in [("cn", 0), ("us", 1)] {
            let clause = Clause {
                dimension: Dimension::Country,
                test: Test::OneOf(vec![Value::Text(country.into())]),
            };
            plan.territories.push(territory(Condition::Clause(clause)));
            plan.accounts[at].territory = Some(TerritoryIx(at as u32));
        }
        let accounts = Accounts::new(&plan);
        for (country, found) in [
            (Some("cn"), NameMatch::One(AccountIx(0), 1.0)),
            (Some("us"), NameMatch::One(AccountIx(1), 1.0)),
            (Some("de"), NameMatch::Nothing),
            (None, NameMatch::Ambiguous(2)),
        ] {
            assert_eq!(
                accounts.by_name("Acme Trading Inc", country),
                found,
                "{country:?}"
            );
        }
    }

    fn territory(condition: Condition) -> crate::plan::model::Territory {
        crate::plan::model::Territory {
            id: "t".into(),
            name: None,
            parent: None,
            depth: 0,
            overlay: false,
            priority: 0,
            condition: condition.into(),
            team: None,
            serving_team: None,
            effective_from: None,
            target: None,
            resources: std::collections::BTreeMap::new(),
        }
    }
}
