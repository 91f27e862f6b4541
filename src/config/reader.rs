//! Typed access to raw settings: each key asked for is known, each fault is collected.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use config::ValueKind;

use super::secret;
use super::sources::{Origin, Raw, Sources, Typed};
use super::units::{parse_bytes, parse_duration, show_duration};

/// How unlike a known name an unknown one may be and still be taken for a slip of it.
const LIKENESS: f64 = 0.8;

/// What stands where a secret would.
pub const MASK: &str = "********";

/// A value as `config show` prints it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The value in force, or [`MASK`]; `None` where nothing is set.
    pub value: Option<String>,
    pub origin: Origin,
}

/// Reads settings key by key. Faults are collected, so that all are reported at once; the
/// value returned beside a fault is the default and is thrown away with the rest.
pub struct Reader<'a> {
    raw: Raw,
    sources: &'a Sources,
    pub problems: Vec<String>,
    pub shown: BTreeMap<String, Shown>,
}

/// A value of one key: its text after expansion, and where it came from.
pub struct Given {
    pub text: String,
    pub secret: bool,
    pub typed: Typed,
}

impl<'a> Reader<'a> {
    pub fn new(sources: &'a Sources) -> Self {
        let mut problems = Vec::new();
        let raw = sources.read(&mut problems);
        Self {
            raw,
            sources,
            problems,
            shown: BTreeMap::new(),
        }
    }

    /// Any text but an empty one.
    pub fn text(&mut self, key: &str, default: &str) -> String {
        self.checked(key, default, |text| match text.trim().is_empty() {
            true => Err("must not be empty".to_owned()),
            false => Ok(()),
        })
    }

    /// Whether somebody set a key that was read before.
    pub fn is_set(&self, key: &str) -> bool {
        let shown = self.shown.get(key);
        shown.is_some_and(|shown| shown.origin != Origin::Default)
    }

    /// Text that passes `check`.
    pub fn checked(
        &mut self,
        key: &str,
        default: &str,
        check: impl Fn(&str) -> Result<(), String>,
    ) -> String {
        self.read(key, default.to_owned(), String::clone, |text| {
            check(text).map(|()| text.to_owned())
        })
    }

    /// A whole number within `bounds`.
    pub fn count(&mut self, key: &str, default: u64, bounds: RangeInclusive<u64>) -> u64 {
        self.read(key, default, u64::to_string, |text| {
            let number = text
                .parse()
                .map_err(|_| format!("`{text}` is not a whole number"))?;
            within(number, &bounds, u64::to_string)
        })
    }

    /// A size in bytes within `bounds`.
    pub fn bytes(&mut self, key: &str, default: u64, bounds: RangeInclusive<u64>) -> usize {
        let read = self.read(key, default, u64::to_string, |text| {
            let bytes = parse_bytes(text)
                .ok_or_else(|| format!("`{text}` is not a size such as 524288 or 512KiB"))?;
            within(bytes, &bounds, u64::to_string)
        });
        usize::try_from(read).unwrap_or(usize::MAX)
    }

    /// A length of time within `bounds`.
    pub fn duration(
        &mut self,
        key: &str,
        default: Duration,
        bounds: RangeInclusive<Duration>,
    ) -> Duration {
        let show = |time: &Duration| show_duration(*time);
        self.read(key, default, show, |text| {
            let time = parse_duration(text).ok_or_else(|| {
                format!("`{text}` is not a length of time such as 500ms, 10s, 5m, 4h or 180d")
            })?;
            within(time, &bounds, show)
        })
    }

    /// A part of the whole, from 0 to 1.
    pub fn share(&mut self, key: &str, default: f64) -> f64 {
        self.read(key, default, f64::to_string, |text| {
            match text.parse::<f64>() {
                Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
                _ => Err(format!("`{text}` is not a number from 0 to 1")),
            }
        })
    }

    /// One of a closed list of words.
    pub fn choice<T: Copy + PartialEq>(&mut self, key: &str, default: T, all: &[(&str, T)]) -> T {
        let name = |value: &T| {
            let found = all.iter().find(|(_, one)| one == value);
            found
                .map(|(name, _)| (*name).to_owned())
                .unwrap_or_default()
        };
        self.read(key, default, name, |text| {
            let found = all.iter().find(|(name, _)| *name == text);
            found.map(|(_, value)| *value).ok_or_else(|| {
                let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
                format!("`{text}` is none of {}", names.join(", "))
            })
        })
    }

    /// A value that reads itself, such as a socket address; `what` completes "is not …".
    pub fn parsed<T>(&mut self, key: &str, default: T, what: &str) -> T
    where
        T: std::str::FromStr + ToString + Clone,
    {
        self.read(key, default, T::to_string, |text| {
            text.parse().map_err(|_| format!("`{text}` is not {what}"))
        })
    }

    /// A path; a relative one starts at the folder of the file that gave it.
    pub fn path(&mut self, key: &str) -> Option<PathBuf> {
        let given = self.take(key)?;
        let path = given.typed.base.join(&given.text);
        self.show(key, Some(path.display().to_string()), &given);
        Some(path)
    }

