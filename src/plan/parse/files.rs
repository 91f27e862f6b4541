//! A plan's files: which belong to it, and their text, read once and within bounds.
//!
//! A plan is a folder or one file. Links are followed as long as they stay within the
//! plan's real folder, so that mounted configuration (which is links all over) works and a
//! plan cannot read the machine's other files.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use walkdir::{DirEntry, WalkDir};

use crate::plan::problem::{Code, Collector, Draft, FileIx, Place, Problem};

/// A longer file is not a plan; half a million territories take less.
const MAX_FILE_BYTES: u64 = 64 << 20;

/// All files of a plan together, so that a plan fits the daemon's memory while it is read.
const MAX_PLAN_BYTES: u64 = 128 << 20;

/// Files and folders looked at, so that a wrong path such as `/` ends soon.
const MAX_ENTRIES: usize = 50_000;

/// The plan folders at `path`: itself if it is a file or has `*.yaml` files directly in
/// it, else each of its subfolders, in order of name.
pub fn discover(path: &Path) -> Result<Vec<PathBuf>, Problem> {
    let failed = |error: &io::Error| unreadable(path, error);
    let meta = fs::metadata(path).map_err(|error| failed(&error))?;
    if meta.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let mut folders = Vec::new();
    for entry in fs::read_dir(path).map_err(|error| failed(&error))? {
        let entry = entry.map_err(|error| failed(&error))?;
        let name = entry.file_name();
        if is_plan_file(&name.to_string_lossy()) {
            return Ok(vec![path.to_owned()]);
        }
        let is_folder = fs::metadata(entry.path()).is_ok_and(|meta| meta.is_dir());
        if is_folder && !is_hidden(&name.to_string_lossy()) {
            folders.push(entry.path());
        }
    }
    folders.sort();
    if folders.is_empty() {
        let message = "the folder has neither `*.yaml` files nor plan folders";
        return Err(Problem::of_file(Code::NoPlan, &shown(path), message));
    }
    Ok(folders)
}

fn unreadable(path: &Path, error: &io::Error) -> Problem {
    Problem::of_file(Code::Unreadable, &shown(path), reason(error))
}

/// A plan's own file: `*.yaml`, neither hidden nor a test.
fn is_plan_file(name: &str) -> bool {
    name.ends_with(".yaml") && !name.ends_with(".test.yaml") && !is_hidden(name)
}

fn is_hidden(name: &str) -> bool {
    name.starts_with('.')
}

/// What the system said, without its error number.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        io::ErrorKind::PermissionDenied => "permission to read it is missing".to_owned(),
        _ => format!("it cannot be read: {error}"),
    }
}

/// A path as printed, with `/` on every system.
fn shown(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// One file's text.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    pub file: FileIx,
    pub text: Arc<str>,
    /// The folder that relative paths in it start from.
    pub folder: PathBuf,
}

/// The files of one plan.
#[derive(Debug)]
pub(crate) struct Files {
    /// The plan's folder as given; empty for a text without files.
    root: PathBuf,
    /// The same without links, if there is a folder at all.
    real: Option<PathBuf>,
    /// The one file of a plan that is not a folder.
    only: Option<PathBuf>,
    /// Read already, by real path.
    read: BTreeMap<PathBuf, Text>,
    bytes: u64,
}

impl Files {
    /// The plan at `path`.
    pub fn open(path: &Path) -> Result<Self, Problem> {
        let failed = |error: io::Error| unreadable(path, &error);
        let is_file = fs::metadata(path).map_err(failed)?.is_file();
        let parent = path.parent().unwrap_or(Path::new(""));
        let root = if is_file { parent } else { path };
        let existing = if root == Path::new("") {
            Path::new(".")
        } else {
            root
        };
        Ok(Self {
            root: root.to_owned(),
            real: Some(fs::canonicalize(existing).map_err(failed)?),
            only: is_file.then(|| path.to_owned()),
            read: BTreeMap::new(),
            bytes: 0,
        })
    }

    /// A plan that is one text and can import nothing.
    pub fn none() -> Self {
        Self {
            root: PathBuf::new(),
            real: None,
            only: None,
            read: BTreeMap::new(),
            bytes: 0,
        }
    }

