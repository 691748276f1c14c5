"""The journal of incidents under writers that are many, and writers that are killed."""

import errno
import os
import signal
import stat
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from fleetui.clients.incident_file import NAME, IncidentFile, torn
from fleetui.control.file_lock import FileLockedError, lock_exclusively
from fleetui.control.state_dir import prepare_state_dir
from fleetui.model.incident.incident import fold
from fleetui.model.incident.record import Noted, Opened
from fleetui.ports.incidents import JournalError

LOCK = partial(lock_exclusively, patience_s=20.0)
OPENED = Opened(incident="i1", at=1.0, by="ana@jump-1", title="node down", symptom=0.0)

WRITER = """
import sys
from functools import partial
from pathlib import Path
from fleetui.clients.incident_file import IncidentFile
from fleetui.control.file_lock import FileLockedError, lock_exclusively
from fleetui.control.state_dir import prepare_state_dir
from fleetui.model.incident.record import Noted
directory, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
journal = IncidentFile(directory, lock=partial(lock_exclusively, patience_s=60.0), prepare=prepare_state_dir)
for number in range(count):
    journal.append([Noted(incident="i1", at=float(number), by=name, text=f"{name} {number} " + "x" * 3000)])
    print(number, flush=True)
"""


def journal(directory: Path) -> IncidentFile:
    return IncidentFile(directory, lock=LOCK, prepare=prepare_state_dir)


def noted(text: str) -> Noted:
    return Noted(incident="i1", at=2.0, by="ben@jump-2", text=text)


def test_what_was_written_is_read_from_where_one_was(tmp_path: Path) -> None:
    kept = journal(tmp_path / "state")
    assert kept.load().records == ()
    kept.append([OPENED])
    first = kept.load()
    kept.append([noted("zürich → ok"), noted("second")])
    assert first.records == (OPENED,)
    assert kept.load(first.place).records == (noted("zürich → ok"), noted("second"))
    assert kept.load().records == (OPENED, noted("zürich → ok"), noted("second"))
    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600


def test_a_torn_tail_is_kept_aside_and_the_journal_goes_on(tmp_path: Path) -> None:
    kept = journal(tmp_path)
    kept.append([OPENED])
    whole = kept.path.read_bytes()
    for half in (b'0000beef {"record":"noted","inc', b"0"):
        kept.path.write_bytes(whole + half)
        assert kept.load().records == (OPENED,)
        assert kept.load().place == len(whole)
        kept.append([noted("after")])
        assert kept.load().records == (OPENED, noted("after"))
        assert kept.load().damage == ()
    assert [path.read_bytes() for path in torn(tmp_path)] == [b'0000beef {"record":"noted","inc', b"0"]


def test_a_damaged_line_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    kept = journal(tmp_path)
    kept.append([OPENED, noted("one"), noted("two")])
    kept.path.write_bytes(kept.path.read_bytes().replace(b'"one"', b'"0ne"'))
    load = kept.load()
    assert load.records == (OPENED, noted("two"))
    assert len(load.damage) == 1
    assert "line 2 is not what was written" in load.damage[0]


def test_two_consoles_at_once_lose_nothing(tmp_path: Path) -> None:
    journal(tmp_path).append([OPENED])
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    writers = [subprocess.Popen([*command, name, "40"], stdout=subprocess.DEVNULL) for name in ("ana", "ben")]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0]
    load = journal(tmp_path).load()
    (incident,) = fold(load.records)
    said = [entry.text.rpartition(" ")[0] for entry in incident.entries if entry.kind.value == "note"]
    assert sorted(said) == sorted(f"{name} {number}" for name in ("ana", "ben") for number in range(40))
    assert load.damage == ()


def test_what_was_confirmed_survives_kill_9(tmp_path: Path) -> None:
    """Killed in the midst of its writing: all that it was told is there, and another goes on."""
    journal(tmp_path).append([OPENED])
    command = [sys.executable, "-c", WRITER, str(tmp_path), "ana", "100000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        confirmed = -1
        while confirmed < 25:
            confirmed = int(writer.stdout.readline())
        os.kill(writer.pid, signal.SIGKILL)
        for line in writer.stdout:
            if line.endswith("\n"):
                confirmed = int(line)
    journal(tmp_path).append([noted("after")])
    load = journal(tmp_path).load()
    numbers = [
        int(record.text.split()[1]) for record in load.records if isinstance(record, Noted) and record.by == "ana"
    ]
    assert numbers == list(range(len(numbers)))
    assert len(numbers) > confirmed
    assert load.records[-1] == noted("after")
    assert load.damage == ()


def test_what_cannot_be_written_says_why(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    with pytest.raises(JournalError, match=f"cannot be written: .*{NAME}"):
        journal(tmp_path).append([OPENED])
    with pytest.raises(JournalError, match="cannot be read"):
        journal(tmp_path).load()


def failing(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def refuse(*_: object) -> int:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, name, refuse)


def test_what_could_not_be_made_durable_is_not_there_and_the_journal_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = journal(tmp_path)
    kept.append([OPENED])
    with monkeypatch.context() as broken:
        failing(broken, "fsync")
        with pytest.raises(JournalError, match="cannot be written"):
            kept.append([noted("lost")])
    assert kept.load().records == (OPENED,)
    kept.append([noted("after")])
    assert kept.load().records == (OPENED, noted("after"))


def test_of_a_batch_that_met_a_full_disk_nothing_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = journal(tmp_path)
    kept.append([OPENED])
    really, written = os.write, 0

    def until_full(descriptor: int, data: memoryview) -> int:
        nonlocal written
        if written:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written = really(descriptor, data[:-3])
        return written

    with monkeypatch.context() as broken:
        broken.setattr(os, "write", until_full)
        with pytest.raises(JournalError, match="No space left"):
            kept.append([noted("one"), noted("two")])
    assert written
    assert kept.load().records == (OPENED,)
    assert torn(tmp_path) == ()


def test_the_name_of_a_new_journal_is_made_durable_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[bool] = []
    really = os.fsync

    def watched(descriptor: int) -> None:
        synced.append(stat.S_ISDIR(os.fstat(descriptor).st_mode))
        really(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    kept = journal(tmp_path)
    kept.append([OPENED])
    kept.append([noted("second")])
    assert synced == [False, True, False]


@pytest.mark.parametrize("later", ["", "x" * 500], ids=["shorter", "grown past it"])
def test_who_read_what_was_taken_back_reads_all_again(tmp_path: Path, later: str) -> None:
    kept = journal(tmp_path)
    kept.append([OPENED])
    size = kept.path.stat().st_size
    kept.append([noted("taken back")])
    place = kept.load().place
    os.truncate(kept.path, size)
    if later:
        kept.append([noted(later)])
    load = kept.load(place)
    assert load.anew
    assert load.records == ((OPENED, noted(later)) if later else (OPENED,))
    assert not kept.load(load.place).anew
    kept.path.unlink()
    assert kept.load(load.place).anew


def test_a_writer_waits_for_the_one_that_writes(tmp_path: Path) -> None:
    kept = IncidentFile(tmp_path, lock=partial(lock_exclusively, patience_s=0.0), prepare=prepare_state_dir)
    kept.append([OPENED])
    with kept.path.open("rb") as other:
        lock_exclusively(other.fileno(), kept.path, patience_s=0.0)
        with pytest.raises(FileLockedError, match="locked"):
            kept.append([noted("too early")])
    kept.append([noted("now")])
    assert kept.load().records == (OPENED, noted("now"))
