//! The example plan, carried in the binary so that the demo runs anywhere.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Where the example plan lies in a checkout.
const CHECKOUT: &str = "config/example";

macro_rules! files {
    ($($path:literal,)+) => {
        /// Every file of the example plan: path within the plan, content.
        const FILES: &[(&str, &str)] = &[
            $(($path, include_str!(concat!("../../../config/example/", $path))),)+
        ];
    };
}

files! {
    "accounts.csv",
    "areas/metro.geojson",
    "gazetteer/cn.csv",
    "gazetteer/us-zips.csv",
    "gazetteer/us.csv",
    "holidays/cn.csv",
    "holidays/us.csv",
    "plan.yaml",
    "reps.csv",
    "routing.test.yaml",
    "teams.yaml",
    "territories/america.yaml",
    "territories/china.yaml",
    "territories/everywhere.yaml",
}

/// The content of one file of the example plan; empty if there is none of that name.
pub fn file(path: &str) -> &'static str {
    let found = FILES.iter().find(|(name, _)| *name == path);
    found.map_or("", |(_, content)| content)
}

/// A plan to run with, and whether it goes when the demo ends.
#[derive(Debug)]
pub enum Place {
    /// The user's own, or the checkout's.
    Kept(PathBuf),
    /// A copy of the example in a temporary folder.
    Temporary(PathBuf),
}

impl Place {
    /// The plan given, else the checkout's example, else a temporary copy of it.
    pub fn choose(given: Option<PathBuf>) -> io::Result<Self> {
        if let Some(path) = given {
            return Ok(Self::Kept(path));
        }
        let checkout = Path::new(CHECKOUT);
        if checkout.join("plan.yaml").is_file() {
            return Ok(Self::Kept(checkout.to_owned()));
        }
        let name = format!("bailiwick-example-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        write_to(&folder)?;
        Ok(Self::Temporary(folder))
    }

    pub fn path(&self) -> &Path {
        match self {
            Self::Kept(path) | Self::Temporary(path) => path,
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Self::Temporary(folder) = self {
            // What cannot be removed from a temporary folder is the system's to clean.
            let _ = fs::remove_dir_all(folder);
        }
    }
}

/// Writes the example plan into `folder`, which is made if it is not there.
fn write_to(folder: &Path) -> io::Result<()> {
    for (path, content) in FILES {
        let file = folder.join(path);
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(file, content)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_example_is_carried() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(CHECKOUT);
        let mut found: Vec<String> = walkdir::WalkDir::new(&root)
            .into_iter()
            .filter_map(Result::ok)
            .filter(|entry| entry.file_type().is_file())
            .map(|entry| entry.path().strip_prefix(&root).unwrap().to_owned())
            .map(|path| path.to_string_lossy().replace('\\', "/"))
            .collect();
        found.sort();
        let carried: Vec<&str> = FILES.iter().map(|(path, _)| *path).collect();
        assert_eq!(found, carried);
    }

    #[test]
    fn the_example_is_a_valid_plan_without_warnings() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(CHECKOUT);
        let loaded = crate::plan::load(&root);
        assert_eq!(loaded.problems.render_text(false), "");
        assert!(loaded.plan.is_some());
    }

    #[test]
    fn a_temporary_copy_is_whole_and_goes_with_its_owner() {
        let folder = tempfile::tempdir().unwrap().path().join("plan");
        write_to(&folder).unwrap();
        let copy = Place::Temporary(folder.clone());
        let plan = fs::read_to_string(copy.path().join("plan.yaml")).unwrap();
        assert_eq!(plan, file("plan.yaml"));
        drop(copy);
        assert!(!folder.exists());
    }

    #[test]
    fn tables_of_places_are_those_of_the_gazetteer() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
        let read = |path: &str| fs::read_to_string(root.join(path)).unwrap();
        for name in [
            "gazetteer/cn.csv",
            "gazetteer/us.csv",
            "holidays/cn.csv",
            "holidays/us.csv",
        ] {
            assert!(
                file(name) == read(name),
                "config/example/{name} is a copy of config/{name}: copy it again"
            );
        }
        let source = read("gazetteer/us-zips.csv");
        let rows: std::collections::BTreeSet<&str> = source.lines().collect();
        let stray = file("gazetteer/us-zips.csv")
            .lines()
            .find(|row| !rows.contains(row));
        assert_eq!(
            stray, None,
            "rows of config/gazetteer/us-zips.csv, chosen by county"
        );
    }
}
