//! The content of a plan folder as one number, to see cheaply whether anything changed.

use std::path::Path;

use sha2::{Digest as _, Sha256};
use walkdir::WalkDir;

/// A digest of every file's path and content.
pub type Fingerprint = [u8; 32];

/// The fingerprint of a plan folder; `None` for a plan of one file, whose imports may lie
/// anywhere beside it, and for a folder that cannot be read: both are read in full.
pub fn fingerprint(folder: &Path) -> Option<Fingerprint> {
    if !folder.is_dir() {
        return None;
    }
    let mut digest = Sha256::new();
    for entry in WalkDir::new(folder).follow_links(true).sort_by_file_name() {
        let entry = entry.ok()?;
        if !entry.file_type().is_file() || is_hidden_under(folder, entry.path()) {
            continue;
        }
        let content = std::fs::read(entry.path()).ok()?;
        let path = entry.path().as_os_str().as_encoded_bytes();
        for part in [path, &content] {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
    }
    Some(digest.finalize().into())
}

/// Hidden files are no part of a plan. In a mounted ConfigMap they are also each swap's own
/// folder, of another name each time.
fn is_hidden_under(folder: &Path, path: &Path) -> bool {
    let inside = path.strip_prefix(folder).unwrap_or(path);
    inside
        .iter()
        .any(|part| part.as_encoded_bytes().starts_with(b"."))
}
