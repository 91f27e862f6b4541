//! A plan's way from its folder to a checked [`Plan`].

use std::path::Path;
use std::sync::Arc;

use super::check::{self, Document, Imports, Reader, Sections};
use super::model::{AreaIx, Plan, TerritoryIx};
use super::parse::{self, Feature, Files, Text};
use super::problem::{Code, Location, Place, Problem, Problems, Sources};

/// What came of reading a plan.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// The plan, exactly if no problem is an error.
    pub plan: Option<Plan>,
    /// Every error and warning.
    pub problems: Problems,
    /// Where the plan says what, for analyses that find more.
    pub places: Places,
}

/// Where a checked plan's territories and areas are written.
#[derive(Clone, Debug, Default)]
pub struct Places {
    sources: Sources,
    territories: Vec<Place>,
    areas: Vec<Place>,
}

impl Places {
    /// Where a territory has its id; `None` for one of another plan.
    pub fn territory(&self, ix: TerritoryIx) -> Option<Location> {
        self.located(self.territories.get(ix.at()))
    }

    /// Where an area is drawn; `None` for one of another plan.
    pub fn area(&self, ix: AreaIx) -> Option<Location> {
        self.located(self.areas.get(ix.at()))
    }

    fn located(&self, place: Option<&Place>) -> Option<Location> {
        place.map(|place| self.sources.locate(*place))
    }
}

/// Reads the plan at `path`, a folder or one file.
pub fn load(path: &Path) -> Loaded {
    match Files::open(path) {
        Ok(mut files) => {
            let mut reader = Reader::default();
            let texts = files.yaml(&mut reader.out);
            read(texts, &mut files, reader)
        }
        Err(problem) => refused(problem),
    }
}

/// Reads a plan given as text, which cannot import files.
pub fn load_str(yaml: &str) -> Loaded {
    let mut reader = Reader::default();
    let text: Arc<str> = yaml.into();
    let file = reader.out.add_source("plan.yaml", Arc::clone(&text));
    let folder = Path::new("").to_owned();
    let texts = vec![Text { file, text, folder }];
    read(texts, &mut Files::none(), reader)
}

fn refused(problem: Problem) -> Loaded {
    Loaded {
        problems: Problems::new(vec![problem]),
        ..Loaded::default()
    }
}

fn read(texts: Vec<Text>, files: &mut Files, mut reader: Reader) -> Loaded {
    let mut documents = Vec::with_capacity(texts.len());
    for text in texts {
        let tree = parse::read(text.file, &text.text, &mut reader.out);
        documents.extend(tree.map(|tree| Document { text, tree }));
    }
    report_nothing(&documents, &mut reader);
    let sections = Sections::gather(&documents, &mut reader);
    let imports = Imports::read(&sections, &documents, files, &mut reader);
    let mut maps: Vec<Feature> = Vec::new();
    for text in &imports.areas {
        maps.extend(parse::features(text, &mut reader.out));
    }
    let checked = check::check(&sections, &imports, &maps, reader);
    let (problems, sources) = checked.out.finish();
    Loaded {
        plan: checked.plan,
        problems,
        places: Places {
            sources,
            territories: checked.territories,
            areas: checked.areas,
        },
    }
}

/// Files without content are no plan: more likely one is being written just now.
fn report_nothing(documents: &[Document], reader: &mut Reader) {
    let nothing = documents.iter().all(|one| one.tree.root().is_none());
    if let Some(first) = documents.first().filter(|_| nothing) {
        let place = Place::whole(first.text.file);
        reader.report(Code::NoPlan, place, "the plan has no content");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Target;

    fn loaded(path: &str) -> (Plan, String) {
        let loaded = load(&Path::new(env!("CARGO_MANIFEST_DIR")).join(path));
        let text = loaded.problems.render_text(false);
        (loaded.plan.expect(&text), text)
    }

    #[test]
    fn the_specification_s_example_loads_completely() {
        let (plan, text) = loaded("tests/plans/spec");
        assert_eq!(text.matches("warning[").count(), 1, "{text}");
        assert_eq!(&*plan.tenant, "acme");
        assert_eq!(plan.timezone.iana_name(), Some("Asia/Shanghai"));
        let ids: Vec<&str> = plan.territories.iter().map(|one| &*one.id).collect();
        assert_eq!(
            ids,
            ["east", "east-mfg", "east-mfg-large", "cloud-specialists"]
        );
        let large = &plan.territories[2];
        let team = |ix: Option<crate::plan::TeamIx>| ix.map(|ix| &*plan.teams[ix.at()].id);
        assert_eq!((large.depth, large.overlay), (2, false));
        assert_eq!(team(large.serving_team), Some("east-key"));
        assert_eq!(team(plan.territories[1].serving_team), Some("east"));
        assert!(plan.territories[3].overlay);
        let east = &plan.teams[plan.team_by_id("east").unwrap().at()];
        let members: Vec<_> = east
            .members
            .iter()
            .map(|one| (&*plan.reps[one.rep.at()].id, one.weight_milli))
            .collect();
        assert_eq!(members, [("li", 2000), ("wang", 1000), ("zhang", 1000)]);
        let public = plan.pool_by_id("public").unwrap();
        assert_eq!(plan.fallback, Some(Target::Pool(public)));
    }

    #[test]
    fn the_example_plan_loads() {
        let (plan, text) = loaded("config/example");
        assert!(!plan.territories.is_empty(), "{text}");
    }
}
