"""What ships: the sdist is the whole project, the wheel from it the whole program, and the lock all it needs."""

import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from pathlib import Path

import pytest

from tests.bed import build

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
IN_TROUBLE = 1
"""The exit status of a list from which clusters are missing; the demo has some that do not answer."""

# The first run fetches the locked packages; a fresh machine takes its time.
pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("package")]


def run(*command: str | Path, cwd: Path, status: int = 0) -> str:
    """Standard output of a command that knows nothing of this checkout and is not ours to import from."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=clean,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as it is published, unpacked."""
    folder = tmp_path_factory.mktemp("sdist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", folder, cwd=ROOT)
    (archive,) = folder.glob("fleetui-*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return folder / archive.name.removesuffix(".tar.gz")


@pytest.fixture(scope="module")
def wheel(sdist: Path) -> Path:
    """Built from the sdist, as an installer does it."""
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", sdist.parent, cwd=sdist)
    (built,) = sdist.parent.glob("fleetui-*.whl")
    return built


@pytest.fixture(scope="module")
def locked() -> Path:
    """The packages of requirements.lock and no others; fetched once for each content of that file."""
    made_of = hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()[:16]
    folder = build.cache_dir() / f"locked-{made_of}"
    with build.locked(build.cache_dir() / "locked.lock"):
        if not folder.exists():
            scratch = Path(tempfile.mkdtemp(dir=build.cache_dir(), prefix="fetching-"))
            pip = (sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-compile")
            run(*pip, "--require-hashes", "-r", LOCK, "--target", scratch, cwd=scratch)
            scratch.rename(folder)
    return folder


@pytest.fixture(scope="module")
def installed(wheel: Path, locked: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` of an environment that holds the wheel and what is locked: nothing of the development's."""
    home = tmp_path_factory.mktemp("installed")
    venv.create(home)
    (site,) = home.glob("lib/python*/site-packages")
    (site / "locked.pth").write_text(f"{locked}\n")
    pip = (sys.executable, "-m", "pip", "--python", home, "install", "-q", "--disable-pip-version-check")
    run(*pip, "--no-deps", "--no-index", wheel, cwd=home)
    return home / "bin"


@pytest.fixture
def nowhere(tmp_path: Path) -> Path:
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


def test_the_sdist_holds_all_that_is_kept(sdist: Path) -> None:
    names = {path.relative_to(sdist).as_posix() for path in sdist.rglob("*") if path.is_file()}
    kept = run("git", "-c", "safe.directory=*", "ls-files", cwd=ROOT).splitlines() if (ROOT / ".git").exists() else []
    there = {name for name in kept if (ROOT / name).exists()}  # a file may be on its way out of the work tree
    assert not there - names
    assert {"bench/run.py", "requirements.lock", "requirements-dev.lock", "CONTRIBUTING.md", ".ci/run"} <= names


def test_the_sdist_can_be_worked_on(sdist: Path) -> None:
    """Its own tests run on its own code, not on this checkout's."""
    where = (
        "import fleetui, bench.run, tests.bed.build as bed; print(fleetui.__file__, bench.run.__file__, bed.MODULES)"
    )
    assert all(Path(said).is_relative_to(sdist) for said in run(sys.executable, "-c", where, cwd=sdist).split())
    pytest_ = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    said = run(*pytest_, "tests/model/test_duration.py", "tests/bench/test_figures.py", cwd=sdist)
    assert " passed" in said


def test_the_wheel_carries_its_data_and_nothing_of_the_tests(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    themes = {f"fleetui/data/themes/{path.name}" for path in (ROOT / "themes").glob("*.yaml")}
    kinds = {path.relative_to(ROOT).as_posix() for path in (ROOT / "fleetui" / "kinds").glob("*.yaml")}
    assert kinds
    shipped = {"fleetui/data/config.example.yaml", "fleetui/data/examples/requirements.yaml", "fleetui/py.typed"}
    assert themes | kinds | shipped <= names
    assert not [name for name in names if name.startswith(("tests/", "bench/"))]
    runbooks = {path.relative_to(ROOT).as_posix() for path in (ROOT / "fleetui" / "runbooks").glob("*.md")}
    assert runbooks
    assert runbooks <= names
    styles = {path.relative_to(ROOT).as_posix() for path in (ROOT / "fleetui").rglob("*.tcss")}
    assert styles
    assert styles <= names


def test_what_is_locked_is_all_that_the_program_imports(installed: Path, locked: Path, nowhere: Path) -> None:
    """Every module imports, and comes from the wheel; a package of the development's only would be missing here."""
    program = (
        "import importlib, pkgutil, fleetui, textual, kubernetes\n"
        "skip = {'fleetui.__main__', 'fleetui.simulate.__main__'}\n"
        "names = [m.name for m in pkgutil.walk_packages(fleetui.__path__, 'fleetui.') if m.name not in skip]\n"
        "[importlib.import_module(name) for name in names]\n"
        "print(len(names), fleetui.__file__, textual.__file__, kubernetes.__file__)\n"
    )
    count, ours, *theirs = run(installed / "python", "-c", program, cwd=nowhere).split()
    assert int(count) > 150
    assert Path(ours).is_relative_to(installed.parent)
    assert all(Path(path).is_relative_to(locked) for path in theirs)


def test_it_runs_the_demo(installed: Path, nowhere: Path) -> None:
    rows = run(installed / "fleetui", "--demo", "get", "machines", "@prod-east-1", "-o", "name", cwd=nowhere).split()
    assert len(rows) == 63
    command = (installed / "fleetui", "--demo", "get", "machines", "--timeout", "4")
    everything = run(*command, cwd=nowhere, status=IN_TROUBLE).splitlines()
    assert len(everything) > 150
    assert not list(nowhere.iterdir())


def test_it_draws_a_frame_with_its_own_themes(installed: Path, nowhere: Path) -> None:
    command = (installed / "fleetui", "screenshot", "fleet", "--demo", "--context", "prod-*")
    run(*command, "-o", "fleet.svg", "--size", "100x30", cwd=nowhere)
    assert "READ-ONLY" in (nowhere / "fleet.svg").read_text(encoding="utf-8").replace("&#160;", " ")
