"""Writes the product's tables: CSV and GeoJSON, byte for byte the same on every run."""

import csv
import io
import json

GAZETTEER = ["code", "name", "aliases", "parent", "lat", "lon", "postal"]


class Place:
    """One gazetteer row; aliases keep their order and never repeat."""

    def __init__(self, code, name, parent, position=None, aliases=(), postal=()):
        self.code, self.name, self.parent = code, name, parent
        self.position = position
        self.aliases = []
        self.postal = list(postal)
        self.add(*aliases)

    def add(self, *aliases):
        """Adds aliases that are neither empty, nor the name, nor there already."""
        for alias in aliases:
            if alias and fold(alias) not in {fold(self.name), *map(fold, self.aliases)}:
                self.aliases.append(alias)

    def row(self):
        lat, lon = self.position or ("", "")
        cells = [self.code, self.name, "|".join(self.aliases), self.parent]
        return [*cells, lat, lon, "|".join(self.postal)]


def fold(text):
    """How two names are compared: case does not matter."""
    return text.casefold()


def write_csv(file, header, rows):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text.getvalue(), encoding="utf-8")


def read_csv(file):
    with open(file, encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def write_geojson(file, features, source):
    """Features given as (code, name, polygons), one a line so that a change reads as a change."""
    lines = []
    for code, name, polygons in sorted(features, key=lambda feature: feature[0]):
        coordinates = [[[[x, y] for x, y in ring] for ring in rings] for rings in polygons]
        geometry = {"type": "MultiPolygon", "coordinates": coordinates}
        if len(coordinates) == 1:
            geometry = {"type": "Polygon", "coordinates": coordinates[0]}
        properties = {"id": code, "name": name}
        feature = {"type": "Feature", "id": code, "properties": properties, "geometry": geometry}
        lines.append(json.dumps(feature, ensure_ascii=False, separators=(",", ":")))
    head = '{"type":"FeatureCollection","source":' + json.dumps(source, ensure_ascii=False)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(head + ',"features":[\n' + ",\n".join(lines) + "\n]}\n", encoding="utf-8")


def drop_ambiguous(places):
    """Removes every alias that another place of the same parent also answers to.
    A name always beats an alias; between two aliases neither stays."""
    owners = {}
    for place in places:
        for word in [place.name, *place.aliases]:
            owners.setdefault((place.parent, fold(word)), []).append(place)
    names = {(place.parent, fold(place.name)): place for place in places}
    dropped = 0
    for place in places:
        keep = []
        for alias in place.aliases:
            key = (place.parent, fold(alias))
            named = names.get(key)
            if (named is None or named is place) and len({id(p) for p in owners[key]}) == 1:
                keep.append(alias)
        dropped += len(place.aliases) - len(keep)
        place.aliases = keep
    return dropped
