//! People: names, mail and telephone, and those who come back.

use std::collections::VecDeque;

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

use crate::event::{Span, Timestamp};

use super::arrivals::Country;
use super::company::Company;
use super::place::Spot;

/// Share of leads from a person who came before.
const RETURNING: f64 = 0.12;
/// Half of those come back within this time.
const SOON: Span = Span::seconds(600);
/// How a returning person is recognised; the rest only has a similar name.
const SAME_MAIL: f64 = 0.60;
const SAME_PHONE: f64 = 0.25;
/// Persons remembered for coming back soon; beyond it the oldest are forgotten.
const RECENT_KEPT: usize = 20_000;
/// Persons remembered for coming back late, an even sample of all so far.
const SAMPLE_KEPT: usize = 5_000;
/// Share of persons who give a private address of a free mail provider.
const PRIVATE_MAIL: f64 = 0.3;
/// A prime that shares no factor with a power of ten: serial numbers times it run through all
/// numbers of that many digits before one comes again.
const SPREAD: u64 = 7_919;

/// A person at a firm in a place.
#[derive(Clone, Debug)]
pub struct Person {
    pub name: String,
    pub email: String,
    pub phone: String,
    pub language: &'static str,
    pub company: Company,
    pub spot: Spot,
}

const SURNAMES: [(&str, &str); 20] = [
    ("王", "wang"),
    ("李", "li"),
    ("张", "zhang"),
    ("刘", "liu"),
    ("陈", "chen"),
    ("杨", "yang"),
    ("赵", "zhao"),
    ("黄", "huang"),
    ("周", "zhou"),
    ("吴", "wu"),
    ("徐", "xu"),
    ("孙", "sun"),
    ("胡", "hu"),
    ("朱", "zhu"),
    ("高", "gao"),
    ("林", "lin"),
    ("何", "he"),
    ("郭", "guo"),
    ("马", "ma"),
    ("罗", "luo"),
];
const GIVEN: [(&str, &str); 20] = [
    ("伟", "wei"),
    ("芳", "fang"),
    ("娜", "na"),
    ("敏", "min"),
    ("静", "jing"),
    ("丽", "li"),
    ("强", "qiang"),
    ("磊", "lei"),
    ("军", "jun"),
    ("洋", "yang"),
    ("勇", "yong"),
    ("艳", "yan"),
    ("杰", "jie"),
    ("娟", "juan"),
    ("涛", "tao"),
    ("明", "ming"),
    ("超", "chao"),
    ("霞", "xia"),
    ("平", "ping"),
    ("刚", "gang"),
];
const FIRST_NAMES: [&str; 20] = [
    "James",
    "Mary",
    "Robert",
    "Patricia",
    "John",
    "Jennifer",
    "Michael",
    "Linda",
    "David",
    "Elizabeth",
    "William",
    "Barbara",
    "Richard",
    "Susan",
    "Joseph",
    "Jessica",
    "Thomas",
    "Sarah",
    "Carlos",
    "Maria",
];
const LAST_NAMES: [&str; 20] = [
    "Smith",
    "Johnson",
    "Williams",
    "Brown",
    "Jones",
    "Garcia",
    "Miller",
    "Davis",
    "Rodriguez",
    "Martinez",
    "Hernandez",
    "Lopez",
    "Wilson",
    "Anderson",
    "Taylor",
    "Moore",
    "Jackson",
    "Martin",
    "Lee",
    "Thompson",
];
const CHINESE_MAIL: [&str; 3] = ["qq.com", "163.com", "126.com"];
const AMERICAN_MAIL: [&str; 3] = ["gmail.com", "outlook.com", "yahoo.com"];
const MOBILE_PREFIXES: [&str; 6] = ["136", "138", "139", "150", "186", "189"];
const AREA_CODES: [&str; 40] = [
    "201", "202", "203", "205", "206", "207", "208", "209", "210", "212", "213", "214", "215",
    "216", "217", "218", "219", "224", "225", "228", "229", "231", "234", "239", "240", "248",
    "251", "252", "253", "254", "256", "260", "262", "267", "269", "270", "276", "281", "301",
    "302",
];

impl Person {
    /// Somebody new; `serial` keeps mail and telephone their own.
    pub fn new(
        rng: &mut StdRng,
        country: Country,
        spot: Spot,
        company: Company,
        serial: u64,
    ) -> Self {
        let (name, local, language) = match country {
            Country::China => chinese_name(rng),
            Country::America => american_name(rng),
        };
        Self {
            email: mail(rng, country, &local, &company.domain, serial),
            phone: phone(rng, country, serial),
            name,
            language,
            company,
            spot,
        }
    }

