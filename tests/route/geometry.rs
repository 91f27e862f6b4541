//! Borders, holes, the antimeridian and the poles, with the answers written down.

use bailiwick::plan::{Area, Point};
use bailiwick::route::geo::{Pole, contains, pole_of, surface_m2};

use super::build::{point, rectangle};

fn area(polygons: Vec<Vec<Vec<Point>>>) -> Area {
    Area {
        id: "one".into(),
        polygons,
    }
}

fn assert_holds(what: &str, area: &Area, cases: &[(f64, f64, bool)]) {
    for &(lat, lon, expected) in cases {
        let found = contains(area, point(lat, lon));
        assert_eq!(found, expected, "{what}: {lat}, {lon}");
    }
}

#[test]
fn borders_and_vertices_are_inside() {
    let triangle = area(vec![vec![vec![
        point(0.0, 0.0),
        point(0.0, 3.0),
        point(3.0, 0.0),
    ]]]);
    let cases = [
        (0.0, 0.0, true),
        (3.0, 0.0, true),
        (0.0, 3.0, true),
        (0.0, 1.5, true),
        (1.5, 0.0, true),
        (1.0, 2.0, true),
        (1.000_000_1, 2.0, false),
        (0.999_999_9, 2.0, true),
        (-0.000_000_1, 1.0, false),
        (1.0, -0.000_000_1, false),
        (0.0, 3.000_000_1, false),
    ];
    assert_holds("triangle", &triangle, &cases);
}

#[test]
fn the_inside_of_a_hole_is_outside_and_its_border_inside() {
    let ring = rectangle(0.0, 0.0, 10.0, 10.0);
    let hole = rectangle(4.0, 4.0, 6.0, 6.0);
    let island = rectangle(4.5, 4.5, 5.5, 5.5);
    let area = area(vec![vec![ring, hole], vec![island]]);
    let cases = [
        (4.0, 5.0, true),
        (4.000_000_1, 5.0, false),
        (5.0, 5.0, true),
        (4.2, 5.0, false),
        (6.0, 6.0, true),
        (2.0, 2.0, true),
    ];
    assert_holds("with a hole", &area, &cases);
}

#[test]
fn long_steps_cross_the_antimeridian() {
    let fiji = area(vec![vec![rectangle(-20.0, 177.0, -15.0, -178.0)]]);
    let cases = [
        (-17.0, 179.0, true),
        (-17.0, -179.0, true),
        (-17.0, 180.0, true),
        (-17.0, -180.0, true),
        (-17.0, 177.0, true),
        (-17.0, -178.0, true),
        (-17.0, -177.999_999_9, false),
        (-17.0, 0.0, false),
        (-14.9, 179.0, false),
    ];
    assert_holds("across", &fiji, &cases);
    let cut = area(vec![
        vec![rectangle(-20.0, 177.0, -15.0, 180.0)],
        vec![rectangle(-20.0, -180.0, -15.0, -178.0)],
    ]);
    assert_holds("cut in two", &cut, &cases);
}

#[test]
fn rings_may_hold_a_pole() {
    let around = |lat: f64| vec![point(lat, 0.0), point(lat, 120.0), point(lat, -120.0)];
    let mut reversed = around(70.0);
    reversed.reverse();
    for ring in [around(70.0), reversed] {
        assert_eq!(pole_of(&ring), Some(Pole::North));
        let cases = [
            (90.0, 0.0, true),
            (80.0, 60.0, true),
            (80.0, -180.0, true),
            (70.0, 33.0, true),
            (70.0, 180.0, true),
            (69.999_999_9, 180.0, false),
            (-90.0, 0.0, false),
        ];
        assert_holds("north", &area(vec![vec![ring]]), &cases);
    }
    // As some files draw it: down along the antimeridian and through the pole.
    let antarctica = vec![
        point(-90.0, -180.0),
        point(-78.0, -180.0),
        point(-70.0, 0.0),
        point(-78.0, 180.0),
        point(-90.0, 180.0),
    ];
    assert_eq!(pole_of(&antarctica), Some(Pole::South));
    let cases = [
        (-90.0, 12.0, true),
        (-85.0, 179.0, true),
        (-85.0, 180.0, true),
        (-70.0, 0.0, true),
        (-69.9, 0.0, false),
        (70.0, 0.0, false),
    ];
    assert_holds("south", &area(vec![vec![antarctica]]), &cases);
}

#[test]
fn rings_without_area_and_touching_points_hold_their_border() {
    let flat = area(vec![vec![vec![point(1.0, 1.0), point(2.0, 2.0)]]]);
    assert_holds(
        "flat",
        &flat,
        &[
            (1.5, 1.5, true),
            (1.5, 1.500_000_1, false),
            (0.5, 0.5, false),
        ],
    );
    let bow = vec![
        point(0.0, 0.0),
        point(0.0, 2.0),
        point(1.0, 1.0),
        point(2.0, 2.0),
        point(2.0, 0.0),
        point(1.0, 1.0),
    ];
    let cases = [
        (1.0, 1.0, true),
        (0.5, 1.0, true),
        (1.5, 1.0, true),
        (1.0, 0.5, false),
        (1.0, 1.5, false),
    ];
    assert_holds("touching itself", &area(vec![vec![bow]]), &cases);
}

#[test]
fn surfaces_are_true_to_scale() {
    // One degree by one degree at the equator and at 60° north, on a sphere of 6371.0088 km.
    let expected = [(0.0, 12_363.7), (60.0, 6_088.1)];
    for (south, km2) in expected {
        let found = surface_m2(&area(vec![vec![rectangle(south, 0.0, south + 1.0, 1.0)]])) / 1e6;
        assert!((found / km2 - 1.0).abs() < 1e-3, "{found} for {km2}");
    }
    let cap = vec![point(60.0, 0.0), point(60.0, 120.0), point(60.0, -120.0)];
    let found = surface_m2(&area(vec![vec![cap]])) / 1e12;
    // 2πR²(1 − sin 60°)
    assert!((found - 34.169).abs() < 0.01, "{found}");
}