    /// As [`Self::path`], with a default that starts at the working folder.
    pub fn path_or(&mut self, key: &str, default: &str) -> PathBuf {
        self.path(key).unwrap_or_else(|| {
            let path = self.sources.folder.join(default);
            let value = Some(path.display().to_string());
            let origin = Origin::Default;
            self.shown.insert(key.to_owned(), Shown { value, origin });
            path
        })
    }

    /// Every key under `prefix.`, without the prefix, taken out of the unknown ones.
    pub fn under(&mut self, prefix: &str) -> Vec<(String, Given)> {
        let dotted = format!("{prefix}.");
        let keys: Vec<String> = self
            .raw
            .keys()
            .filter(|key| key.starts_with(&dotted))
            .cloned()
            .collect();
        keys.into_iter()
            .filter_map(|key| Some((key[dotted.len()..].to_owned(), self.take(&key)?)))
            .collect()
    }

    /// Takes a key's value out, expanded. A key nobody takes is unknown.
    pub fn take(&mut self, key: &str) -> Option<Given> {
        let unset = Shown {
            value: None,
            origin: Origin::Default,
        };
        self.shown.insert(key.to_owned(), unset);
        let typed = self.raw.remove(key)?;
        let expanded = plain(&typed).and_then(|text| {
            let variable = |name: &str| self.sources.variables.get(name).cloned();
            secret::expand(&text, &typed.base, variable)
        });
        match expanded {
            Ok(expanded) => Some(Given {
                text: expanded.text,
                secret: expanded.secret,
                typed,
            }),
            Err(why) => {
                self.refuse(key, &typed.origin, why);
                None
            }
        }
    }

    /// Remembers how `config show` prints a key.
    pub fn show(&mut self, key: &str, value: Option<String>, given: &Given) {
        let value = if given.secret {
            Some(MASK.to_owned())
        } else {
            value
        };
        let origin = given.typed.origin.clone();
        self.shown.insert(key.to_owned(), Shown { value, origin });
    }

    /// Adds a fault of one key.
    pub fn refuse(&mut self, key: &str, origin: &Origin, why: impl Display) {
        self.problems.push(format!("{key} ({origin}): {why}"));
    }

    /// Adds a fault of two keys that contradict each other: at the first, or at the second where
    /// only that one was set. `why` is given the name of the other.
    pub fn refuse_either(&mut self, keys: [&str; 2], why: impl Fn(&str) -> String) {
        let [key, other] = match self.is_set(keys[0]) {
            true => keys,
            false => [keys[1], keys[0]],
        };
        let shown = self.shown.get(key);
        let origin = shown.map_or(Origin::Default, |shown| shown.origin.clone());
        self.refuse(key, &origin, why(other));
    }

    /// Reports every key that nobody asked for. `more` are names known beside those asked for.
    pub fn refuse_unknown(&mut self, more: &[&str]) {
        for (key, typed) in std::mem::take(&mut self.raw) {
            let known = self
                .shown
                .keys()
                .map(String::as_str)
                .chain(more.iter().copied());
            let hint = match nearest(&key, known) {
                Some(name) => format!("; did you mean `{name}`?"),
                None => "; `bailiwick config show` lists all keys".to_owned(),
            };
            self.problems
                .push(format!("{key} ({}): unknown key{hint}", typed.origin));
        }
    }

    fn read<T>(
        &mut self,
        key: &str,
        default: T,
        show: impl Fn(&T) -> String,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> T {
        let Some(given) = self.take(key) else {
            let value = Some(show(&default));
            let origin = Origin::Default;
            self.shown.insert(key.to_owned(), Shown { value, origin });
            return default;
        };
        match parse(&given.text) {
            Ok(value) => {
                self.show(key, Some(given.text.clone()), &given);
                value
            }
            // The fault may quote the value, so a secret's is replaced as a whole.
            Err(_) if given.secret => {
                self.refuse(
                    key,
                    &given.typed.origin,
                    "the secret it names is no valid value",
                );
                default
            }
            Err(why) => {
                self.refuse(key, &given.typed.origin, why);
                default
            }
        }
    }
}

/// The name among `known` that `name` was probably meant to be.
pub fn nearest<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    known
        .map(|one| (strsim::jaro_winkler(name, one), one))
        .filter(|(likeness, _)| *likeness >= LIKENESS)
        .max_by(|(left, _), (right, _)| left.total_cmp(right))
        .map(|(_, one)| one)
}

fn within<T: PartialOrd>(
    value: T,
    bounds: &RangeInclusive<T>,
    show: impl Fn(&T) -> String,
) -> Result<T, String> {
    if bounds.contains(&value) {
        return Ok(value);
    }
    let (low, high) = (show(bounds.start()), show(bounds.end()));
    Err(format!(
        "{} is out of bounds: from {low} to {high}",
        show(&value)
    ))
}

/// A value's text; of a list the items with commas between.
fn plain(typed: &Typed) -> Result<String, String> {
    match &typed.value.kind {
        ValueKind::Array(items) => {
            let texts: Result<Vec<String>, _> =
                items.iter().map(|one| one.clone().into_string()).collect();
            Ok(texts.map_err(|why| why.to_string())?.join(","))
        }
        ValueKind::Nil => Err("has no value".to_owned()),
        _ => typed
            .value
            .clone()
            .into_string()
            .map_err(|why| why.to_string()),
    }
}
