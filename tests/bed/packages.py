"""Programs that come from Debian: apt fetches and checks them, they are unpacked into the bed's cache, not installed.

Works for root and for anybody else. Where the machine's package lists are missing or too old, apt makes lists of its
own in the cache. What apt cannot give is an error that says which command mends it: a test that needs it never skips.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.bed.build import cache_dir, locked


@dataclass(frozen=True)
class Package:
    """A Debian package and the versions that the tests were written for: every one that starts with `version`."""

    name: str
    version: str


PACKAGES = (
    Package("prometheus", "2.42."),
    Package("prometheus-alertmanager", "0.25."),
    Package("prometheus-postgres-exporter", "0.11."),
    Package("postgresql-15", "15."),
    Package("postgresql-client-15", "15."),
    Package("etcd-server", "3.4."),
    Package("etcd-client", "3.4."),
    Package("strace", "6."),
)
POSTGRES = "usr/lib/postgresql/15/bin"
_PLACES = {
    "prometheus": "usr/bin/prometheus",
    "promtool": "usr/bin/promtool",
    "alertmanager": "usr/bin/prometheus-alertmanager",
    "amtool": "usr/bin/amtool",
    "postgres-exporter": "usr/bin/prometheus-postgres-exporter",
    "etcd-3.4": "usr/bin/etcd",
    "etcdctl-3.4": "usr/bin/etcdctl",
    "strace": "usr/bin/strace",
    **{name: f"{POSTGRES}/{name}" for name in ("postgres", "initdb", "pg_basebackup", "psql")},
}
# Debian's Alertmanager reads its templates from this place alone, and ends where it is not there. Same length, found
# from its working folder: see alertmanager.py.
_TEMPLATES = (b"/usr/share/prometheus/alertmanager", b"/proc/self/cwd////////alertmanager")
# What a closure of dependencies names beside shared libraries: scripts of the web page, headers, Perl.
_LIBRARY = re.compile(r"lib(?!js-).*(?<!-dev)(?<!-perl)")
_DONE = "versions.json"


class PackageError(RuntimeError):
    """A package could not be had; the text says which, why, and what to do."""


def prefix() -> Path:
    """The folder where the packages are unpacked, named by what is wanted; it may not exist yet."""
    made_of = f"{_release()} {os.uname().machine} {PACKAGES!r} {_TEMPLATES!r}"
    return cache_dir() / f"debian-{hashlib.sha256(made_of.encode()).hexdigest()[:16]}"


def program(name: str) -> Path:
    """The program called `name` (a key of the table above), unpacked when it was not."""
    return ensure() / _PLACES[name]


def versions() -> Mapping[str, str]:
    """The exact version of every package and library that was unpacked."""
    found: dict[str, str] = json.loads((ensure() / _DONE).read_text())
    return found


def libraries(place: Path | None = None) -> str:
    """LD_LIBRARY_PATH for the programs unpacked at `place` (the cache's): what this machine itself lacks."""
    return ":".join(str(folder) for folder in library_folders(place or ensure()))


def library_folders(place: Path) -> list[Path]:
    """The folders of shared libraries under `place`; Debian 12 keeps some outside /usr."""
    return [folder for pattern in ("lib/*-linux-gnu", "usr/lib/*-linux-gnu") for folder in sorted(place.glob(pattern))]


def ensure() -> Path:
    """Make every program exist and return the folder. Safe from many processes at once. Raises PackageError."""
    place = prefix()
    if not (place / _DONE).exists():
        with locked(cache_dir() / "packages.lock"):
            if not (place / _DONE).exists():
                _unpack_into(place)
    return place


def _unpack_into(place: Path) -> None:
    """Fill a folder beside `place` and rename it: a half-filled one is never seen."""
    print("fetching Debian packages for the test bed (once)", file=sys.stderr, flush=True)
    shutil.rmtree(place, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=cache_dir(), prefix="unpacking-") as scratch:
        fetched = Path(scratch) / "fetched"
        root = Path(scratch) / "root"
        found = _fetch(fetched)
        for file in sorted(fetched.glob("*.deb")):
            _said(["dpkg-deb", "--extract", str(file), str(root)])
        _relocate(root / _PLACES["alertmanager"])
        (root / _DONE).write_text(json.dumps(found, indent=1))
        root.replace(place)


def _fetch(folder: Path) -> dict[str, str]:
    """The packages as files in `folder`, and their versions: by the machine's lists, else by fresh ones of our own."""
    folder.mkdir()
    try:
        return _download(folder, ())
    except PackageError as first:
        try:
            return _download(folder, _own_lists())
        except PackageError as second:
            names = " ".join(package.name for package in PACKAGES)
            raise PackageError(
                f"the bed needs Debian packages ({_release()} here; bookworm is known to work) and apt gave none:\n"
                f"{first}\nand with fresh lists:\n{second}\n"
                f"Mend what `apt-get update && apt-get install --download-only {names}` complains about."
            ) from second


def _download(folder: Path, options: tuple[str, ...]) -> dict[str, str]:
    found = _wanted(options)
    exact = [f"{name}={version}" for name, version in found.items()]
    # Root's downloads run as the user _apt, who may not write here.
    _said(["apt-get", *options, "-qq", "-o", f"APT::Sandbox::User={_user()}", "download", *exact], cwd=folder)
    return found


def _wanted(options: tuple[str, ...]) -> dict[str, str]:
    """Name and version of our packages, and of the libraries that they need and this machine lacks."""
    ours = {package.name: package.version for package in PACKAGES}
    argv = ["apt-get", *options, "--simulate", "--reinstall", "--no-install-recommends", "install", *ours]
    chosen = dict(re.findall(r"^Inst (\S+)(?: \[[^]]*\])? \((\S+) ", _said(argv), re.MULTILINE))
    for name, version in ours.items():
        if not chosen.get(name, "").startswith(version):
            raise PackageError(f"{name} {version}* is wanted and apt offers {chosen.get(name, 'none')}")
    return {name: version for name, version in chosen.items() if name in ours or _LIBRARY.fullmatch(name)}


def _own_lists() -> tuple[str, ...]:
    """Options that make apt use lists in our cache, brought up to date; what the machine has installed stays known."""
    state, cache = cache_dir() / "apt" / "state", cache_dir() / "apt" / "cache"
    (state / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    (cache / "archives" / "partial").mkdir(parents=True, exist_ok=True)
    settings = {"Dir::State": state, "Dir::State::status": "/var/lib/dpkg/status", "Dir::Cache": cache}
    options = tuple(part for key, value in settings.items() for part in ("-o", f"{key}={value}"))
    try:
        _said(["apt-get", *options, "-qq", "-o", f"APT::Sandbox::User={_user()}", "update"])
    except PackageError:
        pass  # one list of many that does not come (another vendor's) is no matter: what can be had then counts
    return options


def _user() -> str:
    return "root" if os.geteuid() == 0 else ""


def _said(argv: list[str], cwd: Path | None = None) -> str:
    """Standard output. Raises PackageError with the end of what was said where it fails or is not there."""
    try:
        done = subprocess.run(
            argv, cwd=cwd, env=os.environ | {"LC_ALL": "C"}, check=False, capture_output=True, text=True
        )
    except FileNotFoundError as error:
        raise PackageError(f"no {argv[0]} on this machine: the bed takes these programs from Debian") from error
    if done.returncode != 0:
        raise PackageError(f"{argv[0]} {argv[-1]}: {(done.stderr or done.stdout)[-2000:]}")
    return done.stdout


def _relocate(alertmanager: Path) -> None:
    built_in, ours = _TEMPLATES
    content = alertmanager.read_bytes()
    if built_in not in content:
        raise PackageError(f"{alertmanager.name} names no {built_in.decode()}: look how it finds its templates now")
    alertmanager.write_bytes(content.replace(built_in, ours))


def _release() -> str:
    try:
        text = Path("/etc/os-release").read_text()
    except FileNotFoundError:
        return "unknown"
    fields = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    return fields.get("VERSION_CODENAME", fields.get("ID", "unknown")).strip('"')


if __name__ == "__main__":
    try:
        print(ensure())
    except PackageError as error:
        sys.exit(f"bed: {error}")
