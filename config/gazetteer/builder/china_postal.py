"""Gives Chinese districts and cities their postal codes, from a table of names, codes and positions."""

import csv
import re
from collections import defaultdict

from builder.china_names import short_names
from builder.geometry import bounds

# The table's position must lie this near the district for its code to be believed (degrees).
TOLERANCE = 0.5
# The first two digits by province; the table has slips such as 648800 in Chongqing. 嵊泗 is served from
# Shanghai, parts of Inner Mongolia from its neighbours.
PREFIXES = {
    "11": "10", "12": "30", "13": "05 06 07", "14": "03 04", "15": "01 02 13 16 73", "21": "11 12",
    "22": "13", "23": "15 16", "31": "20", "32": "21 22", "33": "31 32 20", "34": "23 24", "35": "35 36",
    "36": "33 34", "37": "25 26 27", "41": "45 46 47", "42": "43 44", "43": "41 42", "44": "51 52",
    "45": "53 54", "46": "57", "50": "40", "51": "61 62 63 64", "52": "55 56", "53": "65 66 67",
    "54": "85 86", "61": "71 72", "62": "73 74", "63": "81", "64": "75", "65": "83 84",
}  # fmt: skip


def assign(rows, shape, file):
    """A code of one district is that district's; one that several districts of a city share, or that
    the table gives to the city as well, is the city's; one that reaches further is nobody's."""
    claims = defaultdict(set)
    index = by_path(rows)
    for line in csv.DictReader(open(file, encoding="utf-8")):
        place = index.get(tuple(short(line[part]) for part in ("province", "city", "county")))
        code = line["zipCode"].strip()
        if (
            place
            and plausible(place, code)
            and near(place, shape, float(line["latitude"]), float(line["longitude"]))
        ):
            claims[code].add(place.code)
    for code, owners in sorted(claims.items()):
        city = {owner if len(owner) == 7 else rows[owner[3:]].parent for owner in owners}
        if len(owners) == 1:
            rows[owners.pop()[3:]].postal.append(code)
        elif len(city) == 1 and len(next(iter(city))) == 7:
            rows[city.pop()[3:]].postal.append(code)


def by_path(rows):
    """(province, city, district) in short forms -> row; a city answers for itself as its own district."""
    index = {}
    for place in rows.values():
        chain = [place]
        while chain[-1].parent != "cn":
            chain.append(rows[chain[-1].parent[3:]])
        region, city = short(chain[-1].name), words(chain[-2] if len(chain) > 1 else place)
        for name in city:
            if len(chain) == 3:
                for word in words(place):
                    index.setdefault((region, name, word), place)
            elif len(chain) == 2:
                index.setdefault((region, name, name), place)
    return index


def words(place):
    """The short forms of all Chinese names of a place, former ones too."""
    return {short(word) for word in [place.name, *place.aliases] if not word.isascii()}


def plausible(place, code):
    return re.fullmatch(r"\d{6}", code) and code[:2] in PREFIXES.get(place.code[3:5], "").split()


def near(place, shape, lat, lon):
    polygons = shape.get(place.code[3:].ljust(6, "0"))
    if not polygons:
        return False
    west, south, east, north = bounds(polygons)
    return west - TOLERANCE <= lon <= east + TOLERANCE and south - TOLERANCE <= lat <= north + TOLERANCE


def short(name):
    return next(iter(short_names(name)), name)
