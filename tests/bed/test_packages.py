"""Debian's programs come by apt into the cache: here from a repository made on the spot, without a network."""

import hashlib
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bed import packages
from tests.bed.packages import Package, PackageError

TEMPLATES = "/usr/share/prometheus/alertmanager"
LIBRARIES = ("lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu")
Repository = Callable[..., Path]


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """Makes a repository of small packages the only one that apt knows, on a machine without any lists, and an empty
    cache; returns where a package's file is."""
    monkeypatch.setenv("FLEETUI_BED_CACHE", str(tmp_path / "cache"))
    (tmp_path / "cache").mkdir()
    monkeypatch.setattr(packages, "PACKAGES", (Package("bed-server", "1.2."), Package("bed-tool", "3.")))

    def make(*, server: str = "1.2.3-1", content: str = f"reads {TEMPLATES}/default.tmpl\n") -> Path:
        place = tmp_path / "repository"
        built = [
            _package(place, "bed-server", server, {packages._PLACES["alertmanager"]: content}, "libbed1, bed-web"),
            _package(place, "bed-tool", "3.0", {"usr/bin/tool": "a tool\n"}),
            _package(place, "libbed1", "1.0", {f"{folder}/libbed.so.1": "a library\n" for folder in LIBRARIES}),
            _package(place, "bed-web", "1.0", {"usr/share/web": "a page\n"}),
        ]
        (place / "Packages").write_text("\n".join(_listed(file) for file in built))
        monkeypatch.setenv("APT_CONFIG", str(_configuration(tmp_path, place)))
        return built[0]

    return make


def _package(place: Path, name: str, version: str, files: dict[str, str], needs: str = "") -> Path:
    root = place / "made" / name
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content)
    (root / "DEBIAN").mkdir(parents=True, exist_ok=True)
    fields = {"Package": name, "Version": version, "Architecture": "all", "Maintainer": "bed", "Description": name}
    fields |= {"Depends": needs} if needs else {}
    (root / "DEBIAN" / "control").write_text("".join(f"{key}: {value}\n" for key, value in fields.items()))
    file = place / f"{name}_{version}_all.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "--build", root, file], check=True, capture_output=True)
    return file


def _listed(file: Path) -> str:
    """The package's entry in the repository's list."""
    control = subprocess.run(["dpkg-deb", "--field", file], check=True, capture_output=True, text=True).stdout
    content = file.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    return f"{control}Filename: ./{file.name}\nSize: {len(content)}\nSHA256: {digest}\n"


def _configuration(folder: Path, place: Path) -> Path:
    for part in ("state/lists/partial", "apt-cache/archives/partial"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    (folder / "sources.list").write_text(f"deb [trusted=yes] copy:{place} ./\n")
    settings = {
        "Dir::Etc::SourceList": folder / "sources.list",
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::State": folder / "state",
        "Dir::State::Status": "/var/lib/dpkg/status",
        "Dir::Cache": folder / "apt-cache",
    }
    file = folder / "apt.conf"
    file.write_text("".join(f'{key} "{value}";\n' for key, value in settings.items()))
    return file


def test_programs_and_missing_libraries_are_unpacked_and_nothing_else(repository: Repository) -> None:
    """From a machine without lists; not installed; the page that it recommends stays away."""
    repository()
    place = packages.ensure()
    assert packages.versions() == {"bed-server": "1.2.3-1", "bed-tool": "3.0", "libbed1": "1.0"}
    assert (place / "usr/bin/tool").read_text() == "a tool\n"
    assert packages.libraries() == ":".join(str(place / folder) for folder in LIBRARIES)
    assert not (place / "usr/share/web").exists()
    installed = subprocess.run(["dpkg-query", "--show", "bed-tool"], check=False, capture_output=True)
    assert installed.returncode != 0


def test_alertmanager_finds_its_templates_from_its_working_folder(repository: Repository) -> None:
    repository()
    said = packages.program("alertmanager").read_text()
    assert TEMPLATES not in said
    folder = said.split()[1].removesuffix("/default.tmpl")
    assert len(folder) == len(TEMPLATES)
    assert os.path.normpath(folder) == "/proc/self/cwd/alertmanager"


def test_the_second_time_costs_nothing(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repository()
    first = packages.ensure()
    monkeypatch.setenv("PATH", "")
    assert packages.ensure() == first


def test_another_version_than_the_tests_know_is_an_error_with_its_remedy(repository: Repository) -> None:
    repository(server="1.3.0-1")
    with pytest.raises(PackageError) as told:
        packages.ensure()
    assert "bed-server 1.2.* is wanted and apt offers 1.3.0-1" in str(told.value)
    assert "apt-get update && apt-get install --download-only bed-server bed-tool" in str(told.value)
    assert not packages.prefix().exists()


def test_a_file_that_is_not_what_the_list_says_is_refused(repository: Repository) -> None:
    file = repository()
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(PackageError, match="Hash Sum mismatch"):
        packages.ensure()
    assert not packages.prefix().exists()


def test_an_alertmanager_that_looks_elsewhere_is_told_of(repository: Repository) -> None:
    repository(content="embedded\n")
    with pytest.raises(PackageError, match="look how it finds its templates"):
        packages.ensure()
    assert not packages.prefix().exists()


def test_a_machine_without_apt_is_told_what_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEETUI_BED_CACHE", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PackageError, match="no apt-get on this machine"):
        packages.ensure()


@pytest.mark.bed
@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("prometheus", "version 2.42."),
        ("alertmanager", "version 0.25."),
        ("amtool", "version 0.25."),
        ("postgres-exporter", "version 0.11."),
        ("etcd-3.4", "Version: 3.4."),
        ("strace", "version 6."),
        ("postgres", "(PostgreSQL) 15."),
        ("psql", "(PostgreSQL) 15."),
    ],
)
def test_the_real_ones_run(name: str, says: str) -> None:
    env = os.environ | {"LD_LIBRARY_PATH": packages.libraries()}
    done = subprocess.run(
        [packages.program(name), "--version"], capture_output=True, text=True, check=True, timeout=20, env=env
    )
    assert says in done.stdout + done.stderr
