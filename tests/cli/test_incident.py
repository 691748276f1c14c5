"""``fleetui incident`` from its beginning to its bundle, against a cluster that does not answer: our record goes on."""

import json
import os
import stat
import tarfile
from pathlib import Path

import pytest
import yaml

from fleetui.cli.arguments import parse
from fleetui.clients.incident_file import NAME
from fleetui.clients.system import UlidIds
from fleetui.control.desk import Desk
from fleetui.control.sqlite_store import SqliteStore
from fleetui.model.cluster import ClusterRef
from fleetui.model.incident.record import Noted
from fleetui.model.operation import Actor, Intent, Target
from fleetui.wiring import run
from fleetui.wiring.incident_file import journal
from fleetui.wiring.session import Session, open_session
from tests.console.world import StillClock
from tests.model.incident.stories import ID, NOON, STORY, seen
from tests.model.incident.stories import entry as entry_of

SECRET = "hunter2-Sesame"


@pytest.fixture
def line(tmp_path: Path) -> list[str]:
    """What every command of a test begins with: files of its own, one cluster that refuses."""
    cluster = {"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}
    context = {"name": "far-away", "context": {"cluster": "c", "user": ""}}
    config = {"apiVersion": "v1", "kind": "Config", "clusters": [cluster], "contexts": [context]}
    (tmp_path / "kubeconfig").write_text(yaml.safe_dump(config))
    (tmp_path / "config.yaml").write_text("")
    return [
        "--config", str(tmp_path / "config.yaml"), "--kubeconfig", str(tmp_path / "kubeconfig"),
        "--state-dir", str(tmp_path / "state"), "--readonly",
    ]  # fmt: skip


def session(line: list[str]) -> Session:
    return open_session(parse([*line, "incident", "list"]))


def do(line: list[str], *words: str) -> int:
    return run(parse([*line, "incident", *words]))


def test_one_is_begun_written_into_closed_and_shown_also_read_only(
    line: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert do(line, "start", "rack C dark", "--cluster", "far-away") == 0
    begun = capsys.readouterr().out
    short = begun.split()[0][-6:]
    assert "begun: 0 alerts, clusters far-away" in begun
    assert do(line, "note", short, "feed A is off\nsince noon") == 0
    assert do(line, "tick", short, "lead") == 0
    assert do(line, "tick", short, "ack") == 0
    assert do(line, "tick", short, "ack", "--undo") == 0
    assert do(line, "close", short, "power is back") == 0
    capsys.readouterr()
    assert do(line, "show", short) == 0
    shown = capsys.readouterr().out
    for said in (
        "rack C dark", "closed ", "summary: power is back", "? events, changes of far-away: not read (refused)",
        "feed A is off since noon", "[x] lead", "[ ] ack",
    ):  # fmt: skip
        assert said in shown, said
    assert do(line, "list", "-o", "json") == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["title"], row["state"], row["summary"], row["notes"]) == ("rack C dark", "closed", "power is back", 1)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("start", "x"), "an alert or a cluster"),
        (("start", "x", "--cluster", "nowhere"), "no cluster nowhere"),
        (("note", "NONE", "x"), "none match; see fleetui incident list"),
        (("close", ID, " "), "a summary is needed"),
        (("tick", ID, "dance"), "there are lead, ack"),
        (("export", ID, "-o", "/"), "/ exists"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(
    line: list[str], words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    journal(session(line)).append(STORY)
    assert do(line, *words) == 2
    assert said in capsys.readouterr().err
    assert len(journal(session(line)).load().records) == len(STORY)


def test_what_is_asked_for_and_does_not_fire_is_status_1(line: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert do(line, "start", "x", "call=page") == 1
    assert "no alert that is asked for fires" in capsys.readouterr().out
    assert journal(session(line)).load().records == ()


def planted(line: list[str]) -> None:
    more = [
        seen(entry_of(f"password={SECRET}", 5.0, fact="p")),
        Noted(incident=ID, at=9.0, by="ben@jump-2", text=f"login with Bearer {SECRET} from 10.0.0.7"),
    ]
    journal(session(line)).append([*STORY, *more])


def test_a_bundle_is_a_directory_or_an_archive_for_its_owner_alone_without_secrets(
    line: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    planted(line)
    assert do(line, "export", ID[-6:], "-o", str(tmp_path / "out")) == 0
    assert "not in it: cluster prod-1: no kubeconfig names it" in capsys.readouterr().out
    assert do(line, "export", ID[-6:], "-o", str(tmp_path / "out.tar.gz"), "--no-addresses") == 0
    files = {path.name: path.read_text() for path in (tmp_path / "out").iterdir()}
    with tarfile.open(tmp_path / "out.tar.gz") as archive:
        names = {Path(name).name for name in archive.getnames()}
        packed = archive.extractfile("out/timeline.md")
        assert packed is not None
        assert "10.0.0.7" not in packed.read().decode().replace("\\", "")
    assert names == set(files) >= {"timeline.json", "timeline.md", "postmortem.md", "operations.json", "REDACTED.md"}
    assert not [name for name, text in files.items() if SECRET in text]
    assert "bearer token, 1 times" in files["REDACTED.md"]
    assert "10.0.0.7" in files["timeline.md"].replace("\\", "")
    for path in (tmp_path / "out", *(tmp_path / "out").iterdir(), tmp_path / "out.tar.gz"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


def test_operations_of_its_clusters_are_in_the_bundle_with_their_audit(line: list[str], tmp_path: Path) -> None:
    planted(line)
    where = session(line).paths
    clock = StillClock(NOON + 30)
    store = SqliteStore(where.operations, clock)
    desk = Desk(store, clock=clock, ids=UlidIds(), actor=Actor("ana", "jump-1"))
    for name in ("prod-1", "elsewhere"):
        reason = f"CHG-1 token={SECRET}"
        desk.propose(Intent("drain", ClusterRef(name, name), (Target("wk-1", "u1"),), reason=reason), key=name)
    store.close()
    assert do(line, "export", ID, "-o", str(tmp_path / "out")) == 0
    text = (tmp_path / "out" / "operations.json").read_text()
    (operation,) = json.loads(text)
    assert [entry["event"] for entry in operation["audit"]] == ["submission"]
    assert operation["audit"][0]["user"] == "ana"
    assert "CHG-1" in text
    assert SECRET not in text


@pytest.mark.parametrize(("form", "begins"), [("postmortem", "# Post-mortem: checkout is slow"), ("json", "{")])
def test_one_file_has_no_secrets_either_and_is_never_overwritten(
    line: list[str], tmp_path: Path, form: str, begins: str, capsys: pytest.CaptureFixture[str]
) -> None:
    planted(line)
    file = tmp_path / "out"
    assert do(line, "export", ID, "--format", form, "-o", str(file)) == 0
    written = file.read_text()
    assert written.startswith(begins)
    assert SECRET not in written
    assert do(line, "export", ID, "--format", form, "-o", str(file)) == 2
    assert file.read_text() == written
    assert "exists" in capsys.readouterr().err


def test_hostile_words_are_printed_harmlessly(line: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    evil = "x\x1b]0;owned\x07\x9b31m\u202e\u200b"
    journal(session(line)).append([*STORY, Noted(incident=ID, at=1.0, by=evil, text=evil)])
    for words in (("show", ID), ("show", ID, "-o", "json"), ("list",)):
        assert do(line, *words) == 0
        out = capsys.readouterr().out
        assert not set(out) & {"\x1b", "\x07", "\x9b", "\u202e", "\u200b"}


def test_what_is_damaged_is_told_and_the_rest_is_shown(line: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    journal(session(line)).append(STORY)
    file = session(line).paths.state_dir / NAME
    file.write_bytes(file.read_bytes().replace(b"feed A of rack C is dark", b"feed B of rack C is dark"))
    assert do(line, "show", ID) == 0
    said = capsys.readouterr()
    assert "is not what was written" in said.err
    assert "checkout is slow" in said.out


def test_the_half_of_a_record_is_kept_aside_and_named(line: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    journal(session(line)).append(STORY)
    file = session(line).paths.state_dir / NAME
    file.write_bytes(file.read_bytes() + b'0000beef {"rec')
    assert do(line, "note", ID, "after") == 0
    assert do(line, "show", ID) == 0
    said = capsys.readouterr()
    assert f"{NAME}.torn-" in said.err
    assert "after" in said.out


def test_a_journal_that_cannot_be_written_is_status_2(line: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    journal(session(line)).append(STORY)
    os.chmod(session(line).paths.state_dir, 0o777)
    assert do(line, "note", ID, "x") == 2
    assert "others may write to" in capsys.readouterr().err
