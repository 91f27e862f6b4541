//! Real borders: each point has the owner that an independent exact calculation gives, and
//! points on shared edges and vertices have one owner, whatever the order of the files.

use bailiwick::plan::{Area, AreaIx, Dimension, Facts, Plan, Point, PositionSource, Value};
use bailiwick::route::Router;

use crate::support::{atlas, divisions};

use super::build::*;
use super::oracle::{in_area, surface};

/// Every how-manieth vertex and edge is tried in an ordinary run.
const EVERY: usize = 97;

/// A plan with a territory for each area, called like it.
fn plan_of(areas: Vec<Area>) -> Plan {
    let mut plan = empty_plan();
    for (area, at) in areas.iter().zip(0..) {
        let inside = one_of(Dimension::Area, vec![Value::Area(AreaIx(at))]);
        add(&mut plan, "", &area.id, inside);
    }
    plan.areas = areas;
    plan
}

/// Router and plan, and what the independent calculation needs.
struct Map {
    plan: Plan,
    router: Router,
    boxes: Vec<[i64; 4]>,
    surfaces: Vec<f64>,
}

impl Map {
    fn of(areas: Vec<Area>) -> Self {
        let plan = plan_of(areas);
        Self {
            router: Router::compile(&plan),
            boxes: plan.areas.iter().map(outline).collect(),
            surfaces: plan.areas.iter().map(surface).collect(),
            plan,
        }
    }

    fn owner(&self, point: Point) -> Option<&str> {
        let facts = Facts {
            position: Some((point, PositionSource::Coordinates)),
            ..Facts::default()
        };
        let found = self.router.route(&self.plan, &facts, NOW).territory?;
        Some(&self.plan.territory(found).id)
    }

    /// The areas that hold a point, the smallest first.
    fn holding(&self, point: Point) -> Vec<&str> {
        let (lon, lat) = (i64::from(point.lon_e7), i64::from(point.lat_e7));
        let mut held: Vec<usize> = (0..self.boxes.len())
            .filter(|&at| {
                let [west, south, east, north] = self.boxes[at];
                west <= lon && lon <= east && south <= lat && lat <= north
            })
            .filter(|&at| in_area(point, &self.plan.areas[at]))
            .collect();
        let id = |at: usize| &*self.plan.areas[at].id;
        held.sort_by(|&a, &b| {
            self.surfaces[a]
                .total_cmp(&self.surfaces[b])
                .then(id(a).cmp(id(b)))
        });
        held.into_iter().map(id).collect()
    }

    /// How many of the points have no owner, one possible owner, and several.
    fn count(&self, points: impl Iterator<Item = Point>) -> [usize; 3] {
        let mut counts = [0; 3];
        for point in points {
            let holding = self.holding(point);
            assert_eq!(
                self.owner(point),
                holding.first().copied(),
                "{point:?} of {holding:?}"
            );
            counts[holding.len().min(2)] += 1;
        }
        counts
    }
}

/// West, south, east, north; the whole turn for what may cross the antimeridian.
fn outline(area: &Area) -> [i64; 4] {
    let points = || area.polygons.iter().flatten().flatten();
    let ends = |of: fn(&Point) -> i32| {
        let all = || points().map(|point| i64::from(of(point)));
        (all().min().unwrap_or(0), all().max().unwrap_or(-1))
    };
    let (west, east) = ends(|point| point.lon_e7);
    let (south, north) = ends(|point| point.lat_e7);
    if east - west > 1_800_000_000 {
        return [-1_800_000_000, south, 1_800_000_000, north];
    }
    [west, south, east, north]
}

/// Some vertices, and some points in the middle of edges that lie on whole units.
fn border_points(areas: &[Area]) -> Vec<Point> {
    let mut points = Vec::new();
    for ring in areas.iter().flat_map(|area| area.polygons.iter().flatten()) {
        points.extend(ring.iter().step_by(EVERY));
        let pairs = ring.windows(2).filter(|pair| {
            let even = |a: i32, b: i32| (i64::from(a) + i64::from(b)) % 2 == 0;
            even(pair[0].lon_e7, pair[1].lon_e7) && even(pair[0].lat_e7, pair[1].lat_e7)
        });
        points.extend(pairs.step_by(EVERY).map(|pair| Point {
            lon_e7: ((i64::from(pair[0].lon_e7) + i64::from(pair[1].lon_e7)) / 2) as i32,
            lat_e7: ((i64::from(pair[0].lat_e7) + i64::from(pair[1].lat_e7)) / 2) as i32,
        }));
    }
    points
}