    /// The plan's YAML files, in order of path.
    pub fn yaml(&mut self, out: &mut Collector) -> Vec<Text> {
        let paths = match &self.only {
            Some(path) => vec![path.clone()],
            None => self.walk(out),
        };
        if paths.is_empty() && out.errors() == 0 {
            let file = out.add_source(&shown(&self.root), "".into());
            let message = "the folder has no `*.yaml` file";
            out.report(Code::NoPlan, Place::whole(file), message);
        }
        let mut texts = Vec::new();
        for path in paths {
            // A file that links name twice is one file.
            let real = fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
            if !self.read.contains_key(&real) {
                match self.text(&path, real, None, out) {
                    Some(text) => texts.push(text),
                    None => out.note_unread(),
                }
            }
        }
        texts
    }

    fn walk(&self, out: &mut Collector) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut outside = Vec::new();
        let walk = WalkDir::new(&self.root)
            .follow_links(true)
            .sort_by_file_name();
        let kept = walk
            .into_iter()
            .filter_entry(|entry| self.is_within(entry, &mut outside));
        for (count, entry) in kept.enumerate() {
            match entry {
                _ if count > MAX_ENTRIES => {
                    let message = format!("the folder has more than {MAX_ENTRIES} entries");
                    whole(&self.root, Code::TooLarge, &message, out);
                    break;
                }
                Ok(entry) => self.entry(&entry, &mut found, out),
                Err(error) => walk_failed(&self.root, &error, out),
            }
        }
        for path in outside {
            let message = "this link leads outside the plan's folder";
            whole(&path, Code::OutsidePlan, message, out);
        }
        found
    }

    /// Whether to look at an entry: not hidden, and no link to the outside.
    fn is_within(&self, entry: &DirEntry, outside: &mut Vec<PathBuf>) -> bool {
        if entry.depth() == 0 {
            return true;
        }
        if is_hidden(&entry.file_name().to_string_lossy()) {
            return false;
        }
        let stays = !entry.path_is_symlink()
            || fs::canonicalize(entry.path()).is_ok_and(|real| self.holds(&real));
        // Other files are of no interest until the plan names them.
        let of_interest =
            entry.file_type().is_dir() || is_plan_file(&entry.file_name().to_string_lossy());
        if !stays && of_interest {
            outside.push(entry.path().to_owned());
        }
        stays
    }

    fn entry(&self, entry: &DirEntry, found: &mut Vec<PathBuf>, out: &mut Collector) {
        let name = entry.file_name().to_string_lossy();
        if entry.file_type().is_dir() {
        } else if is_plan_file(&name) {
            found.push(entry.path().to_owned());
        } else if name.ends_with(".yml") {
            let message = "only files that end in `.yaml` are read";
            whole(entry.path(), Code::NotRead, message, out);
        }
    }

    fn holds(&self, real: &Path) -> bool {
        self.real
            .as_ref()
            .is_some_and(|root| real.starts_with(root))
    }

    /// The text of a file that `from` names by a relative path: relative to that file's
    /// folder, else to the plan's.
    pub fn import(
        &mut self,
        from: &Path,
        name: &str,
        at: Place,
        out: &mut Collector,
    ) -> Option<Text> {
        match self.resolve(from, name, at) {
            Ok((path, real)) => match self.read.get(&real) {
                Some(text) => Some(text.clone()),
                None => self.text(&path, real, Some(at), out),
            },
            Err(draft) => {
                out.push(*draft);
                None
            }
        }
    }

    fn resolve(
        &self,
        from: &Path,
        name: &str,
        at: Place,
    ) -> Result<(PathBuf, PathBuf), Box<Draft>> {
        let fail = |code, message: String| Box::new(Draft::new(code, at, message));
        if self.real.is_none() {
            let message = "a plan given as text cannot import files".to_owned();
            return Err(fail(Code::Unreadable, message));
        }
        if Path::new(name).is_absolute() || self.climbs_out(from, name) {
            let message = format!("`{name}` leads outside the plan's folder");
            return Err(fail(Code::OutsidePlan, message));
        }
        let mut missing = None;
        for folder in [from, &self.root] {
            let path = folder.join(name);
            match fs::canonicalize(&path) {
                Ok(real) if self.holds(&real) => return Ok((plain(&path), real)),
                Ok(_) => {
                    let message = format!("`{name}` leads outside the plan's folder by a link");
                    return Err(fail(Code::OutsidePlan, message));
                }
                Err(error) => missing = missing.or(Some(error)),
            }
        }
        let reason = missing.map_or_else(String::new, |error| reason(&error));
        Err(fail(Code::Unreadable, format!("`{name}`: {reason}")))
    }

    /// Whether `..` leads above the plan's folder, whatever exists there.
    fn climbs_out(&self, from: &Path, name: &str) -> bool {
        let below = from.strip_prefix(&self.root).unwrap_or(Path::new(""));
        let mut depth = below.components().count();
        for part in Path::new(name).components() {
            match part {
                Component::ParentDir if depth == 0 => return true,
                Component::ParentDir => depth -= 1,
                Component::Normal(_) => depth += 1,
                Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
            }
        }
        false
    }

    /// Reads a file; a problem is shown where the file is named, else at the file.
    fn text(
        &mut self,
        path: &Path,
        real: PathBuf,
        named: Option<Place>,
        out: &mut Collector,
    ) -> Option<Text> {
        let bytes = match self.bytes(&real) {
            Ok(bytes) => bytes,
            Err((code, message)) => {
                match named {
                    Some(at) => out.report(code, at, format!("`{}`: {message}", shown(path))),
                    None => whole(path, code, &message, out),
                }
                return None;
            }
        };
        let text = decode(path, bytes, out)?;
        let text = Text {
            file: out.add_source(&shown(path), Arc::clone(&text)),
            text,
            folder: path.parent().unwrap_or(Path::new("")).to_owned(),
        };
        self.read.insert(real, text.clone());
        Some(text)
    }

    fn bytes(&mut self, real: &Path) -> Result<Vec<u8>, (Code, String)> {
        let failed = |error: io::Error| (Code::Unreadable, reason(&error));
        // Opening a pipe would wait for its writer, so the kind of file is asked first.
        let meta = fs::metadata(real).map_err(failed)?;
        if !meta.is_file() {
            let message = "it is not a regular file".to_owned();
            return Err((Code::Unreadable, message));
        }
        // One more than there is, so that its end is found without more room.
        let room = meta.len().min(MAX_FILE_BYTES) as usize + 1;
        let mut bytes = Vec::with_capacity(room);
        let file = File::open(real).map_err(failed)?;
        let read = file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes);
        let length = read.map_err(failed)? as u64;
        self.bytes += length;
        if length > MAX_FILE_BYTES {
            let message = format!("it is larger than {} MiB", MAX_FILE_BYTES >> 20);
            return Err((Code::TooLarge, message));
        }
        if self.bytes > MAX_PLAN_BYTES {
            let limit = MAX_PLAN_BYTES >> 20;
            let message = format!("the plan's files together are larger than {limit} MiB");
            return Err((Code::TooLarge, message));
        }
        Ok(bytes)
    }
}

