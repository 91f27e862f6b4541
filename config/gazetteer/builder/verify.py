"""Checks the committed files: encoding, header, codes, parents, names that would answer twice, counts."""

import json
import re
from datetime import date

from builder.tables import GAZETTEER, fold, read_csv

LEAST = {"countries.csv": 249, "us.csv": 3280, "cn.csv": 3200, "us-zips.csv": 41000}
CODE = re.compile(r"[a-z]{2}(-[0-9A-Z]+)?")


def all_files(config):
    """Prints a line for each file and leaves with 1 when anything is wrong."""
    problems = []
    rows = {name: gazetteer(config / "gazetteer" / name, least, problems) for name, least in LEAST.items()}
    coded = [row for name in ("countries.csv", "us.csv", "cn.csv") for row in rows[name]]
    codes(coded, rows["us-zips.csv"], problems)
    for name in ("us-states", "cn-provinces"):
        polygons(config / "areas" / f"{name}.geojson", {row["code"] for row in coded}, problems)
    tables(config, {row["code"] for row in coded}, problems)
    for problem in problems:
        print("PROBLEM", problem)
    if problems:
        raise SystemExit(1)
    print("verified")


def gazetteer(file, least, problems):
    raw = file.read_bytes()
    if raw.startswith(b"\xef\xbb\xbf") or b"\r" in raw:
        problems.append(f"{file.name}: byte order mark or carriage return")
    raw.decode("utf-8")
    rows = read_csv(file)
    if list(rows[0]) != GAZETTEER:
        problems.append(f"{file.name}: header is {list(rows[0])}")
    if len(rows) < least:
        problems.append(f"{file.name}: {len(rows)} rows, expected {least}")
    placed = sum(1 for row in rows if row["lat"])
    postal = sum(1 for row in rows if row["postal"])
    print(f"{file.name}: {len(rows)} rows, {placed} with position, {postal} with postal code, {len(raw)} bytes")
    return rows


def codes(rows, points, problems):
    """One row a code (a country may be repeated word for word), every parent there, no name twice."""
    known, words, aliases = {}, {}, {}
    for row in rows:
        code = row["code"]
        if not CODE.fullmatch(code):
            problems.append(f"{code}: not a code")
        if known.setdefault(code, row) != row:
            problems.append(f"{code}: given twice")
        for word in {fold(w) for w in [row["name"], *filter(None, row["aliases"].split("|"))]}:
            if words.setdefault((row["parent"], word), code) != code:
                problems.append(f"{code}: {word} also names {words[row['parent'], word]}")
            if CODE.fullmatch(word.upper().replace("CN-", "cn-").replace("US-", "us-")) and "-" in word:
                if aliases.setdefault(word, code) != code:
                    problems.append(f"{code}: {word} is also an alias of {aliases[word]}")
        position(row, problems)
    for row in rows + points:
        if row["parent"] and row["parent"] not in known:
            problems.append(f"{row['code'] or row['postal']}: no parent {row['parent']}")
    for word, code in aliases.items():
        if word in known and word != code:
            problems.append(f"{code}: alias {word} is a code in use")
    for row in points:
        position(row, problems)
    print(f"{len(known)} codes, {len(aliases)} aliases in code form")


def position(row, problems):
    if bool(row["lat"]) != bool(row["lon"]):
        problems.append(f"{row['code']}: half a position")
    if row["lat"] and not (-90 <= float(row["lat"]) <= 90 and -180 <= float(row["lon"]) <= 180):
        problems.append(f"{row['code']}: position out of range")


def polygons(file, known, problems):
    features = json.loads(file.read_text(encoding="utf-8"))["features"]
    points = 0
    for feature in features:
        if feature["id"] not in known or feature["id"] != feature["properties"]["id"]:
            problems.append(f"{file.name}: {feature['id']} is not in the gazetteer")
        shape = feature["geometry"]
        parts = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
        for ring in (ring for part in parts for ring in part):
            points += len(ring)
            if len(ring) < 4 or ring[0] != ring[-1]:
                problems.append(f"{file.name}: {feature['id']} has an open or short ring")
    size = file.stat().st_size
    if size > 600_000:
        problems.append(f"{file.name}: {size} bytes")
    print(f"{file.name}: {len(features)} features, {points} points, {size} bytes")


def tables(config, known, problems):
    """The smaller tables: keys once, references there."""
    for name in ("gbt4754", "naics"):
        rows = keyed(config / "industry" / f"{name}.csv", "code", problems)
        codes = {row["code"] for row in rows}
        problems += [
            f"{name}: no parent {row['parent']}" for row in rows if row["parent"] and row["parent"] not in codes
        ]
    for name in ("cn", "us"):
        rows = keyed(config / "holidays" / f"{name}.csv", "date", problems)
        for row in rows:
            date.fromisoformat(row["date"])
            if row["kind"] not in ("holiday", "workday"):
                problems.append(f"holidays/{name}: {row['date']} is {row['kind']}")
    places = read_csv(config / "demo/places.csv")
    problems += [f"places: no code {row['district_code']}" for row in places if row["district_code"] not in known]
    print(f"places.csv: {len(places)} rows, {sum(1 for row in places if row['postal'])} with postal code")
    domains = (config / "mail/free-domains.txt").read_text(encoding="utf-8").split()
    if domains != sorted(set(domains)) or any("." not in domain for domain in domains):
        problems.append("free-domains.txt: not sorted, repeated or no domain")
    print(f"free-domains.txt: {len(domains)} domains")


def keyed(file, key, problems):
    rows = read_csv(file)
    seen = set()
    for row in rows:
        if row[key] in seen:
            problems.append(f"{file.name}: {row[key]} given twice")
        seen.add(row[key])
    print(f"{file.parent.name}/{file.name}: {len(rows)} rows")
    return rows
