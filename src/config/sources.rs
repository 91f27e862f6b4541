//! Where settings come from: file, drop-ins, environment and flags, flattened to one value a key.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use config::{Environment, File, FileFormat, Source as _, Value, ValueKind};

/// The settings file that is read when no `--config` names another, if it exists.
pub const DEFAULT_FILE: &str = "config/bailiwick.toml";

/// The folder of drop-ins beside the settings file, read in the order of their names.
pub const DROP_INS: &str = "bailiwick.d";

/// Variables of this form are settings, and one that is no setting is an error. The double
/// underscore keeps names such as `BAILIWICK_TEST_BROKERS` out.
const VARIABLE_PREFIX: &str = "BAILIWICK__";

/// Everything settings are read from; the process fills it in, tests make their own.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// `--config FILE`.
    pub file: Option<PathBuf>,
    /// `--set key=value`, in the order given.
    pub set: Vec<String>,
    /// The environment.
    pub variables: BTreeMap<String, String>,
    /// The folder that relative paths of flags, variables and defaults start at.
    pub folder: PathBuf,
}

/// Where a value was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    Default,
    File(PathBuf),
    Variable(String),
    Flag,
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => out.write_str("default"),
            Self::File(path) => write!(out, "{}", path.display()),
            Self::Variable(name) => write!(out, "environment variable {name}"),
            Self::Flag => out.write_str("--set"),
        }
    }
}

/// One value as typed.
#[derive(Clone, Debug)]
pub struct Typed {
    pub value: Value,
    pub origin: Origin,
    /// What relative paths in the value start at: the folder of the file that gave it.
    pub base: PathBuf,
}

/// All values as typed, by dotted key; of several for one key the last given.
pub type Raw = BTreeMap<String, Typed>;

impl Sources {
    /// The process' own environment and working folder.
    pub fn of_process(file: Option<PathBuf>, set: Vec<String>) -> Self {
        let text = |one: std::ffi::OsString| one.into_string().ok();
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((text(name)?, text(value)?)))
            .collect();
        Self {
            file,
            set,
            variables,
            folder: PathBuf::new(),
        }
    }

    /// Reads every source. What cannot be read is said in `problems`; the rest is still there.
    pub fn read(&self, problems: &mut Vec<String>) -> Raw {
        let mut raw = Raw::new();
        for path in self.files(problems) {
            self.read_file(&path, &mut raw, problems);
        }
        self.read_variables(&mut raw, problems);
        for pair in &self.set {
            self.read_flag(pair, &mut raw, problems);
        }
        raw
    }

    /// The settings file and the drop-ins beside it, in the order they are read.
    fn files(&self, problems: &mut Vec<String>) -> Vec<PathBuf> {
        let main = self
            .folder
            .join(self.file.as_deref().unwrap_or(Path::new(DEFAULT_FILE)));
        let beside = main.with_file_name(DROP_INS);
        let mut files = Vec::new();
        if self.file.is_some() || main.exists() {
            files.push(main);
        }
        match drop_ins(&beside) {
            Ok(found) => files.extend(found),
            Err(why) => problems.push(format!("cannot read {}: {why}", beside.display())),
        }
        files
    }

    fn read_file(&self, path: &Path, raw: &mut Raw, problems: &mut Vec<String>) {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(why) => return problems.push(format!("cannot read {}: {why}", path.display())),
        };
        match File::from_str(&text, FileFormat::Toml).collect() {
            Ok(table) => {
                let base = path.parent().unwrap_or(Path::new("")).to_owned();
                let origin = Origin::File(path.to_owned());
                flatten(table, "", &mut |key, value| {
                    let (origin, base) = (origin.clone(), base.clone());
                    raw.insert(
                        key,
                        Typed {
                            value,
                            origin,
                            base,
                        },
                    );
                });
            }
            Err(why) => {
                let why = without_source(&why.to_string());
                problems.push(format!("{} is not TOML: {why}", path.display()));
            }
        }
    }

    fn read_variables(&self, raw: &mut Raw, problems: &mut Vec<String>) {
        let ours = self.variables.iter();
        for (name, value) in ours.filter(|(name, _)| name.starts_with(VARIABLE_PREFIX)) {
            let one = [(name.clone(), value.clone())].into_iter().collect();
            let source = Environment::with_prefix("BAILIWICK")
                .prefix_separator("__")
                .separator("__")
                .source(Some(one));
            match source.collect() {
                Ok(table) => table.into_iter().for_each(|(key, value)| {
                    let origin = Origin::Variable(name.clone());
                    let base = self.folder.clone();
                    raw.insert(
                        key,
                        Typed {
                            value,
                            origin,
                            base,
                        },
                    );
                }),
                Err(why) => problems.push(format!("environment variable {name}: {why}")),
            }
        }
    }

    fn read_flag(&self, pair: &str, raw: &mut Raw, problems: &mut Vec<String>) {
        let Some((key, text)) = pair.split_once('=') else {
            problems.push(format!(
                "--set {}: expected key=value, such as kafka.group=west",
                key_of(pair)
            ));
            return;
        };
        let typed = Typed {
            value: Value::new(None, ValueKind::String(text.to_owned())),
            origin: Origin::Flag,
            base: self.folder.clone(),
        };
        raw.insert(unquoted(key), typed);
    }
}

/// A key without the quotation marks that a file would need around a name with dots: no key
/// has any in itself.
fn unquoted(key: &str) -> String {
    key.trim().replace(['"', '\''], "")
}

/// A parser's message without the lines of the file that it shows: one may hold a secret.
fn without_source(message: &str) -> String {
    let is_source = |line: &&str| {
        let rest = line
            .trim_start()
            .trim_start_matches(|c: char| c.is_ascii_digit());
        rest.trim_start().starts_with('|')
    };
    let told: Vec<&str> = message.lines().filter(|line| !is_source(line)).collect();
    told.join(": ")
}

/// What of a mistyped pair can only be its key: the rest may be a secret.
fn key_of(pair: &str) -> &str {
    let ends = |c: char| !(c.is_alphanumeric() || c == '.' || c == '_' || c == '-');
    pair.split(ends).next().unwrap_or_default()
}

fn drop_ins(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|one| one == "toml") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Hands over each leaf of `table` under its dotted key. `"a.b" = 1`, `a.b = 1` and
/// `[a] b = 1` are the same key, so properties may be written either way.
fn flatten(table: config::Map<String, Value>, above: &str, give: &mut dyn FnMut(String, Value)) {
    for (name, value) in table {
        let key = if above.is_empty() {
            name
        } else {
            format!("{above}.{name}")
        };
        match value.kind {
            ValueKind::Table(inner) => flatten(inner, &key, give),
            _ => give(key, value),
        }
    }
}
