//! Reads single values: the right type, or a problem at their place.

use jiff::tz::{TimeZone, TimeZoneDatabase};
use rustc_hash::FxHashMap;

use crate::event::Span;
use crate::plan::parse::{Kind, Node, Value};
use crate::plan::problem::{Code, Collector, Draft, Place, Suggester};

use super::keys::Keys;
use super::names::nameless;

/// Longer ids serve nobody, and ids travel in every decision.
const MAX_ID_CHARS: usize = 128;

/// A hundred years: longer spans are typing errors.
const MAX_SPAN_MS: i64 = 100 * 366 * 86_400_000;

/// Reads values and gathers what is wrong with them.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    pub out: Collector,
    pub suggester: Suggester,
}

/// A mapping's known keys with their values.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields<'a> {
    found: Vec<(&'static str, Node<'a>, Node<'a>)>,
}

impl<'a> Fields<'a> {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<Node<'a>> {
        self.entry(key).map(|(_, value)| value)
    }

    fn entry(&self, key: &str) -> Option<(Node<'a>, Node<'a>)> {
        let mut found = self.found.iter();
        let (_, name, value) = found.find(|(known, ..)| *known == key)?;
        Some((*name, *value))
    }
}

impl Reader {
    /// Adds a problem that needs no more than a place and a sentence.
    pub fn report(&mut self, code: Code, place: Place, message: impl Into<String>) {
        self.out.report(code, place, message);
    }

    /// Adds a wrong value with the form it should have.
    pub fn bad(&mut self, place: Place, message: impl Into<String>, help: impl Into<String>) {
        self.out
            .push(Draft::new(Code::BadValue, place, message).help(help));
    }

    pub(super) fn wrong_type(&mut self, node: Node<'_>, what: &str, expected: &str) {
        let found = node.kind().name();
        let is_key = !what.contains([' ', '`']);
        let message = match is_key {
            true => format!("`{what}` should be {expected}, not {found}"),
            false => format!("{what} should be {expected}, not {found}"),
        };
        let help = match expected {
            "a list" => "write it as in [one, two]",
            "a mapping" => "write it as in {key: value}",
            _ => "write one value, in quotes if need be",
        };
        self.out
            .push(Draft::new(Code::WrongType, node.place(), message).help(help));
    }

