//! Settings as a user gives them: layers, faults, origins, secrets.

mod faults;
mod layers;
mod secrets;

use std::collections::BTreeMap;
use std::path::Path;

use bailiwick::config::{Settings, Sources};

/// A folder with files, the environment and flags of one case.
pub struct Case {
    pub folder: tempfile::TempDir,
    pub sources: Sources,
}

impl Case {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sources = Sources {
            folder: folder.path().to_owned(),
            ..Sources::default()
        };
        Self { folder, sources }
    }

    pub fn file(self, path: &str, content: &str) -> Self {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    pub fn config(mut self, path: &str) -> Self {
        self.sources.file = Some(path.into());
        self
    }

    pub fn variables(mut self, pairs: &[(&str, &str)]) -> Self {
        let pairs = pairs
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()));
        self.sources.variables = pairs.collect::<BTreeMap<_, _>>();
        self
    }

    pub fn set(mut self, pairs: &[&str]) -> Self {
        self.sources.set = pairs.iter().map(ToString::to_string).collect();
        self
    }

    pub fn load(&self) -> Settings {
        Settings::load(&self.sources).unwrap()
    }

    /// The faults, with the case's folder written as `~`.
    pub fn faults(&self) -> Vec<String> {
        let home = format!("{}/", self.folder.path().display());
        let faults = Settings::load(&self.sources).unwrap_err().0;
        faults
            .into_iter()
            .map(|one| one.replace(&home, "~/"))
            .collect()
    }
}

/// The settings file that the project ships.
pub fn shipped() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/bailiwick.toml");
    std::fs::read_to_string(path).unwrap()
}