    /// The same person at another time: what they give again shows who they are.
    fn returns(&self, rng: &mut StdRng, country: Country, serial: u64) -> Self {
        let mut again = self.clone();
        let ticket = rng.random::<f64>();
        if ticket >= SAME_MAIL {
            let local = format!("contact{serial}");
            again.email = mail(rng, country, &local, &self.company.domain, serial);
        }
        if !(SAME_MAIL..SAME_MAIL + SAME_PHONE).contains(&ticket) {
            again.phone = phone(rng, country, serial);
        }
        if ticket >= SAME_MAIL + SAME_PHONE {
            again.name = alike(&self.name);
        }
        again
    }
}

/// A name that a reader takes for the same: initials for a first name, or a doubled letter.
fn alike(name: &str) -> String {
    match name.split_once(' ') {
        Some((first, last)) => format!("{}. {last}", first.chars().next().unwrap_or('J')),
        None => name.chars().chain(name.chars().last()).collect(),
    }
}

fn chinese_name(rng: &mut StdRng) -> (String, String, &'static str) {
    let (surname, sound) = SURNAMES.choose(rng).copied().unwrap_or_default();
    let (given, given_sound) = GIVEN.choose(rng).copied().unwrap_or_default();
    let local = format!("{given_sound}.{sound}");
    (format!("{surname}{given}"), local, "zh")
}

fn american_name(rng: &mut StdRng) -> (String, String, &'static str) {
    let first = FIRST_NAMES.choose(rng).copied().unwrap_or_default();
    let last = LAST_NAMES.choose(rng).copied().unwrap_or_default();
    let language = if rng.random_bool(0.9) { "en" } else { "es" };
    let local = format!("{}.{}", first.to_lowercase(), last.to_lowercase());
    (format!("{first} {last}"), local, language)
}

/// The local part says that the address is an example, since the provider is a real one.
fn mail(rng: &mut StdRng, country: Country, local: &str, domain: &str, serial: u64) -> String {
    if !rng.random_bool(PRIVATE_MAIL) {
        return format!("{local}.{serial}@{domain}");
    }
    let providers = match country {
        Country::China => CHINESE_MAIL,
        Country::America => AMERICAN_MAIL,
    };
    let provider = providers.choose(rng).copied().unwrap_or_default();
    format!("{local}.{serial}.example@{provider}")
}

/// A number that no other serial number yields.
fn phone(rng: &mut StdRng, country: Country, serial: u64) -> String {
    match country {
        Country::China => chinese_phone(rng, serial),
        Country::America => american_phone(rng, serial),
    }
}

fn chinese_phone(rng: &mut StdRng, serial: u64) -> String {
    let prefix = MOBILE_PREFIXES.choose(rng).copied().unwrap_or_default();
    let line = (serial * SPREAD) % 100_000_000;
    let space = if rng.random_bool(0.3) { " " } else { "" };
    let code = if rng.random_bool(0.4) { "+86 " } else { "" };
    let (high, low) = (line / 10_000, line % 10_000);
    format!("{code}{prefix}{space}{high:04}{space}{low:04}")
}

fn american_phone(rng: &mut StdRng, serial: u64) -> String {
    let areas = AREA_CODES.len() as u64;
    let area = AREA_CODES[(serial % areas) as usize];
    // The exchange 555 is kept for fiction.
    let line = (serial / areas * SPREAD) % 10_000;
    match rng.random_range(0..3) {
        0 => format!("({area}) 555-{line:04}"),
        1 => format!("+1 {area}-555-{line:04}"),
        _ => format!("{area}.555.{line:04}"),
    }
}

/// Who came from one country before, and may come back.
#[derive(Debug, Default)]
pub struct Memory {
    recent: VecDeque<(Timestamp, Person)>,
    sample: Vec<Person>,
    seen: u64,
}

impl Memory {
    /// Somebody who came before, if the next lead is theirs.
    pub fn returning(
        &self,
        rng: &mut StdRng,
        country: Country,
        now: Timestamp,
        serial: u64,
    ) -> Option<Person> {
        if !rng.random_bool(RETURNING) {
            return None;
        }
        let soon = rng.random_bool(0.5);
        let person = if soon { self.soon(rng, now) } else { None };
        let person = person.or_else(|| self.sample.choose(rng))?;
        Some(person.returns(rng, country, serial))
    }

    fn soon(&self, rng: &mut StdRng, now: Timestamp) -> Option<&Person> {
        let since = now.minus(SOON);
        let first = self.recent.partition_point(|(at, _)| *at < since);
        if first == self.recent.len() {
            return None;
        }
        let (_, person) = &self.recent[rng.random_range(first..self.recent.len())];
        Some(person)
    }

    /// Remembers who just came.
    pub fn keep(&mut self, rng: &mut StdRng, now: Timestamp, person: Person) {
        self.seen += 1;
        if self.sample.len() < SAMPLE_KEPT {
            self.sample.push(person.clone());
        } else if rng.random_range(0..self.seen) < SAMPLE_KEPT as u64 {
            let at = rng.random_range(0..SAMPLE_KEPT);
            self.sample[at] = person.clone();
        }
        if self.recent.len() == RECENT_KEPT {
            self.recent.pop_front();
        }
        self.recent.push_back((now, person));
    }
}