/// The positions in two columns of a table of the repository.
fn table(file: &str, first: &str, lat: usize, lon: usize) -> Vec<Point> {
    let path = format!("{}/config/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let rows = text.lines().skip(1).filter(|row| row.starts_with(first));
    rows.filter_map(|row| {
        let cells: Vec<&str> = row.split(',').collect();
        Some(point(
            cells.get(lat)?.parse().ok()?,
            cells.get(lon)?.parse().ok()?,
        ))
    })
    .collect()
}

fn assert_one_owner_in_any_order(areas: Vec<Area>, points: &[Point]) {
    let map = Map::of(areas.clone());
    let mut turned = areas;
    turned.reverse();
    let turned = Map::of(turned);
    let again = Map::of(map.plan.areas.clone());
    for &point in points {
        let owner = map.owner(point);
        assert!(owner.is_some(), "a border belongs to someone: {point:?}");
        assert_eq!(owner, turned.owner(point), "{point:?} in the other order");
        assert_eq!(owner, again.owner(point), "{point:?} another time");
    }
}

#[test]
fn every_zip_lies_in_the_county_that_an_exact_calculation_gives() {
    let Some(counties) = atlas::counties() else {
        return;
    };
    assert_eq!(counties.len(), 3231);
    let zips = table("gazetteer/us-zips.csv", ",", 4, 5);
    assert!(zips.len() > 41_000, "{} ZIPs", zips.len());
    let [none, one, several] = Map::of(counties).count(zips.into_iter());
    // The map leaves out small islands and cuts shores short: those points have no county.
    assert!(
        none < 700 && one > 40_500,
        "{none} in none, {one} in one, {several} on borders"
    );
}

#[test]
fn points_on_county_borders_have_one_owner() {
    let Some(counties) = atlas::counties() else {
        return;
    };
    let points = border_points(&counties);
    let [none, _, several] = Map::of(counties.clone()).count(points.iter().copied().step_by(3));
    assert!(
        none == 0 && several > 1000,
        "{none} border points in no county, {several} in several"
    );
    assert_one_owner_in_any_order(counties, &points);
}

#[test]
fn chinese_towns_and_borders_lie_in_the_district_that_an_exact_calculation_gives() {
    let Some(districts) = divisions::districts() else {
        return;
    };
    assert_eq!(districts.len(), 2891);
    let towns = table("demo/places.csv", "cn,", 5, 6);
    assert!(towns.len() > 700, "{} towns", towns.len());
    let points = border_points(&districts);
    let map = Map::of(districts.clone());
    let [none, one, _] = map.count(towns.into_iter());
    assert!(none < 20 && one > 700, "{none} in none, {one} in one");
    let sample: Vec<Point> = points.iter().copied().step_by(7).collect();
    assert_eq!(
        map.count(sample.iter().copied())[0],
        0,
        "border points in no district"
    );
    assert_one_owner_in_any_order(districts, &sample);
}

/// The rings of an area; a vertex given twice in a row is one.
fn turns(area: &Area) -> Vec<Vec<Point>> {
    let mut rings: Vec<Vec<Point>> = area.polygons.iter().flatten().cloned().collect();
    rings.iter_mut().for_each(Vec::dedup);
    rings
}

#[test]
fn the_counties_of_a_file_load_as_areas() {
    let Some(counties) = atlas::counties() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = atlas::fetched().unwrap();
    std::fs::copy(file, folder.path().join("counties.json")).unwrap();
    let text = "version: 1\ntenant: acme\nareas: [counties.json]\nterritories:\n  - {id: la, where: {area: \"06037\"}}\n";
    std::fs::write(folder.path().join("plan.yaml"), text).unwrap();
    let loaded = bailiwick::plan::load(folder.path());
    let problems = loaded.problems.render_text(false);
    let plan = loaded.plan.unwrap_or_else(|| panic!("{problems}"));
    let by_id = |id: &str| plan.areas.iter().find(|area| *area.id == *id);
    for county in &counties {
        let area = by_id(&county.id).unwrap_or_else(|| panic!("{} is missing", county.id));
        assert_eq!(turns(area), turns(county), "{}", county.id);
    }
    let router = Router::compile(&plan);
    let los_angeles = Facts {
        position: Some((point(34.05, -118.24), PositionSource::Coordinates)),
        ..Facts::default()
    };
    let found = router.route(&plan, &los_angeles, NOW).territory;
    assert_eq!(found.map(|ix| &*plan.territory(ix).id), Some("la"));
}