/// UTF-8 text without a byte order mark, or the place of the first byte that is none.
fn decode(path: &Path, mut bytes: Vec<u8>, out: &mut Collector) -> Option<Arc<str>> {
    if bytes.starts_with("\u{feff}".as_bytes()) {
        bytes.drain(..3);
    }
    match String::from_utf8(bytes) {
        Ok(text) => Some(text.into()),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let bytes = error.into_bytes();
            let byte = bytes[at];
            let text = String::from_utf8_lossy(&bytes);
            let file = out.add_source(&shown(path), text.as_ref().into());
            let start = at as u32;
            let place = Place {
                file,
                start,
                len: 1,
            };
            let message = format!("byte {byte:#04x} is not UTF-8");
            out.report(Code::NotUtf8, place, message);
            None
        }
    }
}

fn whole(path: &Path, code: Code, message: &str, out: &mut Collector) {
    let file = out.add_source(&shown(path), "".into());
    out.report(code, Place::whole(file), message);
}

fn walk_failed(root: &Path, error: &walkdir::Error, out: &mut Collector) {
    let path = error.path().unwrap_or(root);
    let (code, message) = match (error.loop_ancestor(), error.io_error()) {
        (Some(above), _) => {
            let message = format!("this link leads back to `{}`", shown(above));
            (Code::LinkLoop, message)
        }
        (None, Some(error)) => (Code::Unreadable, reason(error)),
        (None, None) => (Code::Unreadable, "it cannot be read".to_owned()),
    };
    whole(path, code, &message, out);
    out.note_unread();
}

/// The path without `.` parts, for printing.
fn plain(path: &Path) -> PathBuf {
    path.components()
        .filter(|part| *part != Component::CurDir)
        .collect()
}
