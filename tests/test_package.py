"""The wheel alone is the whole program: code, themes, the example configuration."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's files in a folder of their own, far from the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (wheel,) = folder.glob("fleetui-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run(installed: Path, *arguments: str) -> str:
    """Standard output of the installed program, started where no checkout is."""
    command = [sys.executable, "-m", "fleetui", *arguments]
    env = {**os.environ, "PYTHONPATH": str(installed), "PYTHONSAFEPATH": "1"}
    done = subprocess.run(
        command,
        cwd=installed,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_carries_its_data_and_nothing_of_the_tests(installed: Path) -> None:
    names = {path.relative_to(installed).as_posix() for path in installed.rglob("*") if path.is_file()}
    themes = {f"fleetui/data/themes/{path.name}" for path in (ROOT / "themes").glob("*.yaml")}
    assert themes | {"fleetui/data/config.example.yaml", "fleetui/py.typed"} <= names
    assert not [name for name in names if name.startswith(("tests/", "bench/"))]
    styles = {path.relative_to(ROOT).as_posix() for path in (ROOT / "fleetui").rglob("*.tcss")}
    assert styles <= names


def test_it_runs_the_demo(installed: Path) -> None:
    rows = run(installed, "--demo", "get", "machines", "@prod-east-1", "-o", "name").split()
    assert len(rows) == 63


def test_it_draws_a_frame_with_its_own_themes(installed: Path, tmp_path: Path) -> None:
    picture = tmp_path / "fleet.svg"
    run(installed, "--demo", "screenshot", "fleet", "-o", str(picture), "--size", "100x30")
    assert "READ-ONLY" in picture.read_text(encoding="utf-8").replace("&#160;", " ")
