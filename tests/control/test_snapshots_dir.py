"""Where snapshots go by themselves: when that directory cannot be used, everything else of the controller goes on."""

import logging
from pathlib import Path

import pytest

from fleetui.clients.paths import paths_under
from fleetui.control.memory_store import MemoryStore
from fleetui.wiring import core
from fleetui.wiring.session import Session
from tests.control.virtual_time import VirtualClock


def _open_to_others(at: Path) -> None:
    at.mkdir()
    at.chmod(0o775)


def _linked_nowhere(at: Path) -> None:
    at.symlink_to("/proc/nowhere")


def _a_file(at: Path) -> None:
    at.touch()


@pytest.mark.parametrize("befalls", [_open_to_others, _linked_nowhere, _a_file])
def test_a_controller_starts_without_it(
    befalls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:  # type: ignore[no-untyped-def]
    paths = paths_under(tmp_path)
    paths.state_dir.mkdir(mode=0o700)
    befalls(paths.state_dir / "snapshots")
    made = []

    def run(_path: Path, engine, **_more: object) -> None:  # type: ignore[no-untyped-def]
        made.append(engine(MemoryStore(VirtualClock()), "c1"))

    monkeypatch.setattr(core, "run_controller", run)
    with caplog.at_level(logging.WARNING):
        core.run_engine(Session(paths=paths), stay=False)
        assert core.snapshots_dir(paths.state_dir) is None
    assert len(made) == 1
    assert "no directory for snapshots of etcd" in caplog.text


def test_it_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    found = core.snapshots_dir(tmp_path)
    assert found is not None
    assert found.stat().st_mode & 0o777 == 0o700
