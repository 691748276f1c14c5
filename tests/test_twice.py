"""What failed is tried once more, alone, and only then: nothing that fails twice may pass."""

from pathlib import Path

import pytest

from tests import twice

UNSTEADY = """
from pathlib import Path

import pytest

@pytest.mark.xdist_group("servers")
@pytest.mark.parametrize("who", ["a@b", "c"])
def test_beside_others(who):
    tried = Path("tried-" + who)
    before = tried.exists()
    tried.touch()
    assert before

def test_steady():
    assert not Path("ran").exists()
    Path("ran").touch()
"""


@pytest.fixture(autouse=True)
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pytest.ini").write_text("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("workers", [(), ("-n", "1", "--dist", "loadgroup")])
def test_what_passes_alone_passes_and_is_named(
    suite: Path, capfd: pytest.CaptureFixture[str], workers: tuple[str, ...]
) -> None:
    (suite / "test_own.py").write_text(UNSTEADY)
    assert twice.main(workers) == 0
    said = capfd.readouterr().out
    assert "unsteady: test_own.py::test_beside_others[a@b]\nunsteady: test_own.py::test_beside_others[c]\n" in said


def test_what_fails_alone_fails(suite: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (suite / "test_own.py").write_text(f"{UNSTEADY}\ndef test_broken():\n    assert 0\n")
    assert twice.main([]) == twice.FAILED
    assert "unsteady" not in capfd.readouterr().out


def test_many_failures_are_no_accident(suite: Path, capfd: pytest.CaptureFixture[str]) -> None:
    many = f"import pytest\n@pytest.mark.parametrize('i', range({twice.MOST}))\ndef test_broken(i):\n    assert 0\n"
    (suite / "test_own.py").write_text(UNSTEADY + many)
    assert twice.main([]) == twice.FAILED
    assert "once more" not in capfd.readouterr().out


def test_what_could_not_be_collected_is_not_tried_again(suite: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (suite / "test_own.py").write_text("import no_such_module\n")
    assert twice.main([]) not in (0, twice.FAILED)
    assert "once more" not in capfd.readouterr().out