    /// The keys and values of a mapping; unknown, repeated and missing keys are problems.
    pub fn fields<'a>(&mut self, node: Node<'a>, keys: &Keys) -> Option<Fields<'a>> {
        let mut fields = Fields::default();
        self.add_fields(&mut fields, node, keys)
            .then(|| self.require(&fields, node, keys))?;
        Some(fields)
    }

    /// Adds another mapping's keys to those found before, for mappings that several files
    /// may continue. False if the node is no mapping.
    pub fn add_fields<'a>(&mut self, fields: &mut Fields<'a>, node: Node<'a>, keys: &Keys) -> bool {
        if node.kind() != Kind::Map {
            self.wrong_type(node, keys.what, "a mapping");
            return false;
        }
        for (name, value) in node.entries() {
            let text = self.key(name);
            let known = keys.known.iter().find(|known| Some(**known) == text);
            match (known, text) {
                (Some(key), _) => self.add_field(fields, key, name, value),
                (None, Some(text)) => self.unknown_key(name, text, keys.what, keys.known),
                (None, None) => {}
            }
        }
        true
    }

    fn add_field<'a>(
        &mut self,
        fields: &mut Fields<'a>,
        key: &'static str,
        name: Node<'a>,
        value: Node<'a>,
    ) {
        if let Some((first, _)) = fields.entry(key) {
            self.duplicate_key(key, name.place(), first.place());
        } else if self.has_value(key, name, value) {
            fields.found.push((key, name, value));
        }
    }

    fn require(&mut self, fields: &Fields<'_>, node: Node<'_>, keys: &Keys) {
        for key in keys.required {
            // A key without a value has been reported as that.
            if fields.get(key).is_none() && node.get(key).is_none() {
                let message = format!("{} needs the key `{key}`", keys.what);
                self.report(Code::MissingKey, node.place(), message);
            }
        }
    }

    /// Every key of a mapping whose keys are names, each once and with a value.
    pub fn named<'a>(&mut self, node: Node<'a>, what: &str) -> Vec<(Value<'a>, Node<'a>)> {
        if node.kind() != Kind::Map {
            self.wrong_type(node, what, "a mapping");
            return Vec::new();
        }
        let mut first: FxHashMap<&str, Node<'a>> = FxHashMap::default();
        let mut found = Vec::new();
        for (name, value) in node.entries() {
            let Some(key) = self.key(name) else { continue };
            if let Some(first) = first.get(key) {
                self.duplicate_key(key, name.place(), first.place());
            } else if self.has_value(key, name, value) {
                first.insert(key, name);
                found.extend(Value::of_node(name).map(|name| (name, value)));
            }
        }
        found
    }

    fn key<'a>(&mut self, name: Node<'a>) -> Option<&'a str> {
        let text = name.text();
        if text.is_none() {
            self.wrong_type(name, "a key", "a single value");
        }
        text
    }

    fn has_value(&mut self, key: &str, name: Node<'_>, value: Node<'_>) -> bool {
        let nothing = value.kind() == Kind::Nothing;
        if nothing {
            let message = format!("`{key}` has no value");
            self.report(Code::NoValue, name.place(), message);
        }
        !nothing
    }

    /// A key that is given twice, in one mapping or in two files.
    pub fn duplicate_key(&mut self, key: &str, place: Place, first: Place) {
        let draft = Draft::new(Code::DuplicateKey, place, format!("`{key}` is given twice"));
        self.out.push(draft.related(first, "first given here"));
    }

    /// A key that is not known, with the one that was meant.
    pub fn unknown_key(&mut self, name: Node<'_>, key: &str, what: &str, known: &[&str]) {
        let near = self.suggester.nearest(key, known.iter().copied());
        let message = format!("{what} has no key `{key}`");
        let draft = Draft::new(Code::UnknownKey, name.place(), message);
        let list = format!("the keys are {}", known.join(", "));
        self.out.push(draft.help(list).did_you_mean(near));
    }

    /// A single value.
    pub fn value<'a>(&mut self, node: Node<'a>, what: &str) -> Option<Value<'a>> {
        let value = Value::of_node(node);
        if value.is_none() {
            self.wrong_type(node, what, "a single value");
        }
        value
    }

    /// The items of a list of single values; one value alone counts as such a list.
    pub fn values<'a>(&mut self, node: Node<'a>, what: &str) -> Vec<Value<'a>> {
        if node.kind() == Kind::Map {
            self.wrong_type(node, what, "a list");
            return Vec::new();
        }
        let items = node.items();
        items.filter_map(|item| self.value(item, what)).collect()
    }

    /// The items of a list.
    pub fn list<'a>(&mut self, node: Node<'a>, what: &str) -> Vec<Node<'a>> {
        if node.kind() != Kind::List {
            self.wrong_type(node, what, "a list");
            return Vec::new();
        }
        node.items().collect()
    }

    /// A text for people, such as a name.
    pub fn label(&mut self, fields: &Fields<'_>, key: &str) -> Option<Box<str>> {
        let value = self.value(fields.get(key)?, key)?;
        Some(value.text.into())
    }

    /// An id: short, without control characters and `|`, which separates ids in tables.
    pub fn id<'a>(&mut self, value: Value<'a>) -> Option<Value<'a>> {
        let text = value.text;
        let odd = |c: char| c.is_control() || c == '|';
        let length = text.chars().count();
        if text.trim() != text || length == 0 || length > MAX_ID_CHARS || text.contains(odd) {
            let message = format!("`{}` cannot be an id", text.escape_debug());
            let help = format!(
                "ids have 1 to {MAX_ID_CHARS} characters, no spaces at their ends and no `|`"
            );
            self.bad(value.place(), message, help);
            return None;
        }
        Some(value)
    }

    /// The id that a mapping gives itself. That the key is missing is for [`Self::fields`] to
    /// say, which reads the mapping whether it has an id or not.
    pub fn id_of<'a>(&mut self, kind: &'static str, node: Node<'a>) -> Value<'a> {
        let written = node.get("id").filter(|id| id.kind() != Kind::Nothing);
        let id = written.and_then(|id| self.value(id, "`id`"));
        id.and_then(|id| self.id(id)).unwrap_or_else(|| {
            self.out.note_unread_of(kind);
            nameless(node.place())
        })
    }

    /// A finite number.
    pub fn number(&mut self, value: Value<'_>) -> Option<f64> {
        let number = parse_number(value.text);
        if number.is_none() {
            let message = format!("`{}` is not a number", value.text);
            self.bad(
                value.place(),
                message,
                "write digits, as in 1000, 0.5 or 5e8",
            );
        }
        number
    }

    /// A number that is not negative.
    pub fn amount(&mut self, value: Value<'_>) -> Option<f64> {
        let number = self.number(value)?;
        if number < 0.0 {
            let message = format!("`{}` is negative", value.text);
            self.bad(value.place(), message, "write 0 or more");
            return None;
        }
        Some(number)
    }

    /// A whole number from 0.
    pub fn count(&mut self, value: Value<'_>) -> Option<u32> {
        let digits = value.text.bytes().all(|byte| byte.is_ascii_digit());
        let count = value.text.parse().ok().filter(|_| digits);
        if count.is_none() {
            let message = format!("`{}` is not a whole number", value.text);
            self.bad(
                value.place(),
                message,
                "write a whole number from 0, as in 40",
            );
        }
        count
    }

    /// A whole number under a key.
    pub fn count_of(&mut self, fields: &Fields<'_>, key: &str) -> Option<u32> {
        let value = self.value(fields.get(key)?, key)?;
        self.count(value)
    }

    /// `true` or `false`.
    pub fn flag(&mut self, value: Value<'_>) -> Option<bool> {
        self.choice(value, &[("true", true), ("false", false)])
    }

    /// `true` or `false` under a key.
    pub fn flag_of(&mut self, fields: &Fields<'_>, key: &str) -> Option<bool> {
        let value = self.value(fields.get(key)?, key)?;
        self.flag(value)
    }

    /// One of a few words.
    pub fn choice<T: Copy>(&mut self, value: Value<'_>, words: &[(&str, T)]) -> Option<T> {
        let found = words.iter().find(|(word, _)| *word == value.text);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let near = self.suggester.nearest(value.text, known.iter().copied());
            let message = format!("`{}` is not one of {}", value.text, known.join(", "));
            let draft = Draft::new(Code::BadValue, value.place(), message);
            let help = format!("write {}", known.join(" or "));
            self.out.push(draft.help(help).did_you_mean(near));
        }
        found.map(|(_, meaning)| *meaning)
    }

    /// One of a few words under a key.
    pub fn choice_of<T: Copy>(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        words: &[(&str, T)],
    ) -> Option<T> {
        let value = self.value(fields.get(key)?, key)?;
        self.choice(value, words)
    }

    /// A length of time such as `1h30m`.
    pub fn span(&mut self, value: Value<'_>) -> Option<Span> {
        let span = parse_span(value.text);
        if span.is_none() {
            let message = format!("`{}` is not a length of time", value.text);
            let help = "write a number and a unit of w, d, h, m, s, ms, as in 30m, 90d or 1h30m";
            self.bad(value.place(), message, help);
        }
        span
    }

    /// A length of time under a key.
    pub fn span_of(&mut self, fields: &Fields<'_>, key: &str) -> Option<Span> {
        let value = self.value(fields.get(key)?, key)?;
        self.span(value)
    }

    /// A time zone by its name in the bundled time zone database, which is the same on
    /// every machine.
    pub fn zone(&mut self, value: Value<'_>) -> Option<TimeZone> {
        let zone = TimeZoneDatabase::bundled().get(value.text).ok();
        if zone.is_none() {
            let known: Vec<String> = TimeZoneDatabase::bundled()
                .available()
                .map(|name| name.to_string())
                .collect();
            let names = known.iter().map(String::as_str);
            let near = self.suggester.nearest(value.text, names);
            let message = format!("`{}` is not a time zone", value.text);
            let draft = Draft::new(Code::BadValue, value.place(), message);
            let help = "write a name of the time zone database, as in Asia/Shanghai";
            self.out.push(draft.help(help).did_you_mean(near));
        }
        zone
    }

    /// A time zone under a key.
    pub fn zone_of(&mut self, fields: &Fields<'_>, key: &str) -> Option<TimeZone> {
        let value = self.value(fields.get(key)?, key)?;
        self.zone(value)
    }
}

/// A finite decimal number, without the words that Rust also takes for one.
pub(super) fn parse_number(text: &str) -> Option<f64> {
    let plain = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
    let number: f64 = text.parse().ok().filter(|_| text.bytes().all(plain))?;
    number.is_finite().then_some(number)
}

/// Numbers with units, largest unit first in any order that is written, none repeated away:
/// `1h30m`. Nothing for zero, which is no length of time.
fn parse_span(text: &str) -> Option<Span> {
    let mut rest = text;
    let mut total: i64 = 0;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let count: i64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let unit = unit_ms(&rest[..letters])?;
        rest = &rest[letters..];
        total = total.checked_add(count.checked_mul(unit)?)?;
    }
    (1..=MAX_SPAN_MS).contains(&total).then_some(Span(total))
}

fn unit_ms(unit: &str) -> Option<i64> {
    Some(match unit {
        "w" => 7 * 86_400_000,
        "d" => 86_400_000,
        "h" => 3_600_000,
        "m" => 60_000,
        "s" => 1_000,
        "ms" => 1,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_sums_of_numbers_with_units() {
        for (text, millis) in [
            ("30m", Some(1_800_000)),
            ("1h30m", Some(5_400_000)),
            ("2w", Some(1_209_600_000)),
            ("90d", Some(7_776_000_000)),
            ("250ms", Some(250)),
            ("", None),
            ("0s", None),
            ("30", None),
            ("m", None),
            ("-1h", None),
            ("1.5h", None),
            ("30 m", None),
            ("99999999999999999999d", None),
            ("9999w9999w", None),
        ] {
            assert_eq!(parse_span(text), millis.map(Span), "{text}");
        }
    }

    #[test]
    fn numbers_are_finite_and_decimal() {
        for (text, number) in [
            ("1000", Some(1000.0)),
            ("5.0e8", Some(5e8)),
            ("-2.5", Some(-2.5)),
            ("inf", None),
            ("NaN", None),
            ("1e999", None),
            ("0x10", None),
            ("1_000", None),
            ("", None),
        ] {
            assert_eq!(parse_number(text), number, "{text}");
        }
    }
}
